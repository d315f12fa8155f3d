/* SPDX-License-Identifier: MIT */
/*
 * chart - fold state records, in any order, into what a picture can show of them
 *
 * Each task and each CPU is a row. A row has the time spent in each state, in bins; the longest
 * intervals, waits and losses are kept whole, with their texts. Memory grows with the rows and with
 * what fits into the picture. If chart.whole is set, all intervals of tasks, calls and interrupts
 * are kept, too: about 6 bytes for each interval, at most CHART_STACK_MB for the stacks.
 */

#ifndef CHART_H
#define CHART_H

#include "base/hash.h"
#include "base/intern.h"
#include "base/strbuf.h"
#include "base/top.h"
#include "base/window.h"
#include "bins.h"
#include "energy/energy.h"
#include "energy/rapl.h"
#include "rec/rec.h"
#include "rec/tasklist.h"

enum chart_state {
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
	CHART_TASK_STATES,
	CHART_CPU_RUNNING = CHART_TASK_STATES, /* a CPU's: some task, by its tid modulo 4 */
	CHART_CPU_RUNNING3 = CHART_CPU_RUNNING + 3,
	CHART_CPU_IDLE,
	CHART_CPU_UNKNOWN,
	CHART_FREQ,      /* time multiplied by kHz */
	CHART_FREQ_TIME, /* time with a known frequency */
	CHART_C0,        /* cpuidle state 0, and so on; the last is for all deeper ones */
	CHART_C7 = CHART_C0 + 7,
	CHART_IN_IRQ,
	CHART_IN_SOFTIRQ,
	CHART_STATES,
	CHART_IO_READ = CHART_STATES, /* those of files and devices; only time is added up */
	CHART_IO_WRITE,
	CHART_IO_NET,
	CHART_IO_POLL,
	CHART_IO_OTHER,
	CHART_LOOKS
};

enum chart_meta {
	CHART_HOSTNAME,
	CHART_OSRELEASE,
	CHART_ARCH,
	CHART_NRCPUS,
	CHART_CMDLINE,
	CHART_CLOCK_UNIT,
	CHART_METAS
};

enum { CHART_COMM = 22 };

struct chart_machine {
	struct str name;
	struct str host; /* of a guest, if known: the machine that runs its CPUs; else p is NULL */
	struct str meta[CHART_METAS]; /* p is NULL if not known */
	uint64_t lost;                /* events, as far as they were counted */
	uint64_t losses;              /* lost records */
	struct str command;           /* the name of what was recorded; p is NULL if not known */
	struct str missing; /* a gap of all CPUs for which tasks may seem to wait; else p is NULL */
	bool guessed;       /* the command: no child of a recorder is known to have executed it */
	uint64_t stacks;    /* chart_stacks_machine() */
};

/* A task has cpu -1, a CPU has pid and tid -1. */
struct chart_key {
	uint32_t machine;
	int32_t cpu, pid, tid;
	int64_t birth;
};

/* A name, as in records, its numbers replaced by #; to be shown, only those in which its tasks
 * differ. For the recorded command and what it started, the path leads from the command's name down
 * to it. */
struct chart_path {
	uint32_t parent; /* or CHART_NO_PATH */
	struct str name, shown;
};

#define CHART_NO_PATH UINT32_MAX

/* A thread that runs a CPU of a guest. */
struct chart_vcpu {
	uint32_t machine;
	int32_t pid, tid, vcpu; /* pid and vcpu are -1 if not known */
	int64_t t;              /* from then on */
	struct str guest;
};

struct chart_row {
	struct chart_key key;
	int64_t first, end;    /* the extent of its states */
	int64_t named;         /* the end of the latest state that named it */
	int64_t first_run;     /* INT64_MAX if it never ran */
	int64_t since;         /* its family is selected from then on; INT64_MAX: it is not */
	uint32_t lane;         /* the first of its states' lanes in chart.bins, or in chart.spent */
	uint32_t path;         /* in chart.path */
	uint32_t family;       /* the same for tasks of one path that started one another */
	uint32_t below;        /* how many of these are above it */
	uint32_t vcpu;         /* 1 + the number in chart_rows.vcpu; 0 if it is none */
	bool command;          /* the recorded command, or started by it */
	bool selected;         /* itself, or as one of a family */
	uint8_t comm_n;        /* 0 if not known */
	char comm[CHART_COMM]; /* its latest name, as in the record, cut */
};

enum { CHART_RECENT = 4096 };

struct chart_rows {
	struct chart_machine *machine; /* in no order */
	size_t nmachine, machine_cap;
	struct chart_row *row; /* in no order */
	size_t n, cap;
	struct chart_vcpu *vcpu;
	size_t nvcpu, vcpu_cap;
	struct hash vcpus;             /* machine << 32 | tid -> 1 + its number in vcpu */
	struct intern names, keys;     /* of the machines, of the rows */
	struct intern guests;          /* the names that vcpu records give them */
	uint32_t last;                 /* the machine that was found last */
	uint32_t recent[CHART_RECENT]; /* by some bits of a key: a row that had them */
};

/* An interval long enough to be drawn by itself. */
struct chart_box {
	struct top_item item;
	int64_t t, end;
	uint32_t row;
	enum chart_state state;
	int32_t cpu;
	int64_t prio;
	struct str comm, word, info, stack; /* as in the record; word is its state */
};

struct chart_arrow {
	struct top_item item;
	int64_t t, waited;
	int32_t cpu;
	struct chart_key waker, wakee;
	struct str comm, wakee_comm, type, context, stack;
};

/* What an interval has in common with many others. There is no padding: the bytes are a key. */
struct chart_kind {
	uint64_t stack; /* for chart_stack_of(); 0 if there is none */
	int32_t cpu;    /* -1 if not known */
	int32_t prio;   /* INT32_MIN if not known */
	uint8_t state;
	uint8_t begin, end; /* enum chart_edge */
	uint8_t context;    /* enum chart_context */
	uint8_t wake;       /* enum chart_wake */
	uint8_t waker;      /* whether it is known */
	uint8_t unused[2];
};

enum chart_edge { CHART_SEEN, CHART_INFERRED, CHART_EDGE_UNKNOWN, CHART_OPEN, CHART_LOST };
enum chart_context { CHART_TASK, CHART_HARDIRQ, CHART_SOFTIRQ, CHART_NMI, CHART_CONTEXT_UNKNOWN };
enum chart_wake { CHART_WAKEUP, CHART_NEW, CHART_WAKING };

struct chart_used {
	struct chart_kind is;
	uint64_t used; /* the number of intervals of this kind */
};

/* One state of a task; an idle or unknown state of a CPU. */
struct chart_interval {
	int64_t t, end;
	uint32_t kind; /* in chart.kind */
	uint32_t comm;
	int32_t waker; /* a tid, -1 if not known */
};

/* A time in which events are missing. */
struct chart_mark {
	struct top_item item;
	int64_t t, end;
	uint32_t machine;
	int32_t cpu;    /* -1 for all */
	bool gap;       /* bytes not decoded, or a switch not seen */
	bool folded;    /* a cpustate, which repeats a lost record */
	uint64_t count; /* REC_NO_U64 if not known */
	struct str what;
};

/* A piece of a critical path. */
struct chart_piece {
	struct top_item item;
	int64_t t, end;
	struct chart_key task;
	uint64_t depth;
	struct str state, why, chain;
};

struct chart_kept {
	struct top boxes;                 /* in no order */
	struct top arrows, marks, pieces; /* the greatest first */
	uint64_t npieces;                 /* within the window */
	uint64_t least;                   /* ns: shorter intervals are not kept */
	uint64_t least_span;              /* the recording's length when that was computed */
};

struct chart_power_key {
	uint32_t machine;
	enum rapl_domain domain;
	uint64_t run;
	int32_t socket, die, core, cpu;  /* -1 if not known */
	char place[RAPL_PLACE_NAME + 1]; /* the place if it is not a number; else empty */
};

struct chart_power_row {
	struct chart_power_key key;
	uint32_t lane;  /* milliwatts multiplied by time; the next: time with a known power */
	uint64_t ns, n; /* in the window; the number of intervals that end there */
	uint64_t nanojoules, error; /* in the window */
	uint64_t most;              /* milliwatts in one interval */
};

/* The power of energy counters that share a clock. */
struct chart_power {
	struct chart_power_row *row;
	size_t n, cap;
	struct intern keys;
	struct bins bins;
};

enum { CHART_IO_LONGEST = 3 };

/* A system call or a request; what is the name of the call, or the operation. */
struct chart_io_call {
	uint64_t ns;
	int64_t t;
	int32_t tid; /* -1 if not known */
	uint8_t comm_n, what_n;
	char comm[CHART_COMM], what[CHART_COMM];
};

/* A call, request or interrupt whose end was recorded, whole even if it reaches out of the window.
 */
struct chart_call {
	int64_t t, end;
	uint64_t bytes;   /* REC_NO_U64 if not known */
	int32_t tid, cpu; /* -1 if not known */
	int32_t error;    /* an errno, or 0 */
	uint32_t what; /* in chart_io.whats: the name of the call or interrupt, or the operation */
	enum chart_state state;
};

/* What an io row shows: calls on a file, calls without a file (futex, poll), requests to a device,
 * or the interrupts of a CPU. Of interrupts it has only the calls, and those only if the chart is
 * whole.
 */
enum chart_io_kind { CHART_FILE, CHART_NO_FILE, CHART_DEVICE, CHART_INTERRUPTS };

/* The time that the selected tasks spent in calls on a file, or that requests of a device took. */
struct chart_io_row {
	uint32_t machine;
	enum chart_io_kind kind;
	struct str name;
	int32_t cpu;   /* of interrupts */
	uint32_t lane; /* of CHART_IO_READ in chart.bins, then the others; interrupts have none */
	uint64_t ns, poll_ns;      /* of all; of those that wait for something to happen */
	uint64_t n, bytes, errors; /* of those that end in the window */
	uint64_t endless;          /* requests without a recorded end, whose time is not in ns */
	struct chart_io_call longest[CHART_IO_LONGEST];
	size_t ncall; /* those that chart_calls() has, unless they are too many */
	/* private */
	struct strbuf calls;
	int64_t last_t;
	int32_t last_tid;
};

/* The calls of one name that have no file. */
struct chart_io_sum {
	uint32_t machine, what;
	bool poll;
	uint64_t ns, n;
};

struct chart_io {
	struct chart_io_row *row;
	size_t n, cap;
	struct chart_io_sum *sum; /* by machine, polls last, those that took longest first */
	size_t nsum, sum_cap;
	struct intern sums; /* machine, name and whether it polls */
	struct intern keys;
	struct strbuf key; /* being made */
	struct intern whats;
	struct chart_io_entry *entry; /* if tasks are selected: all calls */
	size_t nentry, entry_cap;
};

/* What the interrupts of one name took on a CPU. */
struct chart_irq {
	uint32_t row;
	bool soft;
	struct str name; /* with the number, if it has one */
	uint64_t ns, n, most;
};

struct chart_irqs {
	struct chart_irq *irq; /* by CPU, then kind, the longest first */
	size_t n, cap;
	struct intern names, keys;
};

/* The time that a task spent in a state, and the number of bins in which that changes. */
struct chart_spent {
	uint64_t ns;
	uint32_t edges;
};

enum { CHART_STACK_MB = 256 }; /* the most memory for stacks */

struct chart {
	/* set before chart_open() */
	struct window time;    /* what to draw; learns the times of the states */
	size_t columns;        /* of the picture */
	struct tasklist tasks; /* what to draw; if there are none, all */
	bool whole;            /* keep all intervals, for chart_intervals() */
	size_t
	    most_calls; /* of a row that chart_calls() may be asked for; rows with more have none */
	/* valid after chart_end() */
	struct bins bins;
	struct chart_spent *spent; /* the states of tasks, if the chart is whole; else NULL */
	struct chart_rows rows;
	struct chart_path *path;
	size_t npath;
	struct chart_kept kept;
	const struct chart_used *kind; /* of the intervals, if the chart is whole; all differ but
					* those with used 0 */
	size_t nkind;
	size_t nhead;                 /* of stacks; see struct chart_parts */
	uint64_t undefined;           /* states within the window whose @HASH is defined nowhere */
	uint64_t lost_stacks;         /* states within the window whose stacks were dropped */
	struct chart_power power;     /* on the clock of the states */
	struct chart_power own_clock; /* on another clock */
	struct chart_io io;           /* files, then devices, of each machine */
	struct chart_irqs irqs;
	uint64_t
	    wakeups[2];   /* arrows within the window, of selected tasks: by tasks, by interrupts */
	bool switched;    /* a state at any time is known: the recording has switches */
	bool lost;        /* events were lost within the window */
	uint64_t records; /* the number of state, cpustate and energy records */
	/* private */
	struct hash
	    woken; /* if tasks are selected: wakee -> its wakeups, those by interrupts << 32 */
	struct chart_stacks *stacks;
	struct chart_lineage *lineage;
	struct chart_intervals *intervals;
};

void chart_open(struct chart *);

/* Fold a line of any kind whose fields are unread. False with the reader's fault set if it is
 * malformed. */
bool chart_add(struct chart *, struct recin *, struct rec *);

/* Call it after the last line; the chart stays as it is from then on. */
void chart_end(struct chart *);

/* Why nothing is known of any task, such as that the recording has no switches; NULL if something
 * is.
 */
const char *chart_lack(const struct chart *);

void chart_free(struct chart *);

/* The row of a task or CPU; NULL if there is none. */
const struct chart_row *chart_find(const struct chart *, const struct chart_key *);

static inline struct str
chart_comm(const struct chart_row *row)
{
	return (struct str){ row->comm, row->comm_n };
}

/* The lane of a state, in chart.bins unless it is one of a task in a chart of whole intervals, for
 * which there is chart_spread(); tasks and CPUs have different states. */
static inline uint32_t
chart_lane(const struct chart_row *row, enum chart_state s)
{
	return row->lane + (uint32_t)(row->key.cpu < 0 ? s : s - CHART_CPU_RUNNING);
}

/* The number of bins in which a state changes, 0 if the row is never in it. */
static inline size_t
chart_edges(const struct chart *c, const struct chart_row *row, enum chart_state s)
{
	if ((row->key.cpu >= 0) != (s >= CHART_CPU_RUNNING))
		return 0;
	return c->spent != NULL && row->key.cpu < 0 ? c->spent[chart_lane(row, s)].edges
						    : bins_edges(&c->bins, chart_lane(row, s));
}

static inline bool
chart_has(const struct chart *c, const struct chart_row *row, enum chart_state s)
{
	return chart_edges(c, row, s) > 0;
}

/* ns, 0 if the row is never in that state. */
uint64_t chart_total(const struct chart *, const struct chart_row *, enum chart_state);

/* ns of the calls or requests of a row, 0 for interrupts. */
uint64_t chart_io_total(const struct chart *, const struct chart_io_row *, enum chart_state);

/* Which CPU of a guest a task is; NULL if it is none. */
static inline const struct chart_vcpu *
chart_vcpu(const struct chart *c, const struct chart_row *row)
{
	return row->vcpu > 0 ? &c->rows.vcpu[row->vcpu - 1] : NULL;
}

/* How a CPU shows that a task runs. */
static inline enum chart_state
chart_on_cpu(int32_t tid)
{
	return CHART_CPU_RUNNING + ((unsigned)tid & 3);
}

/* The frames of a stack field: itself, or those of its @HASH; "-" if these are not known. */
struct str chart_stack(const struct chart *, uint32_t machine, struct str stack);

/* The frames of a stack in two parts. Many stacks share a head, the frames of the kernel, so
 * callers keep what they make of a head by its number, which is less than chart.nhead. The number
 * is CHART_NO_HEAD if all frames are in the tail; the tail is "-" if the stack is not known. */
struct chart_parts {
	uint32_t number;
	struct str head, tail;
	bool dropped; /* not known for want of room */
};

#define CHART_NO_HEAD UINT32_MAX

/* The stack of a kind. */
struct chart_parts chart_stack_of(const struct chart *, uint64_t stack);

/* All intervals of a row, whole even if they reach out of the window: in order, none overlaps. The
 * list is allocated. Returns their number. */
size_t chart_intervals(const struct chart *, uint32_t row, struct chart_interval **list);

/* Read the same intervals one after the other, which takes no memory:
 *
 *	chart_walk_start(&w, chart, row);
 *	while (chart_walk_next(&w, &interval))
 *		...
 *	chart_walk_end(&w);
 */
enum { CHART_BATCH = 64 };

struct chart_walk {
	/* private */
	struct chart_last {
		int64_t end;
		uint32_t comm, kind, waker;
	} last;                  /* of the interval before */
	const void *row, *piece; /* the piece that follows */
	const unsigned char *at, *end;
	const struct chart_interval *next, *stop; /* those that are unpacked */
	struct chart_interval *sorted;            /* all, if they have to be sorted */
	struct chart_interval batch[CHART_BATCH];
};

void chart_walk_start(struct chart_walk *, const struct chart *, uint32_t row);
void chart_walk_end(struct chart_walk *);

/* Unpack more intervals; false if there are none. Only chart_walk_next() calls it. */
bool chart_walk_unpack(struct chart_walk *);

static inline bool
chart_walk_next(struct chart_walk *w, struct chart_interval *i)
{
	if (w->next == w->stop && !chart_walk_unpack(w))
		return false;
	*i = *w->next++;
	return true;
}

/* Spread the intervals of a task over the cells of all CHART_TASK_STATES, one state after the
 * other.
 */
void chart_spread(const struct chart *, uint32_t row, struct bins_cell *);

/* All calls or requests of a row in chart.io by time, in an allocated list, if the chart is whole.
 * Returns their number. */
size_t chart_calls(const struct chart *, const struct chart_io_row *, struct chart_call **list);

/* The most intervals that chart_intervals() can return. */
size_t chart_intervals_of(const struct chart *, uint32_t row);

static inline const struct chart_kind *
chart_kind(const struct chart *c, const struct chart_interval *i)
{
	return &c->kind[i->kind].is;
}

/* The name that a task had in an interval, as in the record. */
struct str chart_interval_comm(const struct chart *, const struct chart_interval *);

/* Order by machine (the host first, a guest after the machine that runs it), then a CPU's number or
 * a task's pid, tid and birth. */
int chart_key_order(const struct chart_rows *, const struct chart_key *, const struct chart_key *);

static inline int
chart_order(struct str a, struct str b)
{
	int d = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return d != 0 ? d : (a.n > b.n) - (a.n < b.n);
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

#endif
