/* SPDX-License-Identifier: MIT */
/* event - the names by which an option selects events */

#ifndef EVENT_H
#define EVENT_H

#include "base/patterns.h"
#include "rec.h"

/* Does a pattern match an event: its name, the kind of record that it becomes, or its name without
 * the modifiers of a sample ("cycles" for cycles:u, "cpu-clock" for cpu-clock/freq=999/) or the
 * system of a tracepoint ("sched_switch" for sched:sched_switch)? Marks all that do as hit, and
 * remembers the name by patterns_met(). */
bool event_hit(struct patterns *, struct str kind, struct str name);

/* Is a record a sample, a tracepoint, or a row of a profile? */
static inline bool
event_is_sampled(const struct rec *r)
{
	return r->kind == REC_SAMPLE || r->kind == REC_TRACEPOINT || r->kind == REC_PROF;
}

/* Does a pattern match the event of a record: by event_hit() if it is sampled, or else by its name
 * alone? */
bool event_hit_rec(struct patterns *, const struct rec *, struct str name);

#endif
