/* SPDX-License-Identifier: MIT */
/*
 * unwind - the frames of a user stack
 *
 * A frame's caller is found by the call frame information of the file that is mapped there, else by
 * the frame pointer. What is known about a place in the code is computed once and remembered; each
 * file is opened once (symbols/objects.h). The stack pointer must rise from frame to frame, and all
 * but a few frames in a row must be found by reading a word of the stack above those read before:
 * so the number of frames is bounded by the text of the recorded stack.
 */

#ifndef UNWIND_H
#define UNWIND_H

#include "symbols/objects.h"
#include "symbols/spaces.h"
#include "ustack.h"

/* Why there are no further frames. */
enum unwind_end {
	UNWIND_OUTERMOST, /* the last one has no caller */
	UNWIND_CUT,       /* what follows was not recorded */
	UNWIND_UNKNOWN,   /* there is no unwind information, and no frame pointer */
	UNWIND_BAD,       /* unwind information and stack do not fit together */
	UNWIND_IDLE,      /* the last frames were found without reading more of the stack */
	UNWIND_LONG,      /* there are too many */
	UNWIND_WORK,      /* the expressions of the unwind information take too long */
	UNWIND_ENDS
};

struct unwind;

/* A task's stack, and how the one before it was unwound: start with { 0 }. Consecutive stacks often
 * differ in little but where the program was. */
struct unwind_task {
	struct ustack stack;
	/* private */
	uint64_t *frame; /* the frames of the stack before */
	size_t n;
	size_t missed; /* how many there are up to the last one without unwind information */
	enum unwind_end end;
	uint64_t generation; /* of the process */
	uint64_t asked;      /* the registers that any frame has asked for */
	struct unwind_state {
		uint64_t reg[CFI_REGS], known, saved;
		size_t reach, idle;
		bool exact;
	} state[4]; /* at the first frames, if that stack was as the one before, too */
	size_t states;
};

void unwind_task_free(struct unwind_task *);

struct unwind *unwind_new(struct objects *);
void unwind_free(struct unwind *);

/* Allow work in proportion to n more bytes of input. */
void unwind_allow(struct unwind *, size_t n);

/*
 * Find the frames of a stack, which is changed, in a process. Their addresses are in *frame, valid
 * until the next call, innermost first: where the program was, then return addresses. Returns their
 * number, 1 at least, and why they end. The fault is set if files can no longer be opened.
 */
size_t unwind_frames(struct unwind *, const struct spaces_process *, struct unwind_task *,
    const uint64_t **frame, enum unwind_end *, struct fault *);

/* Report the files whose unwind information was wanted and not there, those with the most frames
 * first. */
void unwind_report(
    const struct unwind *, void (*note)(void *arg, const char *kind, const char *text), void *arg);

#endif
