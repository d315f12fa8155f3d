/* SPDX-License-Identifier: MIT */
/*
 * bins - time spent in each of many lanes, in bins that widen as the recording gets longer
 *
 * A bin is 1 << shift ns, counted from the beginning of time, so the sums do not depend on the
 * order of the spans. A lane keeps an edge, of 16 bytes, for each bin in which a span of it starts
 * or ends. If the lanes have more than BINS_EDGES edges beyond the first BINS_FREE of each, the
 * bins get wider.
 */

#ifndef BINS_H
#define BINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Spans that are added together: each look-up of a lane is likely to be a cache miss, which then
 * overlap. */
enum { BINS_PENDING = 64 };

enum { BINS_EDGES = 8 * 1024 * 1024, BINS_FREE = 8, BINS_BATCH = 256 * 1024 };

struct bins {
	size_t max; /* the most bins between lo and hi, 2 or more; set it before the first span */
	size_t budget; /* 0 for BINS_EDGES */
	size_t
	    batch; /* the edges that may be added without a look at the budget, 0 for BINS_BATCH */
	uint64_t lo, hi; /* the first and the last instant reached, by bins_time() */
	bool any;
	unsigned shift;
	/* private */
	struct bins_span {
		uint32_t lane;
		int32_t weight;
		uint64_t t, end;
	} pending[BINS_PENDING];
	size_t npending;
	struct bins_lane *lane;
	size_t lane_cap;
	uint32_t nlane;
	struct arena pieces;  /* of the lanes' edges */
	size_t nedge, settle; /* of all lanes; the number at which to look at the budget */
	uint64_t base;        /* the bin from which the edges count */
	unsigned edge_shift;  /* how wide it is */
};

/* A time as an unsigned number, in the same order; and back. */
static inline uint64_t
bins_time(int64_t t)
{
	return (uint64_t)t ^ (uint64_t)1 << 63;
}

static inline int64_t
bins_signed(uint64_t t)
{
	return (int64_t)(t ^ (uint64_t)1 << 63);
}

/* Make n lanes; returns the first. There may be 2^28 in all. */
uint32_t bins_lanes(struct bins *, uint32_t n);

/* Let the bins cover the time from t to end. */
void bins_reach(struct bins *, int64_t t, int64_t end);

/* Add a span within the time covered, weight times. Sums wrap; only spans that overlap beyond
 * reason get there. */
void bins_add(struct bins *, uint32_t lane, int64_t t, int64_t end, int32_t weight);

/* Required after the last span, before the functions that follow. */
void bins_end(struct bins *);

/* Spans that can be had again need not be kept. Call it before bins_end() with the number of edges
 * that their lanes would have beyond the first BINS_FREE of each. False if bins are wider now,
 * which they must be to keep the budget: then count again. */
bool bins_spare(struct bins *, size_t excess);

/* The number of bins from lo to hi; the time at which bin i starts. */
size_t bins_count(const struct bins *);
uint64_t bins_start(const struct bins *, size_t i);

/* The ns spent in n lanes in each bin; in one lane in all. */
void bins_read(const struct bins *, const uint32_t *lane, size_t n, uint64_t *ns);
uint64_t bins_total(const struct bins *, uint32_t lane);

/* The number of bins in which a lane changes, 0 if nothing was spent in it. */
size_t bins_edges(const struct bins *, uint32_t lane);

/* What is spent in each bin, from spans: bins_count() cells, which are 0 at first. */
struct bins_cell {
	uint64_t ns, cover;
};

void bins_spread(const struct bins *, int64_t t, int64_t end, struct bins_cell *);
void bins_sum(const struct bins *, const struct bins_cell *, uint64_t *ns);

void bins_free(struct bins *);

#endif
