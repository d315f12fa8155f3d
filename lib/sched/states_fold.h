/* SPDX-License-Identifier: MIT */
/* states_fold - the open intervals of tasks, written when they end */

#ifndef STATES_FOLD_H
#define STATES_FOLD_H

#include "cpus.h"
#include "tasks.h"

struct states_count {
	uint64_t switches, missing;     /* that were recorded; that must have been, and were not */
	uint64_t wakeups, idle_wakeups; /* of them, those of a task that did not wait */
	uint64_t losses;
};

struct states {
	struct tasks tasks;
	struct cpus cpus;
	struct states_count count;
};

/* The task that an event at t tells of; made where it is new. */
struct task *states_task(struct states *, struct machine *, int32_t tid, int64_t t);

/* Write the interval that is open, up to t; with a stack other than that of its beginning. */
void states_put(struct states *, struct task *, int64_t t, enum edge end);
void states_put_stack(struct states *, struct task *, int64_t t, struct str stack);

/* It is not known after all what the task did in the interval that is open. */
void states_unknown(struct task *);

/* Without a single switch nobody can tell how long a wait lasted. */
void states_mark_unknown(struct task *);

/* Let another one begin. */
void states_begin(struct task *, enum task_state, int64_t t);

/* A switch to or on the CPU shows now that the one from its current task is missing: both are
 * unknown since the last one. */
void states_vacate(struct states *, struct cpu *, int64_t now);

/* The gap record that tells so, and what it says. */
#define MISSING_SWITCH STR("missing switch")
void states_put_gap(struct states *, const struct cpu *, int64_t now);

#endif
