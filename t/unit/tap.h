/* SPDX-License-Identifier: MIT */
/* tap - what a unit test says: ok lines for prove */

#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stdio.h>

struct tap {
	int n, failed;
};

static inline void
tap_ok(struct tap *t, bool good, const char *what)
{
	t->n++;
	t->failed += !good;
	printf("%sok %d - %s\n", good ? "" : "not ", t->n, what);
}

/* The plan: the status for main to return. */
static inline int
tap_end(const struct tap *t)
{
	printf("1..%d\n", t->n);
	return t->failed > 0;
}

#endif
