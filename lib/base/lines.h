/* SPDX-License-Identifier: MIT */
/* lines - read text of other programs line by line, and go on after a line that is not text */

#ifndef LINES_H
#define LINES_H

#include "input.h"
#include "text.h"

enum {
	LINES_MAX = 64 * 1024,            /* bytes of the longest line */
	LINES_TEXT_MAX = 64 * 1024 * 1024 /* bytes of a line that is skipped */
};

struct lines {
	struct input *in;
	uint64_t n;   /* lines read so far */
	size_t taken; /* bytes of the current line in the window */
};

enum lines_kind {
	LINES_END,  /* no more lines; the input's fault says whether that is an error */
	LINES_TEXT, /* a line, without its newline and a carriage return before that */
	LINES_LONG, /* a line of more than LINES_MAX bytes: skipped; if it has more than
		     * LINES_TEXT_MAX, the input ends there and its fault is set */
	LINES_NUL,  /* a line with a NUL byte, which is not text */
	LINES_CUT   /* the last line, without a newline */
};

/* Read the next line; it is valid until the next call. */
enum lines_kind lines_next(struct lines *, struct str *);

#endif
