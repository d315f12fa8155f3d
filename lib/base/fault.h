/* SPDX-License-Identifier: MIT */
/* fault - what went wrong first: the library keeps it, the filter's end reports it */

#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>

struct fault {
	char text[512]; /* "" while all is well */
};

/* Keep what is wrong, where (a file with its line or offset) first; later calls change nothing.
 * False, always. */
bool fault_set(struct fault *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline bool
fault_is(const struct fault *f)
{
	return f->text[0] != '\0';
}

#endif
