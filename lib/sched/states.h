/* SPDX-License-Identifier: MIT */
/*
 * states - fold context switches, wakeups and what else a recording tells of its tasks into the
 * states they were in
 *
 * Each task's states tile its life: from the recording's first event, or from its fork or first
 * wakeup, to its last switch or to the recording's last event. Where an event must be missing the
 * state is "unknown": nothing is guessed but what sluice-state(5) says. Machines are folded apart.
 */

#ifndef STATES_H
#define STATES_H

#include "states_fold.h"

/* What is to be done with a record that was added. */
enum states_verdict {
	STATES_TAKEN, /* its story is told by the records emitted */
	STATES_COPY,  /* it belongs into the output as well */
	STATES_ORDER  /* it is an event before the one before it, and was not added */
};

/* Emitted records are in the order in which their intervals end; they live for the call. */
void states_open(struct states *, void (*emit)(void *arg, const struct rec *), void *arg);
enum states_verdict states_add(struct states *, const struct rec *);

/* An event came that STATES_ORDER was said to, and nothing will be added: tell that more was there.
 */
void states_stop(struct states *, const struct rec *);

/* Emit what is open at each machine's last event, and free all. */
void states_close(struct states *);

#endif
