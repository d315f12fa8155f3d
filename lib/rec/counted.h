/* SPDX-License-Identifier: MIT */
/* counted - which records a profile counts, and for how much; starts as { 0 } and the patterns */

#ifndef COUNTED_H
#define COUNTED_H

#include "base/intern.h"
#include "base/patterns.h"
#include "rec.h"

struct counted {
	struct patterns events; /* none: samples and tracepoints */

	bool mixed;        /* records of several events were counted, not of several states */
	uint64_t backward; /* states that end before they start: their period is 0 */

	/* private */
	struct intern seen; /* events: matched when the first record has one */
	bool *wanted;
	size_t cap;
	uint32_t first; /* the first event that was counted + 1; INTERN_NONE: a state */
};

/* Does a record with a stack count? Then *event is the number of its event: of its state, or of its
 * kind if it is neither an event nor a state. */
bool counted_has(struct counted *, const struct rec *, uint32_t *event);

/* The name of an event, as in a field. */
struct str counted_event(const struct counted *, uint32_t event);

/* What the record counts for: the period of a sample, the length of a state in ns, else 1. */
uint64_t counted_period(struct counted *, const struct rec *);

void counted_free(struct counted *);

#endif
