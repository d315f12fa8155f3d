/* SPDX-License-Identifier: MIT */
/* event - the names by which an option selects events */

#ifndef EVENT_H
#define EVENT_H

#include "base/patterns.h"

/* Does a pattern match an event: its name, the kind of record that it becomes, or its name without
 * the modifiers of a sample ("cycles" for cycles:u, "cpu-clock" for cpu-clock/freq=999/) or the
 * system of a tracepoint ("sched_switch" for sched:sched_switch)? Marks all that do as hit. */
bool event_hit(struct patterns *, struct str kind, struct str name);

#endif
