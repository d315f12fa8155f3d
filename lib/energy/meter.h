/* SPDX-License-Identifier: MIT */
/*
 * meter - fold the readings of energy counters into intervals: how much energy, from when to when,
 * how sure
 *
 * A recording is one or several runs. Readings with time stamps end an interval that starts with
 * the stamp before; readings without belong to one block, of which the length may follow. What a
 * register counted between two polls is told from a wrap and from a reset by what is plausible.
 * Rows are held back while later lines decide about them: the first intervals of a run, a block
 * until its end, the dies of a package until they differ.
 */

#ifndef METER_H
#define METER_H

#include "base/fault.h"
#include "base/hash.h"
#include "rapl.h"

enum {
	METER_HOLD = 5,        /* intervals that tell whether the first is whole */
	METER_SAME = 16,       /* equal samples that make a die the mirror of another */
	METER_SERIES = 1 << 16 /* the most counters that a recording may have */
};

enum meter_mirror { METER_APART, METER_UNDECIDED, METER_SAME_COUNTER };

/* One counter at one place. */
struct meter_series {
	uint32_t index;
	enum rapl_domain domain;
	struct rapl_place place;
	struct str event;
	uint32_t run;   /* the last one it was seen in: the rest is of that run */
	int64_t t;      /* when it was read last, or where its last interval ended */
	uint64_t count; /* then */
	bool wrapped;
	uint32_t block;                 /* the last one it was seen in */
	struct energy total, total_err; /* of its intervals */
	struct energy last;             /* value, counters, run time of running totals */
	int64_t last_counters, last_runtime;
	/* mirrors */
	enum meter_mirror mirror;
	uint32_t like;  /* the series that it may mirror */
	unsigned same;  /* samples in which they were equal */
	int64_t t0, t1; /* the last row's */
	struct energy energy, err;
};

/* The energy of one counter over one interval. */
struct meter_row {
	uint32_t run;
	const struct meter_series *series;
	int64_t t0, t1, dt; /* RAPL_NO_TIME: not known; dt > 0 */
	int64_t counters;   /* hardware counters added up in it, -1: not known */
	bool known;         /* the energy is */
	struct energy energy, err;
	bool power; /* the power was recorded, and the energy is not known */
	struct energy watts;
	unsigned flags;     /* enum rapl_flag */
	uint64_t ambiguous; /* how many more wraps may have been */
};

/* A reading that waits for its interval. */
struct meter_pending {
	uint32_t series;
	int64_t t0, t1;
	enum rapl_value value;
	struct energy energy, err;
	int64_t counters, runtime;
	unsigned flags;
	bool perf;
};

struct meter_options {
	int64_t elapsed;   /* ns of a block that does not say so, 0: not known */
	int64_t counters;  /* in a count that does not say so, 0: not known */
	int64_t max_watts; /* of one counter; 0: METER_WATTS, or METER_WATTS_TEXT for what perf
			      printed */
	int64_t interval;  /* ns, of a first interval that does not start at 0 */
};

enum { METER_WATTS = 1000, METER_WATTS_TEXT = 10000 };

struct meter {
	struct meter_options opt;
	void (*emit)(void *arg, const struct meter_row *);
	void *arg;
	char why[RAPL_WHY];           /* what was wrong with the line */
	uint64_t flagged[RAPL_FLAGS]; /* rows with each flag */
	uint64_t rows, contradictions;
	uint64_t running_totals; /* rows that were, and were undone */
	/* the run */
	uint32_t run;
	enum { METER_EMPTY, METER_TIMED, METER_BLOCK } mode;
	bool touched, closed, may_sum_up, settled, totals;
	uint32_t block;
	int64_t elapsed;
	int64_t stamp, before; /* the last two time stamps */
	unsigned stamps;
	int64_t first[METER_HOLD];
	unsigned zeros[RAPL_DOMAINS]; /* trailing zero bits that all counts of perf have */
	struct meter_pending *pending;
	size_t npending, cap_pending;
	/* the counters */
	struct meter_series **series;
	size_t nseries, cap_series, guess;
	struct hash names;
	struct hash dies; /* 1 + the first one of a run's socket */
	/* rows that wait for the decision about a mirror */
	struct meter_row *queue;
	size_t nqueue, cap_queue;
	size_t undecided;
};

void meter_init(struct meter *, const struct meter_options *,
    void (*emit)(void *, const struct meter_row *), void *arg);

/* Fold a line in; false where something is wrong with it: why. */
bool meter_line(struct meter *, const struct rapl_line *);

/* Nothing follows: emit what is held. */
void meter_end(struct meter *);
void meter_free(struct meter *);

/* What the i-th kind of flagged rows says, how many there are of it, and whether they are a doubt
 * about the result. */
enum { METER_REMARKS = 9 };

uint64_t meter_remark(const struct meter *, unsigned i, const char **what, bool *doubt);

/* --- shared by its files */

/* The counter of a reading, made where it is new; NULL where there are too many. */
struct meter_series *meter_find(struct meter *, const struct rapl_reading *);

/* The first intervals are there, or all that there will be: say what they are, and finish them. */
void meter_settle(struct meter *);
void meter_finish(struct meter *, const struct meter_pending *);

/* What a pending value of perf or turbostat is worth: energy, flags. */
void meter_judge(const struct meter *, const struct meter_pending *, struct meter_row *);

/* What a register counted from one poll to the next. */
void meter_register(
    const struct meter *, const struct rapl_reading *, uint64_t before, struct meter_row *);

/* Emit a row, once it is known whether it is a mirror; decide about all that wait. */
void meter_row(struct meter *, struct meter_row *);
void meter_decide(struct meter *);
void meter_may_mirror(struct meter *, struct meter_series *);

#endif
