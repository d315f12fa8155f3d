/* SPDX-License-Identifier: MIT */
/* fault - the first error of a reader; the library records it, the filter reports it at its end */

#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>

struct fault {
	char text[512]; /* "" while there is no error */
};

/* Record an error, "FILE:LINE: what" or "FILE@OFFSET: what", unless there is one already. The text
 * is quoted for a terminal. Always returns false. */
bool fault_set(struct fault *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline bool
fault_is(const struct fault *f)
{
	return f->text[0] != '\0';
}

#endif
