/* SPDX-License-Identifier: MIT */
/* states_life - lives of tasks: what begins them, what they are called, what ends them */

#ifndef STATES_LIFE_H
#define STATES_LIFE_H

#include "states_fold.h"

/* What a comm, a fork and an exit record tell. */
void states_named(struct states *, struct machine *, const struct rec *);
void states_forked(struct states *, struct machine *, const struct rec *);
void states_exited(struct states *, struct machine *, const struct rec *);

/* The first wakeup of a life, in a wakeup record. */
void states_born(struct states *, struct machine *, const struct rec *);

/* It must have ended by now, or when the task exited; how is not known. */
void states_end_life(struct states *, struct task *, int64_t now);

#endif
