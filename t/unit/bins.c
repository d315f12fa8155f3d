/* SPDX-License-Identifier: MIT */
/* Random spans in the bins equal those counted by hand, to the ns and in any order. */

#include <stdlib.h>
#include <string.h>

#include "base/top.h"
#include "chart/bins.h"
#include "tap.h"

enum { SPANS = 400, ROUNDS = 200, MAXBINS = 64, LANES = 3 };

struct span {
	int64_t t, end;
	uint32_t lane;
};

static uint64_t
next(uint64_t *r)
{
	*r ^= *r << 13;
	*r ^= *r >> 7;
	*r ^= *r << 17;
	return *r;
}

static void
make(uint64_t *r, struct span *s, int n)
{
	uint64_t range = ((uint64_t)1 << (next(r) % 62)) + 1, a, b;
	int64_t base = (int64_t)(next(r) >> (next(r) % 63)) / 4 - 1000;
	int i;

	for (i = 0; i < n; i++) {
		a = next(r) % range;
		b = next(r) % 3 == 0 ? a + next(r) % (range / 50 + 1) : next(r) % range;
		s[i].t = base + (int64_t)(a < b ? a : b);
		s[i].end = base + (int64_t)(a < b ? b : a);
		s[i].lane = (uint32_t)i % LANES;
	}
}

static void
shuffle(uint64_t *r, struct span *s, int n)
{
	struct span one;
	int i, j;

	for (i = n - 1; i > 0; i--) {
		j = (int)(next(r) % (uint64_t)(i + 1));
		one = s[i];
		s[i] = s[j];
		s[j] = one;
	}
}

/* What a fold gives: the ns in each bin and in all, by lane. */
struct result {
	uint64_t shift, n, edges, lo, ns[LANES][MAXBINS], total[LANES];
};

static void
fold(const struct span *s, size_t budget, struct result *r)
{
	struct bins b = { .max = MAXBINS, .budget = budget, .batch = 16 };
	uint32_t first = bins_lanes(&b, LANES), lane, one;
	int i;

	memset(r, 0, sizeof *r);
	for (i = 0; i < SPANS; i++) {
		bins_reach(&b, s[i].t, s[i].end);
		bins_add(&b, first + s[i].lane, s[i].t, s[i].end, 1);
	}
	bins_end(&b);
	r->shift = b.shift;
	r->n = bins_count(&b);
	for (lane = 0; lane < LANES; lane++) {
		one = first + lane;
		bins_read(&b, &one, 1, r->ns[lane]);
		r->total[lane] = bins_total(&b, first + lane);
		r->edges += bins_edges(&b, first + lane);
	}
	r->lo = b.lo;
	bins_free(&b);
}

/* The ns of a lane's spans from one time to another, the latter included. */
static uint64_t
by_hand(const struct span *s, uint32_t lane, uint64_t from, uint64_t last)
{
	uint64_t sum = 0, a, b;
	int i;

	for (i = 0; i < SPANS; i++) {
		a = bins_time(s[i].t);
		b = bins_time(s[i].end);
		if (s[i].lane != lane || a == b || a > last || b <= from)
			continue;
		sum += (b - 1 < last ? b - 1 : last) - (a > from ? a : from) + 1;
	}
	return sum;
}

static bool
agrees(const struct span *s, const struct result *r)
{
	uint64_t from, sum;
	uint32_t lane;
	size_t i;

	for (lane = 0; lane < LANES; lane++) {
		for (sum = 0, i = 0; i < r->n; i++) {
			from = ((r->lo >> r->shift) + i) << r->shift;
			if (r->ns[lane][i] !=
			    by_hand(s, lane, from, from + ((uint64_t)1 << r->shift) - 1))
				return false;
			sum += r->ns[lane][i];
		}
		if (sum != r->total[lane])
			return false;
	}
	return r->n <= MAXBINS;
}

/* The same in another order, with as many edges as the budget allows. */
static bool
bins_are_right(uint64_t *r, size_t budget)
{
	static struct result one, two;
	struct span s[SPANS];

	make(r, s, SPANS);
	fold(s, budget, &one);
	if (!agrees(s, &one) || (budget > 0 && one.edges > budget + LANES * BINS_FREE))
		return false;
	shuffle(r, s, SPANS);
	fold(s, budget, &two);
	return memcmp(&one, &two, sizeof one) == 0;
}

/* Lanes of one span each do not widen the bins of the others. */
static bool
many_lanes_are_right(void)
{
	struct bins b = { .max = MAXBINS, .budget = 1, .batch = 16 };
	uint64_t ns[MAXBINS];
	uint32_t last = 999;
	bool ok;
	int i;

	bins_reach(&b, 0, MAXBINS / 2);
	for (i = 0; i < 1000; i++)
		bins_add(&b, bins_lanes(&b, 1), i % 10, i % 10 + 2, 1);
	bins_end(&b);
	bins_read(&b, &last, 1, ns);
	ok = b.shift == 0 && ns[8] == 0 && ns[9] == 1 && ns[10] == 1 && ns[11] == 0;
	bins_free(&b);
	return ok;
}

struct thing {
	struct top_item item;
	uint64_t id;
};

static int
by_id(const void *arg, const struct top_item *a, const struct top_item *b)
{
	const struct thing *x = (const void *)a, *y = (const void *)b;

	(void)arg;
	return (x->id > y->id) - (x->id < y->id);
}

/* A sum over what is kept of things whose rank and size follow from their id. */
static uint64_t
kept(const struct span *s, int n, size_t *bytes)
{
	struct top k = { .budget = 5000, .order = by_id };
	uint64_t sum = 0;
	size_t i;
	int j;

	for (j = 0; j < n; j++) {
		struct thing t = { .id = (uint64_t)s[j].t }, *room;

		t.item.rank = t.id % 50;
		t.item.bytes = sizeof t + t.id % 97;
		if (!top_wants(&k, &t.item))
			continue;
		room = top_room(&k, t.item.bytes);
		*room = t;
		top_put(&k, &room->item);
	}
	top_prune(&k);
	top_sort(&k, k.slot, k.n);
	for (i = 0, *bytes = 0; i < k.n; i++) {
		sum += ((const struct thing *)k.slot[i].item)->id * 31 + 1;
		*bytes += k.slot[i].item->bytes;
	}
	top_free(&k);
	return sum;
}

static bool
kept_is_right(uint64_t *r)
{
	struct span s[SPANS];
	size_t a, b;
	uint64_t sum;

	make(r, s, SPANS);
	sum = kept(s, SPANS, &a);
	shuffle(r, s, SPANS);
	return kept(s, SPANS, &b) == sum && a == b && a <= 5000 &&
	       a > 5000 - 2 * (sizeof(struct thing) + 97);
}

/* Of things that are all equal, as many are kept as fit. */
static bool
equal_ones_fill_up(void)
{
	struct top k = { .budget = 10 * sizeof(struct thing), .order = by_id };
	struct thing t = { .item.bytes = sizeof t, .item.rank = 3, .id = 7 };
	size_t i, n;

	for (i = 0; i < 100; i++) {
		if (!top_wants(&k, &t.item))
			continue;
		*(struct thing *)top_room(&k, sizeof t) = t;
		top_put(&k, (struct top_item *)(void *)(k.room + k.used));
	}
	top_prune(&k);
	n = k.n;
	top_free(&k);
	return n == 10;
}

int
main(void)
{
	struct tap t = { 0 };
	uint64_t r = 88172645463325252;
	int i, all = 0, few = 0, keeps = 0;

	for (i = 0; i < ROUNDS; i++) {
		all += bins_are_right(&r, 0);
		few += bins_are_right(&r, 20);
		keeps += kept_is_right(&r);
	}
	tap_ok(&t, all == ROUNDS, "bins hold each span to the ns, in any order");
	tap_ok(&t, few == ROUNDS, "so they do within a budget of edges, which they keep");
	tap_ok(&t, many_lanes_are_right(), "lanes with few edges do not widen the bins");
	tap_ok(&t, keeps == ROUNDS, "what is kept does not depend on the order");
	tap_ok(&t, equal_ones_fill_up(), "of items that are equal, as many are kept as fit");
	return tap_end(&t);
}
