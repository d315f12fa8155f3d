/* SPDX-License-Identifier: MIT */
/*
 * states - fold context switches, wakeups and what else a recording says about its tasks into the
 * states that they were in
 *
 * The states of a task tile its life: from the recording's first event, or from its fork or first
 * wakeup, to its last switch or the recording's last event. If an event must be missing the state
 * is "unknown": nothing is guessed but what sluice-state(5) says. Machines are folded apart.
 *
 * Memory grows with the tasks that live, the tids of those that died without a fork having been
 * seen, and the names that were met.
 */

#ifndef STATES_H
#define STATES_H

#include "rec/rec.h"

struct states;

struct states_count {
	uint64_t switches, missing;     /* recorded; not recorded, though they must have been */
	uint64_t wakeups, idle_wakeups; /* all; those of a task that did not wait */
	uint64_t losses;
	uint64_t cut; /* names of tasks that were too long */
	bool
	    partial; /* so many switches of a machine are missing that it has a gap for all of it */
};

/* What to do with a record that was added. */
enum states_verdict {
	STATES_TAKEN, /* nothing: the records emitted replace it */
	STATES_COPY,  /* it belongs into the output as well */
	STATES_ORDER  /* it is an event before the previous one, and was not added */
};

/* Emitted records are in the order in which their intervals end; they live for the call. */
struct states *states_new(void (*emit)(void *arg, const struct rec *), void *arg);
void states_free(struct states *);

enum states_verdict states_add(struct states *, const struct rec *);

/* Stop at an event that states_add() returned STATES_ORDER for: emit a gap for the rest. */
void states_stop(struct states *, const struct rec *);

/* Emit what is open at each machine's last event, and a gap for each machine of which so many
 * switches are missing that tasks may seem to wait which ran, or died. */
void states_end(struct states *);

struct states_count states_count(const struct states *);

#endif
