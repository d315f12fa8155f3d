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

struct unwind *unwind_new(struct objects *);
void unwind_free(struct unwind *);

/* Allow work in proportion to n more bytes of input. */
void unwind_allow(struct unwind *, size_t n);

/*
 * Find the frames of a stack, which is changed, in a process. Their addresses are in *frame, valid
 * until the next call, innermost first: where the program was, then return addresses. Returns their
 * number, 1 at least, and why they end. The fault is set if files can no longer be opened.
 */
size_t unwind_frames(struct unwind *, const struct spaces_process *, struct ustack *,
    const uint64_t **frame, enum unwind_end *, struct fault *);

/* Report the files whose unwind information was wanted and not there, those with the most frames
 * first. */
void unwind_report(
    const struct unwind *, void (*note)(void *arg, const char *kind, const char *text), void *arg);

#endif
