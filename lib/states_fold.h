/* SPDX-License-Identifier: MIT */
/* states_fold - what the parts of the fold use of each other */

#ifndef STATES_FOLD_H
#define STATES_FOLD_H

#include "states.h"

/* The task an event at t tells of. */
struct task *states_task(struct states *, struct machine *, int32_t tid, int64_t t);

/* Write the interval that is open, up to t; with another stack than it began with. */
void states_put(struct states *, struct task *, int64_t t, enum edge end);
void states_put_stack(struct states *, struct task *, int64_t t, struct str stack);

/* Let another one begin. */
void states_begin(struct task *, enum task_state, int64_t t);

/* The CPU's state has not been known since it began: at now its next switch shows that one is
 * missing. The task there, if any, is unknown since then. */
void states_vacate(struct states *, struct cpu *, const struct rec *now);

/* Its waking will have no wakeup: the task has been runnable since then, if it waited. */
void states_settle(struct states *, struct task *);

void states_switch(struct states *, struct machine *, const struct rec *);
void states_wakeup(struct states *, struct machine *, const struct rec *);

/* Its life is over at t, or when it exited. */
void states_end_life(struct states *, struct task *, const struct rec *now);

#endif
