/* SPDX-License-Identifier: MIT */
/* states_wake - wakings and wakeups: who wakes whom, when the wait for a CPU begins */

#ifndef STATES_WAKE_H
#define STATES_WAKE_H

#include "states_fold.h"

void states_wakeup(struct states *, struct machine *, const struct rec *);

/* It waits, or will wait, for another CPU. */
void states_migrated(struct states *, struct machine *, const struct rec *);

/* The task's waking, if there was one, will have no wakeup: it has been runnable since then, or
 * since it was switched out behind it. */
void states_settle(struct states *, struct task *);

#endif
