/* SPDX-License-Identifier: MIT */
/*
 * guard - work that can crash, in a process of its own, behind which the run goes on
 *
 * The work is cut into pieces, which are counted as they are met. A worker does them. Where it is
 * ended in a piece by a signal as a crash raises it, the process that waits for it goes through
 * the same input, silently, up to that piece, tells of it, and has another worker go on behind it.
 * So that process goes through the input once, however often workers crash.
 *
 * What is written stands in memory that outlives a worker. How far the jobs are does, too: each of
 * several jobs can have a guard.
 */

#ifndef GUARD_H
#define GUARD_H

#include "jobs.h"

struct guard {
	struct guard_kept *kept; /* NULL where nothing is guarded */
	struct out *to;          /* where to write, instead of out */
	void *common;            /* the caller's, zeroed: it outlives a worker */
	struct jobs *jobs;
	struct out *out; /* what was given */
	uint64_t piece;  /* as this process counts them */
	bool behind;     /* what comes was done already, or is the piece that was lost */
	bool over;       /* the last worker ended by itself */
	int status;      /* with what */
	int signal;      /* that ended the worker */
	size_t size;     /* of kept, with common */
	struct fault fault;
};

/* Have a worker of our own: true in it, and in this process where it crashed in a piece. False
 * where it is all done, or cannot be. Of the memory that outlives a worker, size bytes are the
 * caller's. */
bool guard_start(struct guard *, struct jobs *, struct out *, size_t size);

enum guard_turn { GUARD_WORK, GUARD_DONE, GUARD_LOST };

/* A piece comes. GUARD_DONE: leave it out. GUARD_LOST: a worker crashed in it, and what it wrote is
 * out; say so, then call guard_again(). GUARD_WORK: do it, between the two calls that follow, or
 * leave it to another job. */
enum guard_turn guard_piece(struct guard *);
void guard_enter(struct guard *);
void guard_leave(struct guard *);

/* Another worker goes on, GUARD_WORK in it, with what is left of the piece or the next one. Here it
 * is no more then: GUARD_LOST where it crashed in the same piece. */
enum guard_turn guard_again(struct guard *);

/* All is done: false where this was not the process that did the last of it; what that one ended
 * with is in status then. */
bool guard_end(struct guard *);

#endif
