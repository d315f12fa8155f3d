/* SPDX-License-Identifier: MIT */
/*
 * spans - put what belongs to the same interval together
 *
 * Rows of one interval come near each other, but not in one piece: each CPU of a poll has a time
 * stamp of its own. A span is open until a row starts a whole interval later; then it is closed, in
 * the order of opening.
 */

#ifndef SPANS_H
#define SPANS_H

#include "hash.h"

enum {
	SPANS_OPEN = 1 << 16, /* the most that are open at once */
	SPANS_BYTES = 1 << 28 /* and that their data may take */
};

struct span {
	int64_t t0, t1;
	void *data; /* the user's: zeroed memory of the size said */
};

struct spans {
	size_t size; /* of the user's data */
	void (*close)(void *arg, struct span *);
	void *arg;
	/* the rest is its own */
	struct span *ring;
	uint64_t first, end; /* opened so far: the open ones are [first, end) */
	uint64_t last;       /* the one found last */
	struct hash open;
};

/* The span of this interval; ones that this closes are closed first. */
struct span *spans_find(struct spans *, int64_t t0, int64_t t1);

/* Close all. */
void spans_flush(struct spans *);
void spans_free(struct spans *);

#endif
