/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bins.h"

struct bins_span {
	uint32_t lane;
	int32_t weight;
	uint64_t t, end;
};

/* A change within a bin: how many more spans cover the following bins, and the ns to add to this
 * bin's share of the spans that cover it. */
struct bins_edge {
	uint32_t at; /* the bin, counted from base */
	int32_t cover;
	uint64_t ns;
};

uint32_t
bins_lanes(struct bins *b, uint32_t n)
{
	b->nlane += n;
	return b->nlane - n;
}

size_t
bins_count(const struct bins *b)
{
	return (size_t)((b->hi >> b->shift) - (b->lo >> b->shift)) + 1;
}

uint64_t
bins_start(const struct bins *b, size_t i)
{
	return ((b->lo >> b->shift) + i) << b->shift;
}

void
bins_reach(struct bins *b, int64_t t, int64_t end)
{
	uint64_t lo = bins_time(t), hi = bins_time(end);

	b->lo = b->any && b->lo < lo ? b->lo : lo;
	b->hi = b->any && b->hi > hi ? b->hi : hi;
	b->any = true;
	while ((b->hi >> b->shift) - (b->lo >> b->shift) >= b->max)
		b->shift++;
}

static struct bins_edge
edge_at(const struct bins *b, uint64_t t, int32_t cover)
{
	uint64_t within = t & (((uint64_t)1 << b->shift) - 1);

	return (struct bins_edge){ .at = (uint32_t)((t >> b->shift) - b->base),
		.cover = cover,
		.ns = -((uint64_t)(int64_t)cover * within) };
}

/* Put the edges of a span at e. Returns how many: one if it lies in one bin. */
static uint32_t
put_edges(const struct bins *b, const struct bins_span *s, struct bins_edge *e)
{
	struct bins_edge last = edge_at(b, s->end, -s->weight);

	*e = edge_at(b, s->t, s->weight);
	if (last.at != e->at) {
		e[1] = last;
		return 2;
	}
	e->cover = 0;
	e->ns += last.ns;
	return 1;
}

/* Sort the edges of the spans by lane into b->fresh, those of a lane in the order of their spans.
 * end[lane] becomes the index after a lane's last edge. */
static void
scatter(struct bins *b, uint32_t *end)
{
	uint32_t lane, n, sum = 0;
	const struct bins_span *s;

	for (s = b->span; s < b->span + b->nspan; s++)
		end[s->lane] += 1 + (s->t >> b->shift != s->end >> b->shift);
	for (lane = 0; lane < b->nlane; lane++) {
		n = end[lane];
		end[lane] = sum;
		sum += n;
	}
	if (b->fresh == NULL || b->fresh_cap < sum) {
		b->fresh_cap = sum;
		b->fresh = mem_resize(b->fresh, (size_t)sum + 1, sizeof *b->fresh);
	}
	for (s = b->span; s < b->span + b->nspan; s++)
		end[s->lane] += put_edges(b, s, &b->fresh[end[s->lane]]);
}

static int
by_bin(const void *a, const void *b)
{
	const struct bins_edge *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void
sort(struct bins_edge *edge, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (edge[i - 1].at > edge[i].at) {
			qsort(edge, n, sizeof *edge, by_bin);
			return;
		}
}

/* Put an edge after the n edges of a lane, into the last if that has the same bin. */
static size_t
put(struct bins_edge *edge, size_t n, struct bins_edge e)
{
	struct bins_edge *last = edge + n - 1;

	if (n > 0 && last->at == e.at) {
		last->cover = (int32_t)((uint32_t)last->cover + (uint32_t)e.cover);
		last->ns += e.ns;
		return n;
	}
	edge[n] = e;
	return n + 1;
}

/* Make room for the fresh edges, and move the others to the end of it. */
static struct bins_edge *
make_room(struct bins *b, size_t fresh)
{
	size_t n = b->nedge + fresh;

	if (b->edge_cap <= n) {
		b->edge_cap = n + n / 4 + 1;
		b->edge = mem_resize(b->edge, b->edge_cap, sizeof *b->edge);
	}
	b->first = mem_resize(b->first, (size_t)b->nlane + 1, sizeof *b->first);
	return memmove(b->edge + n - b->nedge, b->edge, b->nedge * sizeof *b->edge);
}

/* Merge the fresh edges into the others; writing from the start of the array never gets past those.
 * Empty edges stay, so that their number depends on the spans alone, not on their order. */
static void
merge(struct bins *b, const uint32_t *end)
{
	struct bins_edge *old = make_room(b, b->nlane > 0 ? end[b->nlane - 1] : 0);
	struct bins_edge *fresh = b->fresh, *out = b->edge;
	struct bins_edge *old_stop = old, *fresh_stop;
	uint32_t lane;
	size_t n;

	for (lane = 0; lane < b->nlane; lane++, out += n) {
		if (lane < b->folded_lanes)
			old_stop += b->first[lane + 1] - b->first[lane];
		fresh_stop = b->fresh + end[lane];
		sort(fresh, (size_t)(fresh_stop - fresh));
		b->first[lane] = (uint32_t)(out - b->edge);
		for (n = 0; old < old_stop || fresh < fresh_stop;) {
			if (fresh == fresh_stop || (old < old_stop && old->at < fresh->at))
				n = put(out, n, *old++);
			else
				n = put(out, n, *fresh++);
		}
	}
	b->nedge = (size_t)(out - b->edge);
	b->first[lane] = (uint32_t)b->nedge;
	b->folded_lanes = b->nlane;
	b->nspan = 0;
}

/* Bring the edges to bins as wide as the present ones, counted from the present lo. An edge that
 * falls inside a wider bin leaves out the part of the bin before it. */
static void
widen(struct bins *b)
{
	unsigned by = b->shift - b->folded_shift;
	uint64_t inside = ((uint64_t)1 << by) - 1, base = b->lo >> b->shift, bin;
	uint32_t lane, i = 0, stop;
	size_t n = 0, used = 0;

	if (by == 0 && base == b->base)
		return;
	for (lane = 0; lane < b->folded_lanes; lane++, used += n) {
		i = b->first[lane];
		stop = b->first[lane + 1];
		b->first[lane] = (uint32_t)used;
		for (n = 0; i < stop; i++) {
			struct bins_edge e = b->edge[i];

			bin = b->base + e.at;
			e.ns -= (uint64_t)(int64_t)e.cover * ((bin & inside) << b->folded_shift);
			e.at = (uint32_t)((bin >> by) - base);
			n = put(b->edge + used, n, e);
		}
	}
	if (b->folded_lanes > 0)
		b->first[lane] = (uint32_t)used;
	b->nedge = used;
	b->base = base;
	b->folded_shift = b->shift;
}

/* The number of edges beyond the first BINS_FREE of each lane. More spans never make it less. */
static size_t
count_excess(const struct bins *b)
{
	size_t sum = 0, n;
	uint32_t lane;

	for (lane = 0; lane < b->folded_lanes; lane++) {
		n = b->first[lane + 1] - b->first[lane];
		sum += n > BINS_FREE ? n - BINS_FREE : 0;
	}
	return sum;
}

/* Make more room for spans; false if there is enough. A fold touches all edges and lanes, so
 * batches grow with them. */
static bool
grow(struct bins *b)
{
	size_t most = (b->batch > 0 ? b->batch : BINS_BATCH) + (b->nedge + b->nlane) / 8;

	if (b->span_cap >= most)
		return false;
	b->span_cap = b->span_cap > 0 ? 2 * b->span_cap : BINS_FIRST;
	b->span_cap = b->span_cap < most ? b->span_cap : most;
	b->span = mem_resize(b->span, b->span_cap, sizeof *b->span);
	return true;
}

static void
fold(struct bins *b)
{
	uint32_t *end = mem_alloc(((size_t)b->nlane + 1) * sizeof *end);
	size_t budget = b->budget > 0 ? b->budget : BINS_EDGES;

	if (b->span == NULL)
		grow(b);
	widen(b);
	scatter(b, end);
	merge(b, end);
	free(end);
	while (b->shift < 63 && count_excess(b) > budget) {
		b->shift++;
		widen(b);
	}
}

void
bins_add(struct bins *b, uint32_t lane, int64_t t, int64_t end, int32_t weight)
{
	if (t == end)
		return;
	if (b->nspan == b->span_cap && !grow(b))
		fold(b);
	b->span[b->nspan++] = (struct bins_span){ lane, weight, bins_time(t), bins_time(end) };
}

/* Drop the edges at which nothing changes, and add the others up. */
static void
drop_empty(struct bins *b)
{
	uint32_t lane, i, stop, n = 0;
	const struct bins_edge *e;
	uint64_t sum;

	b->total = mem_resize(NULL, (size_t)b->nlane + 1, sizeof *b->total);
	for (lane = 0; lane < b->nlane; lane++) {
		i = b->first[lane];
		stop = b->first[lane + 1];
		b->first[lane] = n;
		for (sum = 0; i < stop; i++) {
			e = &b->edge[i];
			if (e->cover == 0 && e->ns == 0)
				continue;
			sum += e->ns - ((uint64_t)(int64_t)e->cover * e->at << b->shift);
			b->edge[n++] = *e;
		}
		b->total[lane] = sum;
	}
	b->first[lane] = n;
}

void
bins_end(struct bins *b)
{
	fold(b);
	drop_empty(b);
	free(b->span);
	free(b->fresh);
	b->span = NULL;
	b->fresh = NULL;
}

void
bins_read(const struct bins *b, const uint32_t *lane, size_t n, uint64_t *ns)
{
	size_t bins = bins_count(b), i;
	uint64_t *cover = mem_alloc(bins * sizeof *cover), sum = 0;
	const struct bins_edge *e;
	uint32_t j;

	memset(ns, 0, bins * sizeof *ns);
	for (i = 0; i < n; i++)
		for (j = b->first[lane[i]]; j < b->first[lane[i] + 1]; j++) {
			e = &b->edge[j];
			ns[e->at] += e->ns;
			cover[e->at] += (uint64_t)(int64_t)e->cover;
		}
	for (i = 0; i < bins; i++) {
		sum += cover[i];
		ns[i] += sum << b->shift;
	}
	free(cover);
}

uint64_t
bins_total(const struct bins *b, uint32_t lane)
{
	return b->total[lane];
}

size_t
bins_edges(const struct bins *b, uint32_t lane)
{
	return b->first[lane + 1] - b->first[lane];
}

void
bins_free(struct bins *b)
{
	free(b->span);
	free(b->edge);
	free(b->fresh);
	free(b->first);
	free(b->total);
	*b = (struct bins){ 0 };
}
