/* SPDX-License-Identifier: MIT */
/* Spans at random, in the bins and counted by hand: the same to the ns, in any order. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/top.h"
#include "draw/bins.h"

enum { SPANS = 400, ROUNDS = 200, MAXBINS = 64 };

struct span {
	int64_t t, end;
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

/* The ns in each bin; how many bins. */
static size_t
fold(const struct span *s, int n, struct bins_scale *scale, uint64_t *ns)
{
	struct bins b = { 0 };
	int i;

	*scale = (struct bins_scale){ .max = MAXBINS };
	for (i = 0; i < n; i++) {
		bins_reach(scale, s[i].t, s[i].end);
		bins_add(&b, scale, s[i].t, s[i].end, 1);
	}
	bins_read(&b, scale, ns);
	bins_free(scale);
	return bins_count(scale);
}

static uint64_t
by_hand(const struct span *s, int n, uint64_t from, uint64_t last)
{
	uint64_t sum = 0, a, b;
	int i;

	for (i = 0; i < n; i++) {
		a = bins_time(s[i].t);
		b = bins_time(s[i].end);
		if (a == b || a > last || b <= from)
			continue;
		sum += (b - 1 < last ? b - 1 : last) - (a > from ? a : from) + 1;
	}
	return sum;
}

static bool
bins_are_right(uint64_t *r)
{
	struct span s[SPANS];
	struct bins_scale scale, again;
	uint64_t ns[MAXBINS + 1], ns2[MAXBINS + 1], from;
	size_t count, i;

	make(r, s, SPANS);
	count = fold(s, SPANS, &scale, ns);
	for (i = 0; i < count; i++) {
		from = ((scale.lo >> scale.shift) + i) << scale.shift;
		if (ns[i] != by_hand(s, SPANS, from, from + ((uint64_t)1 << scale.shift) - 1))
			return false;
	}
	shuffle(r, s, SPANS);
	return count <= MAXBINS && fold(s, SPANS, &again, ns2) == count &&
	       again.shift == scale.shift && again.lo == scale.lo &&
	       memcmp(ns, ns2, count * sizeof *ns) == 0;
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

/* Of things whose rank and size follow from their id: what is kept, as a sum. */
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
	top_sort(&k);
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

int
main(void)
{
	uint64_t r = 88172645463325252;
	int i, bins = 0, keeps = 0;

	for (i = 0; i < ROUNDS; i++) {
		bins += bins_are_right(&r);
		keeps += kept_is_right(&r);
	}
	printf("1..2\n");
	printf("%sok 1 - bins hold each span to the ns, in any order (%d of %d)\n",
	    bins == ROUNDS ? "" : "not ", bins, ROUNDS);
	printf("%sok 2 - what is kept does not depend on the order (%d of %d)\n",
	    keeps == ROUNDS ? "" : "not ", keeps, ROUNDS);
	return 0;
}
