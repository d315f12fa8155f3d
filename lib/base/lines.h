/* SPDX-License-Identifier: MIT */
/* lines - read foreign text by the line, and go on behind a line that is no text */

#ifndef LINES_H
#define LINES_H

#include "input.h"
#include "text.h"

enum { LINES_MAX = 64 * 1024 }; /* the longest line that is read, in bytes */

struct lines {
	struct input *in;
	uint64_t n;   /* lines read so far */
	size_t taken; /* bytes of the window that the current line used */
};

enum lines_is {
	LINES_END,  /* no more lines; the input's fault says whether that is an error */
	LINES_TEXT, /* a line, without its newline, and without a carriage return before that */
	LINES_LONG, /* one of more than LINES_MAX bytes: skipped */
	LINES_NUL,  /* one with a NUL byte: no text */
	LINES_CUT   /* the last one, which has no newline */
};

/* The next line; it lives until the next call. */
enum lines_is lines_next(struct lines *, struct str *);

#endif
