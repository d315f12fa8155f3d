/* SPDX-License-Identifier: MIT */
/*
 * bins - time spent, summed by stretches of time that widen as the recording turns out longer
 *
 * A bin is 1 << shift ns, counted from the beginning of time, so what a set of spans adds up to
 * does not depend on their order. A span costs two edges, however many bins it covers.
 */

#ifndef BINS_H
#define BINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* What changes within a bin: how many spans go on behind it, and the ns to add to that many whole
 * bins. Sums wrap; only spans that overlap beyond all reason get there. */
struct bins_edge {
	int32_t at; /* the bin, counted from base */
	int32_t cover;
	uint64_t ns;
};

/* What all bins of one picture share. Set max, and nothing else, before the first span. */
struct bins_scale {
	size_t max;      /* bins at most between lo and hi */
	uint64_t lo, hi; /* the first and the last instant reached, as bins_time() gives them */
	bool any;
	unsigned shift;
	size_t held;              /* edges there is room for, in all bins of this scale */
	struct bins_chunk *spare; /* no bins' any more */
	struct arena chunks;
	struct bins_edge *edge; /* to sort them in */
	size_t cap;
};

struct bins {
	struct bins_chunk *first, *chunk; /* the oldest edges, the newest */
	uint64_t base;
	uint32_t n;
	uint8_t used;  /* edges in the newest chunk */
	uint8_t shift; /* lags behind the scale's until the next call */
	bool untidy;
};

/* A time as a number without a sign, in the same order. */
static inline uint64_t
bins_time(int64_t t)
{
	return (uint64_t)t ^ (uint64_t)1 << 63;
}

/* Where the next edge goes will be needed soon. */
void bins_near(const struct bins *);

/* Let the scale cover from t to end. */
void bins_reach(struct bins_scale *, int64_t t, int64_t end);

/* Add a span, which the scale must have reached, weight times. */
void bins_add(struct bins *, struct bins_scale *, int64_t t, int64_t end, int32_t weight);

/* Bring up to the scale, sort, and keep one edge a bin: how many there are. */
size_t bins_compact(struct bins *, struct bins_scale *);

/* How many bins there are from lo to hi; the ns spent in each of them, settling first. */
size_t bins_count(const struct bins_scale *);
void bins_read(struct bins *, struct bins_scale *, uint64_t *ns);

/* Free the memory of all bins of a scale. */
void bins_free(struct bins_scale *);

#endif
