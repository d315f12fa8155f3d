/* SPDX-License-Identifier: MIT */
/*
 * workers - share the pieces of one input among processes, and survive their crashes
 *
 * A walk through an input meets pieces of work and calls workers_piece() at each. At the first one
 * the process forks the workers and waits. Each worker walks on through the whole input, so that it
 * knows what the others know, but does only the pieces of the shares that it draws. A share is a
 * run of pieces and all that lies between them. The output and the notes of the shares come out in
 * their order, so they are what one process would have written: a worker that has no turn yet
 * writes to temporary files, of WORKERS_HELD bytes at most; then it waits.
 *
 * With contain, a crash in a piece ends only its worker. The first process walks on silently as far
 * as the slowest worker is, and forks another one, which walks to the piece, reports the crash and
 * goes on with the rest.
 */

#ifndef WORKERS_H
#define WORKERS_H

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"
#include "out.h"

enum { WORKERS_MAX = 64, WORKERS_HELD = 256 * 1024 * 1024 };

struct workers_plan {
	int n;              /* workers; 0: this process does all the work itself */
	bool contain;       /* survive crashes; n is at least 1 */
	size_t result_size; /* of what is counted in each share */
	void *total;        /* of this size, for all shares, once the workers have ended */
	void (*add)(void *total, const void *result); /* in the order of the shares */
	void *arg;
	void (*note)(void *arg, const char *kind, const char *text); /* see workers_note() */
};

struct workers;

/* Prepare for workers that all write to out. Returns NULL with the fault set if that fails. */
struct workers *workers_new(const struct workers_plan *, struct out *, struct fault *);

/* Where this process writes: one address for the life of the workers. */
struct out *workers_out(struct workers *);

/* Where a worker counts: zeroed at the start of its share, and it survives a crash. NULL in the
 * first process. */
void *workers_result(struct workers *);

/* Whether another process writes, notes and counts what this one meets now. */
bool workers_muted(const struct workers *);

enum workers_turn {
	WORKERS_DO,      /* do the piece, then call workers_done() */
	WORKERS_CRASHED, /* a worker crashed in it: report that, and do the rest of it */
	WORKERS_SKIP,    /* another process does it */
	WORKERS_END      /* all is done: end the walk */
};

/* A piece of this size is next. */
enum workers_turn workers_piece(struct workers *, uint64_t size);

/* The signal that the crash raised. */
int workers_signal(const struct workers *);

/* The piece is done. */
void workers_done(struct workers *);

/* While working: take the turn if it has come, wait for it if too much is held. */
void workers_poll(struct workers *);

/* Pass a note on, in order; nothing happens if muted. Workers pass on no more than the first `most`
 * notes of a kind with their texts, the others without, when all is done. The kind is a string
 * constant. */
void workers_note(struct workers *, const char *kind, uint64_t most, const char *text);

enum { WORKERS_FIRST = -1 };

/*
 * The walk has ended: free. In the first process, set the fault if a worker failed, and return
 * WORKERS_FIRST. Otherwise return the exit status of this process, which has nothing left to
 * report.
 */
int workers_end(struct workers *, struct fault *);

#endif
