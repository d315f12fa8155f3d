/* SPDX-License-Identifier: MIT */
/*
 * chart - fold state records, in any order, into what a picture of them can show
 *
 * Each task and each CPU is a row. A row keeps how long it was in which state in each of some
 * thousand bins of time; the longest intervals and waits are kept whole, with their texts. So
 * memory grows with the rows and with what fits into the picture, not with the records.
 */

#ifndef CHART_H
#define CHART_H

#include "base/hash.h"
#include "base/top.h"
#include "bins.h"
#include "chart_power.h"
#include "rec/rec.h"

/* What a row can spend its time with. */
enum chart_what {
	CHART_RUNNING, /* a task's states */
	CHART_PREEMPTED,
	CHART_RUNNABLE,
	CHART_UNINTERRUPTIBLE,
	CHART_STOPPED,
	CHART_TRACED,
	CHART_PARKED,
	CHART_IDLE,
	CHART_SLEEPING,
	CHART_UNKNOWN,
	CHART_STATES,
	CHART_CPU_RUNNING = CHART_STATES, /* a CPU's: some task, by its tid modulo 4 */
	CHART_CPU_RUNNING3 = CHART_CPU_RUNNING + 3,
	CHART_CPU_IDLE,
	CHART_CPU_UNKNOWN,
	CHART_FREQ,      /* time, kHz times */
	CHART_FREQ_TIME, /* time with a known frequency */
	CHART_C0,        /* cpuidle state 0, and so on; the last is for all above */
	CHART_C7 = CHART_C0 + 7,
	CHART_WHATS
};

enum {
	CHART_LANES = CHART_WHATS - CHART_STATES,
	CHART_COMM = 22,
	CHART_CACHE = 1024,
	CHART_SPANS = 32
};

enum chart_meta {
	CHART_HOSTNAME,
	CHART_OSRELEASE,
	CHART_ARCH,
	CHART_NRCPUS,
	CHART_CMDLINE,
	CHART_METAS
};

struct chart_machine {
	struct str name;
	struct str meta[CHART_METAS]; /* p is NULL where not known */
	uint64_t lost;                /* events, as far as they were counted */
	uint64_t losses, gaps;        /* records that say so */
};

struct chart_lane {
	uint64_t total; /* ns */
	struct bins bins;
};

/* A task has cpu -1, a CPU has pid and tid -1. */
struct chart_key {
	uint32_t machine;
	int32_t cpu, pid, tid;
	int64_t birth;
};

struct chart_row {
	struct chart_key key;
	bool picked;    /* one of the tasks asked for */
	uint8_t comm_n; /* its last name as in the record, cut; 0 bytes where not known */
	char comm[CHART_COMM];
	int64_t last, first_run;    /* when what is known of it ends, when it first ran */
	int64_t from, to;           /* a task is known all the time; not in its lanes yet */
	uint32_t lane[CHART_LANES]; /* by what it does, less CHART_STATES for a CPU: 1 + an index,
				     * or 0 */
};

/* What a task did from t to end, not yet added to its row. */
struct chart_span {
	struct chart_key task;
	enum chart_what what;
	int32_t cpu; /* where it ran, -1 where it did not */
	uint32_t row, lane;
	int64_t t, end;
	bool picked;
	uint8_t comm_n;
	char comm[CHART_COMM];
};

/* An interval long enough to be drawn by itself. */
struct chart_box {
	struct top_item item;
	int64_t t, end;
	uint32_t row;
	enum chart_what what;
	int32_t cpu;
	int64_t prio;
	struct str comm, word, info, stack; /* as in the record; the word is its state */
};

struct chart_arrow {
	struct top_item item;
	int64_t t, waited;
	int32_t cpu;
	struct chart_key waker, wakee;
	struct str comm, wakee_comm, type, context, stack;
};

/* Where events are missing. */
struct chart_mark {
	struct top_item item;
	int64_t t, end;
	uint32_t machine;
	int32_t cpu;    /* -1 for all */
	bool gap;       /* of undecoded bytes, or a switch that was not seen */
	bool folded;    /* told by a cpustate, which repeats a lost */
	uint64_t count; /* REC_NO_U64 where not known */
	struct str what;
};

struct chart {
	/* to be set before chart_open() */
	int64_t from, to;       /* the window */
	size_t columns;         /* of the picture */
	const struct str *pick; /* npick pids, tids or names of the tasks wanted; all where 0 */
	size_t npick;
	/* to be read behind chart_end() */
	struct bins_scale scale;
	struct chart_machine *machine; /* in no order */
	size_t nmachine;
	struct chart_row *row; /* in no order */
	size_t nrow;
	struct chart_lane *lane;
	size_t nlane;
	struct top boxes, arrows, marks;
	struct chart_power power; /* on the clock of the others */
	struct chart_power apart; /* on one of its own */
	uint64_t records;         /* state, cpustate and energy */
	uint64_t states;          /* of those, state records in the window */
	/* inside */
	size_t machine_cap, row_cap, lane_cap;
	struct hash machine_by, row_by;
	uint32_t machine_last;           /* the one looked up last, if there are any */
	uint32_t row_cache[CHART_CACHE]; /* 1 + a row, by some bits of its key */
	struct chart_span span[CHART_SPANS];
	size_t nspan;
	uint64_t least;      /* ns: shorter intervals are no boxes */
	uint64_t least_span; /* when that was computed */
	size_t held_max;
	size_t budget; /* bins_edges; 0 for the usual */
	struct chart_texts *stacks;
};

void chart_open(struct chart *);

/* Fold a line of any kind, whose fields are unread. False with the reader's fault set where it is
 * wrong. */
bool chart_add(struct chart *, struct recin *, struct rec *);

/* All is read: from here on the chart stays as it is, but for chart_read(). */
void chart_end(struct chart *);

void chart_free(struct chart *);

/* The row of a task; NULL where there is none. */
struct chart_row *chart_find(const struct chart *, const struct chart_key *);

static inline struct str
chart_comm(const struct chart_row *row)
{
	return (struct str){ row->comm, row->comm_n };
}

/* What a row does, NULL where it never does. */
struct chart_lane *chart_lane(const struct chart *, const struct chart_row *, enum chart_what);

/*
 * The ns that a row does something in each of bins_count() bins. What a task sleeps is not kept but
 * what is known of it at all, in the bins of that lane, which has no edges where one state follows
 * another: the rest is sleep.
 */
void chart_read(struct chart *, const struct chart_row *, enum chart_what, uint64_t *ns);

/* How many edges a picture of that has, or about as many. */
size_t chart_edges(struct chart *, const struct chart_row *, enum chart_what);

/* ns, 0 where it never does. */
uint64_t chart_total(const struct chart *, const struct chart_row *, enum chart_what);

/* The frames of a stack field: itself, or those of its @HASH; "-" where these are not known. */
struct str chart_stack(const struct chart *, uint32_t machine, struct str stack);

/* The value of a key in an info field, still escaped; p is NULL where there is none. */
struct str chart_value(struct str info, const char *key);

/* Order by machine (the host first), then a CPU's number or a task's pid, tid and birth. */
int chart_key_order(const struct chart *, const struct chart_key *, const struct chart_key *);

/* For chart's own files: find or make. */
uint32_t chart_machine_of(struct chart *, struct str name);
uint32_t chart_row_of(struct chart *, const struct chart_key *);
void chart_row_near(const struct chart *, const struct chart_key *); /* it will be needed soon */
uint32_t chart_cpu_of(struct chart *, uint32_t machine, int32_t cpu);
uint32_t chart_lane_of(struct chart *, uint32_t row, enum chart_what);
void chart_squeeze(struct chart *);
void chart_rows_free(struct chart *);

/*
 * Add time to a row: at once, or later, with that of other tasks. Each task's row, lane and bins
 * are far apart in memory; those of many are asked for before the first of them is needed.
 */
void chart_spend(struct chart *, uint32_t row, enum chart_what, int64_t t, int64_t end);
void chart_spend_later(struct chart *, struct str comm); /* that of the next span */
void chart_spend_all(struct chart *);
void chart_spend_end(struct chart *);

/* Is an interval long enough for a box? Shorter ones can never be drawn as one. */
bool chart_long(struct chart *, int64_t t, int64_t end);
void chart_kept_open(struct chart *);
void chart_keep_box(struct chart *, const struct chart_box *);
bool chart_arrow_wanted(const struct chart *, const struct recin *, struct rec *);
void chart_keep_arrow(struct chart *, const struct rec *);
void chart_keep_lost(struct chart *, const struct rec *);
void chart_kept_free(struct chart *);

/* What a CPU does that runs a task. */
static inline enum chart_what
chart_on_cpu(int32_t tid)
{
	return CHART_CPU_RUNNING + ((unsigned)tid & 3);
}

static inline int
chart_order(struct str a, struct str b)
{
	int d = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return d != 0 ? d : (a.n > b.n) - (a.n < b.n);
}

#endif
