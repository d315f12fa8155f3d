/* SPDX-License-Identifier: MIT */
/*
 * states - fold context switches, wakeups and other records about tasks into the states that the
 * tasks and CPUs were in
 *
 * The states of a task tile its life: from the recording's first event, or from its fork or first
 * wakeup, to its last switch or the recording's last event. If an event must be missing the state
 * is "unknown": nothing is guessed except as in sluice-state(5). Each machine is folded separately.
 *
 * Memory grows with the number of live tasks, of tids that died without a recorded fork, and of
 * names.
 */

#ifndef STATES_H
#define STATES_H

#include "rec/rec.h"

struct states;

struct states_count {
	uint64_t switches, missing;     /* recorded; not recorded, though they must have been */
	uint64_t wakeups, idle_wakeups; /* all; those of a task that did not wait */
	uint64_t losses;
	uint64_t stray;  /* ends of intervals that had not begun */
	uint64_t silent; /* CPUs without switches from some time on, though tasks waited for them */
	uint64_t cut;    /* names of tasks that were too long */
	uint64_t still;  /* machines that switched, but whose events all have one time: no states */
	bool intervals;  /* interrupts, system calls or requests were folded */
	bool folded;     /* the stream has states already */
	struct str
	    why;   /* too many switches of a machine are missing, as its gap says, too; or "" */
	bool part; /* the recording is a part, or without -a; else the kernel left them out */
};

/* What to do with a record that was added. */
enum states_verdict {
	STATES_TAKEN, /* nothing: the records emitted replace it */
	STATES_COPY,  /* copy it to the output as well */
	STATES_ORDER  /* the event is earlier than the previous one, and was not added */
};

/* Emitted records are in the order in which their intervals end, and valid during the call. */
struct states *states_new(void (*emit)(void *arg, const struct rec *), void *arg);
void states_free(struct states *);

/* Merge equal system calls of a task that are at most that far apart, in ns; -1: none. */
void states_merge_calls(struct states *, int64_t apart);

enum states_verdict states_add(struct states *, const struct rec *);

/* Stop at an event that states_add() returned STATES_ORDER for: emit a gap for the rest. */
void states_stop(struct states *, const struct rec *);

/* Emit the intervals that are open at each machine's last event, and a gap for each machine that
 * misses many switches: tasks that ran or died may seem to wait. */
void states_end(struct states *);

struct states_count states_count(const struct states *);

#endif
