/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "bins.h"

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

/* Go over to the scale's wider bins: an edge that falls inside one leaves out what is before it. */
static void
widen(struct bins *b, const struct bins_scale *s)
{
	unsigned by = s->shift - b->shift;
	uint64_t bin, base = b->base >> by;
	uint32_t i;

	for (i = 0; i < b->n; i++) {
		struct bins_edge *e = &b->edge[i];

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

static bool
sorted(const struct bins *b)
{
	uint32_t i;

	for (i = 1; i < b->n; i++)
		if (b->edge[i - 1].at > b->edge[i].at)
			return false;
	return true;
}

static void
merge(struct bins_edge *into, const struct bins_edge *e)
{
	into->cover = (int32_t)((uint32_t)into->cover + (uint32_t)e->cover);
	into->ns += e->ns;
}

/* Sort, and keep one edge a bin, none where nothing changes. */
static void
tidy(struct bins *b)
{
	uint32_t i, n = 0;

	if (!sorted(b))
		qsort(b->edge, b->n, sizeof *b->edge, by_bin);
	for (i = 0; i < b->n; i++) {
		if (n > 0 && b->edge[n - 1].at == b->edge[i].at) {
			merge(&b->edge[n - 1], &b->edge[i]);
			continue;
		}
		if (n > 0 && b->edge[n - 1].cover == 0 && b->edge[n - 1].ns == 0)
			n--;
		b->edge[n++] = b->edge[i];
	}
	if (n > 0 && b->edge[n - 1].cover == 0 && b->edge[n - 1].ns == 0)
		n--;
	b->n = n;
	b->untidy = false;
}

static void
make_room(struct bins *b, struct bins_scale *s)
{
	if (b->untidy)
		tidy(b);
	if (2 * b->n < b->cap)
		return;
	s->held -= b->cap;
	b->cap = b->cap == 0 ? 4 : b->cap < 64 ? 4 * b->cap : 2 * b->cap;
	s->held += b->cap;
	b->edge = mem_resize(b->edge, b->cap, sizeof *b->edge);
}

/* Put the last edge to the others. */
static void
flush(struct bins *b, struct bins_scale *s)
{
	if (b->n == b->cap)
		make_room(b, s);
	if (b->n > 0 && b->edge[b->n - 1].at >= b->last.at)
		b->untidy = true;
	b->edge[b->n++] = b->last;
	b->open = false;
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
	if (b->n > 0 && b->shift != s->shift)
		widen(b, s);
	tidy(b);
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
bins_shrink(struct bins *b, struct bins_scale *s)
{
	uint32_t cap = b->n > 4 ? b->n : 4;

	if (b->cap <= cap)
		return;
	s->held -= b->cap - cap;
	b->cap = cap;
	b->edge = mem_resize(b->edge, b->cap, sizeof *b->edge);
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
		if (e < b->n && b->edge[e].at == first + (int64_t)i) {
			cover += (uint64_t)(int64_t)b->edge[e].cover;
			ns[i] = b->edge[e++].ns;
		}
		ns[i] += cover << s->shift;
	}
}

void
bins_free(struct bins *b)
{
	free(b->edge);
	*b = (struct bins){ 0 };
}
