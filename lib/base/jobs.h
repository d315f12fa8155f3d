/* SPDX-License-Identifier: MIT */
/*
 * jobs - one run in several processes, whose output is what one process would have written
 *
 * Every process goes through the whole input, so that each knows what the others know; but the work
 * between is cut into shares, which are numbered as they are met, and a process does only those
 * that it draws. What it writes during a share, to standard output and standard error, comes out
 * when all shares before it are out: until then it stands in temporary files, of no more than
 * JOBS_HELD bytes, then it waits. What it writes during the shares of others is dropped.
 *
 * The shares are drawn in order by whoever is free, so they need not be equal. A process that holds
 * the turn to write may also use the memory that all have in common.
 */

#ifndef JOBS_H
#define JOBS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fault.h"
#include "out.h"

enum { JOBS_MAX = 64, JOBS_SHARE = 16 * 1024, JOBS_HELD = 256 * 1024 * 1024 };

struct jobs {
	int n;        /* processes; set it before jobs_start(), 0 and 1 are this one alone */
	int status;   /* of the jobs, when they ended */
	void *common; /* NULL where there is one process */
	struct jobs_turns *turns;
	struct jobs_place *place; /* how far this one is, where the others' memory is, too */
	struct out *out;
	bool last;
	struct fault fault;
	int real[2], held[2], nowhere; /* where standard output and error can go */
};

/*
 * Go on in n processes with size zeroed bytes in common: true in each of them. False in the one
 * that was, when all have ended; fault says where one did not end by itself. A SIGPIPE of one is
 * raised here.
 */
bool jobs_start(struct jobs *, struct out *, size_t size);

/* Whether the share in hand is ours: true in a process alone. */
bool jobs_mine(const struct jobs *);

/* Work of this size comes: whether it begins another share. Where it does, and the share in hand is
 * ours, call jobs_wait(); then jobs_next(). */
bool jobs_full(const struct jobs *);

/* Wait for the turn; what was held goes out. */
void jobs_wait(struct jobs *);

/* Go on to the next share; the turn is given away. */
void jobs_next(struct jobs *);

/* Work of this size is in the share in hand. */
void jobs_add(struct jobs *, uint64_t size);

/* While working: have the turn if it has come, or wait for it where too much is held. */
void jobs_poll(struct jobs *);

/* All is done: true, with the turn, in the process whose share was the last; it brings the run to
 * its end. The fault says where a process could not do its part. */
bool jobs_end(struct jobs *);

/* What a process ends with whose own status would be this. */
int jobs_status(struct jobs *, int status);

/* For a process, of several or alone, that has a process of its own do its part, with the same
 * struct (lib/base/guard): find the ways that output can go; drop what is written from here on; let
 * it go again where that part's goes; and, in the other one, end with the one that had it started.
 */
void jobs_ways(struct jobs *);
void jobs_silence(const struct jobs *);
void jobs_speak(struct jobs *);
void jobs_follow(pid_t parent);

#endif
