/* SPDX-License-Identifier: MIT */
/*
 * cut - the part of a record that lies in a window of time
 *
 * An interval is cut at both ends of the window: what tiles a span of time then tiles the window.
 * The window counts what ends in it, after from and not after to; a record of one time is such an
 * interval. So of two adjacent windows one counts it. A window that starts with the first event of
 * the input counts that one, too.
 */

#ifndef CUT_H
#define CUT_H

#include "base/window.h"
#include "rec.h"

struct cut {
	int64_t t,
	    end;     /* of the part; end <= t if there is none, or if the record is of one time */
	bool counts; /* the window counts the record */
};

/* The end of a record's interval; its time if it has none. */
int64_t cut_end(const struct rec *);

/* The part of the interval from t to end in a settled window. */
struct cut cut_span(const struct window *, int64_t t, int64_t end);

/* The part of a record: all of it if it has no time. */
struct cut cut_of(const struct window *, const struct rec *);

/* Cut the interval of a record. False if nothing of it is in the window. */
bool cut_rec(const struct window *, struct rec *);

/* Is it a loss, or the cpustate that it became, of which a part is in the window? */
bool cut_is_loss(const struct window *, const struct rec *);

static inline bool
cut_is_empty(const struct cut *c)
{
	return c->end <= c->t && !c->counts;
}

/* Of the part, in ns. */
static inline uint64_t
cut_length(const struct cut *c)
{
	return c->end > c->t ? (uint64_t)c->end - (uint64_t)c->t : 0;
}

#endif
