/* SPDX-License-Identifier: MIT */
/*
 * progress - show on a terminal how much of a long input was read, and how fast
 *
 * The only part that asks the clock, since none of what it writes is output: it goes to stderr, and
 * only if that is a terminal.
 */

#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* What clears the line of the progress. */
#define PROGRESS_CLEAR "\r\033[K"

/* Starts as { 0 }. */
struct progress {
	bool on;          /* stderr is a terminal */
	bool shown;       /* the progress is on the last line of it */
	uint64_t printed; /* the offset at the last print */
	uint64_t from;    /* the offset that was reached at the time begun, in ns; 0: not yet */
	uint64_t begun;
};

/* The input of size bytes (0: unknown, then nothing is shown) was read up to an offset. */
void progress_reach(struct progress *, const char *name, uint64_t offset, uint64_t size);

/* It is read again from an offset on. */
void progress_return(struct progress *, uint64_t offset);

#endif
