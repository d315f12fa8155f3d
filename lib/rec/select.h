/* SPDX-License-Identifier: MIT */
/*
 * select - select records by time, machine, CPU, task, event and function
 *
 * A record matches if it satisfies every criterion that is set; one entry of a list is enough.
 * Names are patterns (base/patterns.h). Lists are cut at their commas and must outlive the
 * selection. Start with { .time = WINDOW_ALL }.
 *
 * A name is the one that a task has at the time.
 */

#ifndef SELECT_H
#define SELECT_H

#include "base/hash.h"
#include "base/intern.h"
#include "base/patterns.h"
#include "base/window.h"
#include "cpulist.h"
#include "rec.h"
#include "tasklist.h"

/* The criteria in the order in which they are applied. */
enum select_by {
	SELECT_TIME,
	SELECT_MACHINE,
	SELECT_CPU,
	SELECT_EVENT,
	SELECT_TASK,
	SELECT_FUNCTION,
	SELECT_ALL
};

/* A CPU, a task or a pattern is hit if it occurs in the records; a pattern of function, if it
 * occurs in those that satisfy everything else. */
struct select {
	struct window time;
	struct cpulist cpus;
	struct tasklist tasks;
	struct patterns machine, function, event; /* none: all */
	bool by_event;       /* set by sources: -e leaves events out before select_matches() */
	enum select_by last; /* that left nothing; SELECT_ALL: something matched */
	/* private */
	bool forks; /* a fork record came */
	struct intern machines;
	struct hash known;     /* see learn() */
	struct hash functions; /* of an @HASH: 2 if its stack has the function, else 1 */
	uint64_t ended;        /* key of the task that ended with the last record, or 0 */
};

/* Is a family selected without a record that tells who belongs to it? */
bool select_lacks_forks(const struct select *);

void select_free(struct select *);

/* Learn names and pids of tasks, and which ids and patterns occur. Call it with every record, in
 * order, before select_matches(). */
void select_note(struct select *, const struct rec *);

/* Does an event match? frames is its stack, or the definition of its @HASH. */
bool select_matches(struct select *, const struct rec *, struct str frames);

/* Is it an event, neither a definition nor a loss? */
bool select_is_event(const struct rec *);

/* Counters may have a clock of their own, which relative times do not refer to. */
static inline bool
select_is_counter(const struct rec *r)
{
	return r->kind == REC_COUNT || r->kind == REC_ENERGY;
}

/* Widen the range of times by a record if it is an event. What a loss became, a cpustate of the
 * lane lost, is none either: so a stream and its states have the same first event. */
void select_add_time(struct window *, const struct rec *);

/* Does a record other than an event concern the selection? A loss does if it touches the machine,
 * times and CPUs; any other record does if it is the machine's and not after the end. */
bool select_touches(struct select *, const struct rec *);

#endif
