/* SPDX-License-Identifier: MIT */
/*
 * path - the critical path of a task: what delayed it, moment by moment
 *
 * The path of a task over a window is walked from its end. A state in which the task ran, or waited
 * for a CPU, is a piece. While the task was blocked, the path is that of the task that woke it in
 * the end, up to the wake; and so on, one deeper each time. Where the waker is not known, or was
 * only interrupted, the wait itself is the piece, with the reason. So the pieces tile the window,
 * and the piece at a moment does not depend on where the window begins or ends.
 *
 * All states and wakes are kept in memory: about 100 bytes each.
 */

#ifndef PATH_H
#define PATH_H

#include "base/hash.h"
#include "base/intern.h"
#include "base/out.h"
#include "base/patterns.h"
#include "base/strbuf.h"
#include "base/window.h"
#include "rec/rec.h"

struct path {
	struct window time; /* WINDOW_ALL, or as given */
	uint64_t used;      /* the number of states */
	bool limited;       /* set by path_walk(): states contradict each other */
	/* private */
	struct intern texts, ids;
	struct path_task *task; /* by its id's number */
	struct path_state *state;
	struct path_wake *wake;
	struct path_irq *irq; /* by CPU + 1: what a CPU serves now */
	uint32_t *run;        /* running states by machine, CPU and time */
	uint32_t *byid;       /* tasks by machine, tid and birth */
	struct path_piece *piece;
	struct path_level *level;
	uint64_t *ran; /* by task, during one piece */
	uint32_t *who; /* the tasks in it */
	size_t nstate, nwake, nrun, npiece, nlevel, nwho;
	size_t cap_task, cap_state, cap_wake, cap_irq, cap_piece, cap_level, cap_who;
	uint64_t steps;      /* left, before the walk is given up */
	struct hash stacks;  /* @HASH -> 1 + the text of its definition */
	struct hash written; /* those that were written */
};

/* Start with { .time = ... }. Take in a record of any kind. */
void path_add(struct path *, const struct rec *);

/* Call it after the last record. */
void path_end(struct path *);

/* The task of that tid or name (a pattern), on the machine of that name; any if it is empty.
 * Returns the number of tasks that match; *task is the first of them. If several match a name and
 * one of them is an ancestor of all others, only that one counts. Those that live outside the
 * window do not count. */
size_t path_find(const struct path *, struct str who, struct str machine, uint32_t *task);

/* Add the tasks that match as TID/NAME (born TIME, ran NS ns), separated by commas: some of them,
 * those that ran longest first. */
void path_names(const struct path *, struct str who, struct str machine, struct strbuf *);

/* Is there a task of that number, with states? */
bool path_has(const struct path *, uint32_t task);

/* Walk the path of a task, and write it as path records, in order of time. */
void path_walk(struct path *, uint32_t task);
void path_write(struct path *, struct out *);

void path_free(struct path *);

#endif
