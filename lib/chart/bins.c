/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bins.h"

/* A change within a bin: the number of spans that start to cover the following bins, less those
 * that end, and the ns to add to this bin's share of the spans that cover it. */
struct bins_edge {
	int32_t at; /* the bin, counted from base */
	int32_t cover;
	uint64_t ns;
};

enum { LEAST_PIECE = 3, MOST_PIECE = 63 };

struct piece {
	struct piece *next;
	size_t cap;
	struct bins_edge edge[];
};

/* The edges of a lane by bin. All pieces before the last are full; those after it are empty, left
 * over from narrower bins. */
struct bins_lane {
	struct piece *first, *last;
	uint64_t total;     /* ns, once they are added up */
	uint32_t n;         /* edges */
	uint8_t used, room; /* edges of the last piece; the most of it */
	bool unsorted;      /* some edges are out of order; two may have the same bin */
};

uint32_t
bins_lanes(struct bins *b, uint32_t n)
{
	b->nlane += n;
	if (b->nlane > b->lane_cap)
		b->lane = mem_grow_zeroed(b->lane, b->nlane, &b->lane_cap, sizeof *b->lane);
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

/* --- the edges of a lane */

/* Go on to the next piece. */
static void
next_piece(struct bins *b, struct bins_lane *l)
{
	struct piece *last = l->last, *p = last != NULL ? last->next : NULL;
	size_t cap = last == NULL ? LEAST_PIECE : 2 * last->cap + 1;

	if (p == NULL) {
		cap = cap < MOST_PIECE ? cap : MOST_PIECE;
		p = arena_take(&b->pieces, sizeof *p + cap * sizeof *p->edge);
		p->next = NULL;
		p->cap = cap;
		*(last == NULL ? &l->first : &last->next) = p;
	}
	l->last = p;
	l->used = 0;
	l->room = (uint8_t)p->cap;
}

/* Put an edge after the others, into the last if that has the same bin. */
static inline void
put(struct bins *b, struct bins_lane *l, struct bins_edge e)
{
	struct bins_edge *last = l->used > 0 ? &l->last->edge[l->used - 1] : NULL;

	if (last != NULL && last->at == e.at) {
		last->cover = (int32_t)((uint32_t)last->cover + (uint32_t)e.cover);
		last->ns += e.ns;
		return;
	}
	l->unsorted |= last != NULL && last->at > e.at;
	if (l->last == NULL || l->used == l->room)
		next_piece(b, l);
	l->last->edge[l->used++] = e;
	l->n++;
	b->nedge++;
}

/* Start to put the edges of a lane anew. An edge can be put once it has been read. */
static void
restart(struct bins *b, struct bins_lane *l)
{
	if (l->first == NULL)
		return;
	b->nedge -= l->n;
	l->last = l->first;
	l->used = 0;
	l->room = (uint8_t)l->first->cap;
	l->n = 0;
}

/* The edges of a lane, which may be restarted meanwhile. */
struct walk {
	struct piece *piece, *last;
	size_t i, n; /* of the piece */
	size_t used; /* of the last one */
};

static struct walk
walk(const struct bins_lane *l)
{
	return (struct walk){ l->first, l->last, 0, l->first == l->last ? l->used : l->first->cap,
		l->used };
}

static struct bins_edge *
next(struct walk *w)
{
	if (w->i == w->n) {
		if (w->piece == w->last)
			return NULL;
		w->piece = w->piece->next;
		w->n = w->piece == w->last ? w->used : w->piece->cap;
		w->i = 0;
	}
	return &w->piece->edge[w->i++];
}

static int
by_bin(const void *a, const void *b)
{
	const struct bins_edge *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void
sort(struct bins *b, struct bins_lane *l)
{
	size_t n = l->n, i = 0;
	struct bins_edge *edge = mem_resize(NULL, n, sizeof *edge), *e;
	struct walk w = walk(l);

	while ((e = next(&w)) != NULL)
		edge[i++] = *e;
	qsort(edge, n, sizeof *edge, by_bin);
	restart(b, l);
	for (i = 0; i < n; i++)
		put(b, l, edge[i]);
	l->unsorted = false;
	free(edge);
}

/* --- all lanes */

/* Convert the edges to the present, wider bins. A span does not cover the part of a wider bin that
 * precedes its edge. */
static void
widen(struct bins *b)
{
	unsigned by = b->shift - b->edge_shift;
	uint64_t inside = ((uint64_t)1 << by) - 1, base = b->base >> by, bin;
	struct bins_edge *next_edge, e;
	struct bins_lane *l;
	struct walk w;

	for (l = b->lane; l < b->lane + b->nlane; l++) {
		w = walk(l);
		restart(b, l);
		while ((next_edge = next(&w)) != NULL) {
			e = *next_edge;
			bin = b->base + (uint64_t)(int64_t)e.at;
			e.ns -= (uint64_t)(int64_t)e.cover * ((bin & inside) << b->edge_shift);
			e.at = (int32_t)((bin >> by) - base);
			put(b, l, e);
		}
	}
	b->base = base;
	b->edge_shift = b->shift;
}

static size_t
budget(const struct bins *b)
{
	return b->budget > 0 ? b->budget : BINS_EDGES;
}

/* The number of edges beyond the first BINS_FREE of each lane. More spans never make it less. */
static size_t
count_excess(const struct bins *b)
{
	const struct bins_lane *l;
	size_t sum = 0;

	for (l = b->lane; l < b->lane + b->nlane; l++)
		sum += l->n > BINS_FREE ? l->n - BINS_FREE : 0;
	return sum;
}

/* Sort the edges of all lanes, and widen the bins until they fit the budget. Empty edges stay, so
 * that the number of edges does not depend on the order of the spans. */
static void
settle(struct bins *b)
{
	struct bins_lane *l;

	for (l = b->lane; l < b->lane + b->nlane; l++)
		if (l->unsorted)
			sort(b, l);
	while (b->shift < 63 && count_excess(b) > budget(b)) {
		b->shift++;
		widen(b);
	}
	b->settle = b->nedge + (b->batch > 0 ? b->batch : BINS_BATCH) + (b->nedge + b->nlane) / 8;
}

static struct bins_edge
edge_at(const struct bins *b, uint64_t t, int32_t cover)
{
	uint64_t within = t & (((uint64_t)1 << b->shift) - 1);

	return (struct bins_edge){ .at = (int32_t)((t >> b->shift) - b->base),
		.cover = cover,
		.ns = -((uint64_t)(int64_t)cover * within) };
}

static void
add(struct bins *b, const struct bins_span *s)
{
	struct bins_edge first = edge_at(b, s->t, s->weight), last = edge_at(b, s->end, -s->weight);
	struct bins_lane *l = &b->lane[s->lane];

	if (first.at == last.at) {
		first.cover = 0;
		first.ns += last.ns;
		put(b, l, first);
	} else {
		put(b, l, first);
		put(b, l, last);
	}
}

/* Add the pending spans to their lanes. */
static void
add_pending(struct bins *b)
{
	const struct bins_span *s = b->pending, *end = s + b->npending;
	const struct bins_lane *l;

	if (b->nedge == 0 && s < end)
		b->base = s->t >> (b->edge_shift = b->shift);
	else if (b->edge_shift != b->shift)
		widen(b);
	for (; s < end; s++) {
		l = &b->lane[s->lane];
		if (l->used > 0)
			__builtin_prefetch(&l->last->edge[l->used - 1], 1);
	}
	for (s = b->pending; s < end; s++)
		add(b, s);
	b->npending = 0;
	if (b->nedge > b->settle)
		settle(b);
}

void
bins_add(struct bins *b, uint32_t lane, int64_t t, int64_t end, int32_t weight)
{
	if (t == end)
		return;
	if (b->npending == BINS_PENDING)
		add_pending(b);
	b->pending[b->npending++] =
	    (struct bins_span){ lane, weight, bins_time(t), bins_time(end) };
}

/* Add up the edges of a lane, and drop those at which nothing changes. */
static uint64_t
add_up(struct bins *b, struct bins_lane *l)
{
	struct walk w = walk(l);
	struct bins_edge *e;
	uint64_t sum = 0;
	bool empty = false;

	while ((e = next(&w)) != NULL) {
		sum += e->ns - ((uint64_t)(int64_t)e->cover * (uint64_t)(int64_t)e->at << b->shift);
		empty |= e->cover == 0 && e->ns == 0;
	}
	w = walk(l);
	if (empty)
		restart(b, l);
	while (empty && (e = next(&w)) != NULL)
		if (e->cover != 0 || e->ns != 0)
			put(b, l, *e);
	return sum;
}

void
bins_end(struct bins *b)
{
	struct bins_lane *l;

	add_pending(b);
	settle(b);
	for (l = b->lane; l < b->lane + b->nlane; l++)
		if (l->first != NULL)
			l->total = add_up(b, l);
}

bool
bins_spare(struct bins *b, size_t excess)
{
	unsigned shift = b->shift;

	add_pending(b);
	settle(b);
	if (b->shift == shift && shift < 63 && count_excess(b) + excess > budget(b))
		b->shift++;
	return b->shift == shift;
}

/* --- what is read */

void
bins_spread(const struct bins *b, int64_t t, int64_t end, struct bins_cell *cell)
{
	uint64_t from = bins_time(t), to = bins_time(end), within = ((uint64_t)1 << b->shift) - 1;
	struct bins_cell *first = &cell[(from >> b->shift) - (b->lo >> b->shift)];
	struct bins_cell *last = &cell[(to >> b->shift) - (b->lo >> b->shift)];

	first->ns -= from & within;
	first->cover++;
	last->ns += to & within;
	last->cover--;
}

void
bins_sum(const struct bins *b, const struct bins_cell *cell, uint64_t *ns)
{
	size_t n = bins_count(b), i;
	uint64_t sum = 0;

	for (i = 0; i < n; i++) {
		sum += cell[i].cover;
		ns[i] = cell[i].ns + (sum << b->shift);
	}
}

void
bins_read(const struct bins *b, const uint32_t *lane, size_t n, uint64_t *ns)
{
	struct bins_cell *cell = mem_alloc(bins_count(b) * sizeof *cell), *c;
	uint64_t from = b->base - (b->lo >> b->shift);
	const struct bins_edge *e;
	struct walk w;
	size_t i;

	for (i = 0; i < n; i++) {
		w = walk(&b->lane[lane[i]]);
		while ((e = next(&w)) != NULL) {
			c = &cell[from + (uint64_t)(int64_t)e->at];
			c->ns += e->ns;
			c->cover += (uint64_t)(int64_t)e->cover;
		}
	}
	bins_sum(b, cell, ns);
	free(cell);
}

uint64_t
bins_total(const struct bins *b, uint32_t lane)
{
	return b->lane[lane].total;
}

size_t
bins_edges(const struct bins *b, uint32_t lane)
{
	return b->lane[lane].n;
}

void
bins_free(struct bins *b)
{
	free(b->lane);
	arena_free(&b->pieces);
	*b = (struct bins){ 0 };
}
