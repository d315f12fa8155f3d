/* SPDX-License-Identifier: MIT */
/* scriptframe - a line of a printed call stack as a frame of a stack field */

#ifndef SCRIPTFRAME_H
#define SCRIPTFRAME_H

#include "base/strbuf.h"
#include "rec/stack.h"

/* No code is at this address or above: the words of modes are there. */
#define SCRIPTFRAME_MOST ((uint64_t)-4095)

struct scriptframe {
	uint64_t addr;
	enum stack_mode mode; /* MODE_NONE: as the frame before */
	bool is_guess;        /* the mode is what the address looks like */
	struct str symbol;    /* with its offset, if printed; empty: none; "?": unknown */
	struct str object;    /* empty: the kernel, or not printed */
	bool is_named;        /* a symbol, or that there is none, was printed */
};

/* Parse "ADDRESS [SYMBOL[+OFFSET]] [(OBJECT)]", as perf script prints a frame. */
bool scriptframe_perf(struct str, struct scriptframe *);

/* Cut the address of an event, "ADDRESS [SYMBOL] (OBJECT)" in the kernel, off the end of its text.
 */
void scriptframe_cut(struct str *text);

/* Parse what the kernel and trace-cmd print after "=>". */
bool scriptframe_ftrace(struct str, struct scriptframe *);

/* Append the frame without its mode, as in a field of the type addr. */
void scriptframe_put(struct strbuf *, const struct scriptframe *);

/* Append the frame to a stack whose last mode is *mode. No kernel called a user's frame: an address
 * that looks like the kernel's is garbage there, as it is common in stacks without frame pointers.
 */
void scriptframe_add(struct strbuf *stack, enum stack_mode *mode, const struct scriptframe *);

/* Append the source line of the frame that was added last. */
void scriptframe_source(struct strbuf *stack, struct str file_line);

#endif
