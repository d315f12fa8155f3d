/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "mem.h"
#include "top.h"

enum { MAXSPLITS = 100 };

static int
order(const struct top *t, const struct top_slot *a, const struct top_slot *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return t->order(t->arg, a->item, b->item);
}

bool
top_wants(const struct top *t, const struct top_item *item)
{
	const struct top_slot slot = { item->rank, (struct top_item *)item };

	return t->bar.item == NULL || order(t, &slot, &t->bar) > 0;
}

static void
swap(struct top *t, size_t a, size_t b)
{
	struct top_slot slot = t->slot[a];

	t->slot[a] = t->slot[b];
	t->slot[b] = slot;
}

/* Of the slots from lo to hi, those greater than the one in the middle go to the front, itself
 * behind them: where it is then. */
static size_t
split(struct top *t, size_t lo, size_t hi)
{
	size_t i, at = lo;

	swap(t, lo + (hi - lo) / 2, hi - 1);
	for (i = lo; i < hi - 1; i++)
		if (order(t, &t->slot[i], &t->slot[hi - 1]) > 0)
			swap(t, i, at++);
	swap(t, at, hi - 1);
	return at;
}

static int
greatest_first(const void *a, const void *b, void *top)
{
	return order(top, b, a);
}

/* Bring the greatest that fit into the budget to the front: how many. Where the splits are of no use
 * over and over, as somebody may have wanted, sorting is. */
static size_t
fitting(struct top *t)
{
	size_t lo = 0, hi = t->n, room = t->budget, splits = 0, at, i, bytes;

	while (lo < hi) {
		if (++splits == MAXSPLITS)
			qsort_r(t->slot + lo, hi - lo, sizeof *t->slot, greatest_first, t);
		at = splits < MAXSPLITS ? split(t, lo, hi) : lo;
		for (bytes = 0, i = lo; i <= at; i++)
			bytes += t->slot[i].item->bytes;
		if (bytes > room) {
			hi = at;
		} else {
			room -= bytes;
			lo = at + 1;
		}
	}
	return lo;
}

/* Let go of the least until the others fit. */
static void
prune(struct top *t)
{
	size_t n = fitting(t), best = n, i;

	for (i = n; i < t->n; i++)
		if (order(t, &t->slot[i], &t->slot[best]) > 0)
			best = i;
	for (i = n; i < t->n; i++) {
		t->bytes -= t->slot[i].item->bytes;
		if (i != best)
			free(t->slot[i].item);
	}
	if (t->n > n) {
		free(t->bar.item);
		t->bar = t->slot[best];
	}
	t->n = n;
}

void
top_put(struct top *t, struct top_item *item)
{
	t->slot = mem_grow(t->slot, t->n, &t->cap, sizeof *t->slot);
	t->slot[t->n++] = (struct top_slot){ item->rank, item };
	t->bytes += item->bytes;
	if (t->bytes > 2 * t->budget)
		prune(t);
}

void
top_sort(struct top *t)
{
	if (t->bytes > t->budget)
		prune(t);
	if (t->n > 0)
		qsort_r(t->slot, t->n, sizeof *t->slot, greatest_first, t);
}

void
top_free(struct top *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		free(t->slot[i].item);
	free(t->slot);
	free(t->bar.item);
	*t = (struct top){ 0 };
}
