/* SPDX-License-Identifier: MIT */
/*
 * ustacks - replace the user stacks of a stream, registers and bytes, by frames
 *
 * A usample record is taken, and the user's part of the stack of the next event with the same time,
 * machine, CPU and task becomes what it unwinds to. An event with a stack of its own has one after
 * that; one with an @HASH gets another @HASH, which is defined before it.
 */

#ifndef USTACKS_H
#define USTACKS_H

#include "unwind.h"

struct ustacks;

struct ustacks_counts {
	uint64_t ends[UNWIND_ENDS]; /* stacks that were unwound, by why they end */
	uint64_t unsupported;       /* stacks of unknown instruction sets, or malformed */
	uint64_t left;              /* stacks without an event after them */
	uint64_t outgrown;          /* events that keep the stack they had */
};

/* NULL with the fault set if a folder cannot be opened. */
struct ustacks *ustacks_new(const struct files_from *, struct fault *);
void ustacks_free(struct ustacks *);

/* Take a line found by rec_line(), and write what becomes of it. Returns false if it is malformed,
 * or with the fault set if files can no longer be opened. */
bool ustacks_put(struct ustacks *, struct recin *, struct out *, struct rec *, struct fault *);

/* The counts, at the end of the stream. */
struct ustacks_counts ustacks_end(struct ustacks *);

void ustacks_report(
    const struct ustacks *, void (*note)(void *arg, const char *kind, const char *text), void *arg);

#endif
