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
	bool is_inlined;      /* into the next frame, if that has the same address */
};

/* Start with { 0 }. */
struct scriptstack {
	struct strbuf text;
	enum stack_mode mode; /* of the last frame */
	/* the function whose code the processor was in: the first frame that is not inlined */
	size_t ip;               /* its place in the text */
	enum stack_mode ip_mode; /* its mode */
	/* the last frames, if they are inlined into one that is to come */
	bool inlined;
	size_t at;              /* where they begin in the text */
	uint64_t addr;          /* their address */
	enum stack_mode before; /* the mode of the frame before them */
	struct strbuf old;      /* a copy of them */
	struct strbuf object;   /* escaped: the one that they get */
	size_t repeated;        /* bytes of objects that frames got so */
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

/*
 * Append the frame to a stack. No kernel called a user's frame: an address that looks like the
 * kernel's is garbage there, as it is common in stacks without frame pointers. Functions that are
 * inlined into the frame get its object; if no frame has their code, the last of them has it.
 * Returns the number of those that do not get it because the stack would outgrow the text.
 */
size_t scriptframe_add(struct scriptstack *, const struct scriptframe *);

/* Append the source line of the frame that was added last. */
void scriptframe_source(struct scriptstack *, struct str file_line);

/* The frame of the function that the innermost code belongs to. The stack has frames. */
struct stack_frame scriptframe_ip(const struct scriptstack *);

void scriptframe_clear(struct scriptstack *);
void scriptframe_free(struct scriptstack *);

#endif
