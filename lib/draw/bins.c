/* SPDX-License-Identifier: MIT */

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bins.h"

enum { CHUNK = 16 };

/* An edge is within one cache line. */
struct bins_chunk {
	alignas(16) struct bins_chunk *next;
	alignas(16) struct bins_edge edge[CHUNK];
};

/* A place among the edges. */
struct cursor {
	struct bins_chunk *chunk;
	unsigned i;
};

static struct bins_chunk *
take_chunk(struct bins_scale *s)
{
	struct bins_chunk *k = s->spare;

	s->held += CHUNK;
	if (k == NULL)
		return arena_take(&s->chunks, sizeof *k);
	s->spare = k->next;
	return k;
}

static void
drop_chunk(struct bins_scale *s, struct bins_chunk *k)
{
	k->next = s->spare;
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
	if (b->n > 0)
		__builtin_prefetch(&b->chunk->edge[b->used - 1], 1);
}

/* Make room for one more edge. */
static struct bins_edge *
append(struct bins *b, struct bins_scale *s)
{
	struct bins_chunk *k;

	if (b->chunk == NULL || b->used == CHUNK) {
		k = take_chunk(s);
		k->next = NULL;
		*(b->chunk == NULL ? &b->first : &b->chunk->next) = k;
		b->chunk = k;
		b->used = 0;
	}
	b->n++;
	return &b->chunk->edge[b->used++];
}

/* The next edge, of which there must be one. The chunk behind will be needed soon. */
static inline struct bins_edge *
step(struct cursor *c)
{
	size_t i;

	if (c->i == CHUNK)
		*c = (struct cursor){ c->chunk->next, 0 };
	if (c->i == 0 && c->chunk->next != NULL)
		for (i = 0; i < CHUNK; i += 4)
			__builtin_prefetch(&c->chunk->next->edge[i], 1);
	return &c->chunk->edge[c->i++];
}

/* The n edges up to the cursor are all there are. */
static void
cut(struct bins *b, struct bins_scale *s, struct cursor end, uint32_t n)
{
	struct bins_chunk **last = n > 0 ? &end.chunk->next : &b->first, *k, *next;

	for (k = *last; k != NULL; k = next) {
		next = k->next;
		drop_chunk(s, k);
	}
	*last = NULL;
	b->chunk = n > 0 ? end.chunk : NULL;
	b->used = (uint8_t)end.i;
	b->n = n;
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

static bool
is_empty(const struct bins_edge *e)
{
	return e->cover == 0 && e->ns == 0;
}

/* Over to the scale's wider bins: an edge that falls inside one leaves out what is before it. */
static struct bins_edge
widened(const struct bins *b, unsigned by, struct bins_edge e)
{
	uint64_t bin = b->base + (uint64_t)(int64_t)e.at, inside = ((uint64_t)1 << by) - 1;

	e.ns -= (uint64_t)(int64_t)e.cover * ((bin & inside) << b->shift);
	e.at = (int32_t)((int64_t)(bin >> by) - (int64_t)(b->base >> by));
	return e;
}

/* The edges, widened, in order in an array of the scale. */
static void
sort(const struct bins *b, struct bins_scale *s)
{
	struct cursor from = { b->first, 0 };
	uint32_t i;

	if (b->n > s->cap) {
		s->cap = 2 * (size_t)b->n;
		s->edge = mem_resize(s->edge, s->cap, sizeof *s->edge);
	}
	for (i = 0; i < b->n; i++)
		s->edge[i] = widened(b, s->shift - b->shift, *step(&from));
	qsort(s->edge, b->n, sizeof *s->edge, by_bin);
}

/* One edge a bin is kept, none where nothing changes. */
size_t
bins_compact(struct bins *b, struct bins_scale *s)
{
	struct cursor from = { b->first, 0 }, to = from, before = from;
	struct bins_edge *last = NULL, e;
	unsigned by = s->shift - b->shift;
	uint32_t i, n = 0;

	if (b->untidy)
		sort(b, s);
	for (i = 0; i < b->n; i++) {
		e = b->untidy ? s->edge[i] : widened(b, by, *step(&from));
		if (last != NULL && last->at == e.at) {
			merge(last, &e);
		} else if (last != NULL && is_empty(last)) {
			*last = e;
		} else {
			before = to;
			last = step(&to);
			*last = e;
			n++;
		}
	}
	if (last != NULL && is_empty(last)) {
		to = before;
		n--;
	}
	cut(b, s, to, n);
	b->base >>= by;
	b->shift = (uint8_t)s->shift;
	b->untidy = false;
	return n;
}

static void
put(struct bins *b, struct bins_scale *s, uint64_t t, int32_t cover)
{
	uint64_t within = t & (((uint64_t)1 << s->shift) - 1);
	struct bins_edge e = { .cover = cover, .ns = -((uint64_t)(int64_t)cover * within) };
	struct bins_edge *last = b->chunk != NULL ? &b->chunk->edge[b->used - 1] : NULL;

	e.at = (int32_t)((int64_t)(t >> s->shift) - (int64_t)b->base);
	if (last != NULL && last->at == e.at) {
		merge(last, &e);
		return;
	}
	b->untidy = b->untidy || (last != NULL && last->at > e.at);
	*append(b, s) = e;
}

void
bins_add(struct bins *b, struct bins_scale *s, int64_t t, int64_t end, int32_t weight)
{
	if (b->n == 0) {
		b->base = bins_time(t) >> s->shift;
		b->shift = (uint8_t)s->shift;
	} else if (b->shift != s->shift) {
		bins_compact(b, s);
	}
	put(b, s, bins_time(t), weight);
	put(b, s, bins_time(end), -weight);
}

void
bins_read(struct bins *b, struct bins_scale *s, uint64_t *ns)
{
	size_t n = bins_count(s), left = bins_compact(b, s), i;
	int64_t first = (int64_t)(s->lo >> s->shift) - (int64_t)b->base;
	struct cursor c = { b->first, 0 };
	struct bins_edge *e = left > 0 ? step(&c) : NULL;
	uint64_t cover = 0;

	for (i = 0; i < n; i++) {
		ns[i] = 0;
		if (e != NULL && e->at == first + (int64_t)i) {
			cover += (uint64_t)(int64_t)e->cover;
			ns[i] = e->ns;
			e = --left > 0 ? step(&c) : NULL;
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
