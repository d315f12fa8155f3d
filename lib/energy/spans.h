/* SPDX-License-Identifier: MIT */
/*
 * spans - collect the rows of each interval
 *
 * Rows of one interval are near each other, but not adjacent: each CPU of a poll has a time stamp
 * of its own. A span stays open until a row starts a whole interval later; spans are closed in the
 * order of opening.
 */

#ifndef SPANS_H
#define SPANS_H

#include "base/hash.h"

enum { SPANS_OPEN = 1 << 16 }; /* the most that are open at once */

struct span {
	int64_t t0, t1;
	void *data; /* zeroed memory for the caller, freed after close() */
};

struct spans {
	size_t size; /* of each span's data, in bytes */
	void (*close)(void *arg, struct span *);
	void *arg;
	/* private */
	struct span *ring;
	uint64_t first, end; /* the numbers of the open ones are [first, end) */
	uint64_t last;       /* the one found last */
	struct hash open;
};

/* The span of an interval, opened if need be; those that are over are closed first. */
struct span *spans_find(struct spans *, int64_t t0, int64_t t1);

/* Close all. */
void spans_flush(struct spans *);

/* Free without closing. */
void spans_free(struct spans *);

#endif
