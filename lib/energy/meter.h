/* SPDX-License-Identifier: MIT */
/*
 * meter - fold the readings of energy counters into intervals: an energy, from when to when, how
 * certain
 *
 * A recording has one or several runs. A reading with a time stamp ends an interval that starts
 * with the stamp before; readings without form a block, whose length may follow. Rows are held back
 * while later lines decide about them: the first intervals of a run, a block until its end, the
 * dies of a package until they differ.
 */

#ifndef METER_H
#define METER_H

#include "rapl_line.h"

/* One counter at one place. */
struct meter_series {
	uint32_t index; /* from 0 */
	enum rapl_domain domain;
	struct rapl_place place;
	struct str event;
};

/* The energy of one counter over one interval. */
struct meter_row {
	uint32_t run; /* from 1 */
	const struct meter_series *series;
	int64_t t0, t1, dt; /* RAPL_NO_TIME: not known; dt > 0 */
	int64_t counters;   /* hardware counters added up in it, -1: not known */
	bool known;         /* the energy is */
	bool power;         /* it is not, but the power was recorded: energy is joules a second */
	struct energy energy, err;
	unsigned flags;     /* enum rapl_flag */
	uint64_t ambiguous; /* the number of additional wraps that are possible */
	uint64_t count;     /* the register at t1; 0 in rows that do not come from a register */
};

struct meter_options {
	int64_t elapsed;   /* ns, of a block that does not say; 0: not known */
	int64_t counters;  /* in a count that does not say; 0: not known */
	int64_t max_watts; /* of one counter; 0: judge.h's */
	int64_t interval;  /* ns, of a first interval that does not start at 0; 0: not known */
};

struct meter;

/* Make a meter. emit's row is valid during the call, the row's series until meter_free(). */
struct meter *meter_new(
    const struct meter_options *, void (*emit)(void *arg, const struct meter_row *), void *arg);
void meter_free(struct meter *);

/* Fold in a line; it becomes a bad line if something is wrong with it. */
void meter_line(struct meter *, struct rapl_line *);

/* Emit the rows that are held back. Call it once, after the last line. */
void meter_end(struct meter *);

/* The number of rows emitted. */
uint64_t meter_rows(const struct meter *);

enum { METER_REMARKS = 10 };

/* Set *what to the text of remark i, less than METER_REMARKS; return the number of rows that it is
 * about. Set *doubt if there are such rows and they make the result doubtful, else leave it. */
uint64_t meter_remark(const struct meter *, unsigned i, const char **what, bool *doubt);

#endif
