/* SPDX-License-Identifier: MIT */
/*
 * profdiff - two profiles side by side, matched by the texts of their keys
 *
 * delta is the difference of the two shares in percentage points, ratio new/old and the weighted
 * difference new * w2 - old * w1 are those of the periods, as in perf-diff(1).
 */

#ifndef PROFDIFF_H
#define PROFDIFF_H

#include "prof.h"

enum profdiff_by { BY_DELTA_ABS, BY_DELTA, BY_RATIO, BY_WDIFF };

struct profdiff_row {
	const struct prof_row *old, *new; /* NULL if only the other profile has it */
	double old_share, new_share;      /* in percent of the own profile; 0 if it is not there */
	double delta, ratio;              /* valid if both are there; delta also if new is */
	int64_t wdiff;                    /* valid if both are there; saturates */
};

struct profdiff {
	struct prof *old, *new; /* of the same keys; they must outlive this */
	enum profdiff_by by;
	uint64_t w1, w2; /* weights of old and new */

	struct profdiff_row *row; /* n of them */
	size_t n;

	/* private */
	size_t cap;
	struct intern texts, keys; /* a key: the numbers of its texts */
};

/* Parse what to sort by: delta-abs, delta, ratio, wdiff or wdiff:W1,W2. */
bool profdiff_by(struct profdiff *, const char *);

/* Match the rows and sort them: those of both by falling value, those of one by falling share. */
void profdiff_match(struct profdiff *);
void profdiff_free(struct profdiff *);

/* Write the rows as profdiff records, or as columns for a terminal. */
void profdiff_write(const struct profdiff *, struct out *);
void profdiff_table(const struct profdiff *, struct out *);

#endif
