/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bins.h"

enum { CHUNK = 15 };

/* Of cache lines. */
struct bins_chunk {
	struct bins_chunk *before;
	struct bins_edge edge[CHUNK];
};

static struct bins_chunk *
take_chunk(struct bins_scale *s)
{
	struct bins_chunk *k = s->spare;

	s->held += CHUNK;
	if (k == NULL)
		return arena_take(&s->chunks, sizeof *k);
	s->spare = k->before;
	return k;
}

static void
drop_chunk(struct bins *b, struct bins_scale *s)
{
	struct bins_chunk *k = b->chunk;

	b->chunk = k->before;
	k->before = s->spare;
	s->spare = k;
	s->held -= CHUNK;
}

size_t
bins_count(const struct bins_scale *s)
{
	return (size_t)((s->hi >> s->shift) - (s->lo >> s->shift)) + 1;
}

void
bins_reach(struct bins_scale *s, int64_t t, int64_t end)
{
	uint64_t lo = bins_time(t), hi = bins_time(end);

	s->lo = s->any && s->lo < lo ? s->lo : lo;
	s->hi = s->any && s->hi > hi ? s->hi : hi;
	s->any = true;
	while ((s->hi >> s->shift) - (s->lo >> s->shift) >= s->max)
		s->shift++;
}

void
bins_near(const struct bins *b)
{
	if (b->room > 0)
		__builtin_prefetch(&b->chunk->edge[CHUNK - b->room], 1);
}

/* Put the last edge to the others. */
static void
flush(struct bins *b, struct bins_scale *s)
{
	struct bins_chunk *k;

	if (b->room == 0) {
		k = take_chunk(s);
		k->before = b->chunk;
		b->chunk = k;
		b->room = CHUNK;
	}
	b->untidy = b->untidy || (b->n > 0 && b->at >= b->last.at);
	b->at = b->last.at;
	b->chunk->edge[CHUNK - b->room--] = b->last;
	b->n++;
	b->open = false;
}

/* All edges in one array, in the order in which they came. */
static void
gather(const struct bins *b, struct bins_scale *s)
{
	const struct bins_chunk *k = b->chunk;
	size_t left = b->n, n = CHUNK - b->room;

	if (b->n > s->cap) {
		s->cap = 2 * (size_t)b->n;
		s->edge = mem_resize(s->edge, s->cap, sizeof *s->edge);
	}
	for (; left > 0; left -= n, n = CHUNK, k = k->before)
		memcpy(s->edge + left - n, k->edge, n * sizeof *k->edge);
}

/* The array's n edges are all there are. */
static void
scatter(struct bins *b, struct bins_scale *s, size_t n)
{
	size_t chunks = (b->n + CHUNK - 1) / CHUNK, left = n, here;
	struct bins_chunk *k;

	for (; chunks > (n + CHUNK - 1) / CHUNK; chunks--)
		drop_chunk(b, s);
	here = n == 0 ? 0 : 1 + (n - 1) % CHUNK;
	b->room = (uint8_t)(n == 0 ? 0 : CHUNK - here);
	for (k = b->chunk; left > 0; left -= here, here = CHUNK, k = k->before)
		memcpy(k->edge, s->edge + left - here, here * sizeof *k->edge);
	b->n = (uint32_t)n;
	b->at = n > 0 ? s->edge[n - 1].at : 0;
	b->untidy = false;
}

/* Go over to the scale's wider bins: an edge that falls inside one leaves out what is before it. */
static void
widen(struct bins *b, const struct bins_scale *s)
{
	unsigned by = s->shift - b->shift;
	uint64_t bin, base = b->base >> by;
	uint32_t i;

	for (i = 0; i < b->n; i++) {
		struct bins_edge *e = &s->edge[i];

		bin = b->base + (uint64_t)(int64_t)e->at;
		e->ns -=
		    (uint64_t)(int64_t)e->cover * ((bin & (((uint64_t)1 << by) - 1)) << b->shift);
		e->at = (int32_t)((int64_t)(bin >> by) - (int64_t)base);
	}
	b->base = base;
	b->shift = (uint8_t)s->shift;
}

static int
by_bin(const void *a, const void *b)
{
	const struct bins_edge *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void
merge(struct bins_edge *into, const struct bins_edge *e)
{
	into->cover = (int32_t)((uint32_t)into->cover + (uint32_t)e->cover);
	into->ns += e->ns;
}

/* Keep one edge a bin of n in order, none where nothing changes: how many stay. */
static size_t
tidy(struct bins_edge *edge, size_t n)
{
	size_t i, to = 0;

	for (i = 0; i < n; i++) {
		if (to > 0 && edge[to - 1].at == edge[i].at) {
			merge(&edge[to - 1], &edge[i]);
			continue;
		}
		if (to > 0 && edge[to - 1].cover == 0 && edge[to - 1].ns == 0)
			to--;
		edge[to++] = edge[i];
	}
	if (to > 0 && edge[to - 1].cover == 0 && edge[to - 1].ns == 0)
		to--;
	return to;
}

static void
put(struct bins *b, struct bins_scale *s, uint64_t t, int32_t cover)
{
	uint64_t within = t & (((uint64_t)1 << s->shift) - 1);
	struct bins_edge e = { .cover = cover, .ns = -((uint64_t)(int64_t)cover * within) };

	e.at = (int32_t)((int64_t)(t >> s->shift) - (int64_t)b->base);
	if (b->open && b->last.at == e.at) {
		merge(&b->last, &e);
		return;
	}
	if (b->open)
		flush(b, s);
	b->last = e;
	b->open = true;
}

size_t
bins_settle(struct bins *b, struct bins_scale *s)
{
	if (b->open)
		flush(b, s);
	gather(b, s);
	if (b->n > 0 && b->shift != s->shift)
		widen(b, s);
	if (b->untidy)
		qsort(s->edge, b->n, sizeof *s->edge, by_bin);
	scatter(b, s, tidy(s->edge, b->n));
	return b->n;
}

void
bins_add(struct bins *b, struct bins_scale *s, int64_t t, int64_t end, int32_t weight)
{
	if (b->n == 0 && !b->open) {
		b->base = bins_time(t) >> s->shift;
		b->shift = (uint8_t)s->shift;
	} else if (b->shift != s->shift) {
		bins_settle(b, s);
	}
	put(b, s, bins_time(t), weight);
	put(b, s, bins_time(end), -weight);
}

void
bins_read(struct bins *b, struct bins_scale *s, uint64_t *ns)
{
	size_t n = bins_count(s), i;
	int64_t first;
	uint64_t cover = 0;
	uint32_t e = 0;

	bins_settle(b, s);
	first = (int64_t)(s->lo >> s->shift) - (int64_t)b->base;
	for (i = 0; i < n; i++) {
		ns[i] = 0;
		if (e < b->n && s->edge[e].at == first + (int64_t)i) {
			cover += (uint64_t)(int64_t)s->edge[e].cover;
			ns[i] = s->edge[e++].ns;
		}
		ns[i] += cover << s->shift;
	}
}

void
bins_free(struct bins_scale *s)
{
	arena_free(&s->chunks);
	free(s->edge);
	s->spare = NULL;
	s->edge = NULL;
	s->cap = 0;
}
