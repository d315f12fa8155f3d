/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "mem.h"
#include "top.h"

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

static bool
less(const struct top *t, size_t a, size_t b)
{
	return order(t, &t->slot[a], &t->slot[b]) < 0;
}

static void
swap(struct top *t, size_t a, size_t b)
{
	struct top_slot slot = t->slot[a];

	t->slot[a] = t->slot[b];
	t->slot[b] = slot;
}

static void
sift_up(struct top *t, size_t i)
{
	for (; i > 0 && less(t, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(t, i, (i - 1) / 2);
}

static void
sift_down(struct top *t, size_t i)
{
	size_t child;

	while ((child = 2 * i + 1) < t->n) {
		if (child + 1 < t->n && less(t, child + 1, child))
			child++;
		if (!less(t, child, i))
			return;
		swap(t, i, child);
		i = child;
	}
}

static void
let_go(struct top *t)
{
	struct top_slot least = t->slot[0];

	t->bytes -= least.item->bytes;
	t->slot[0] = t->slot[--t->n];
	sift_down(t, 0);
	free(t->bar.item);
	t->bar = least;
}

void
top_put(struct top *t, struct top_item *item)
{
	t->slot = mem_grow(t->slot, t->n, &t->cap, sizeof *t->slot);
	t->slot[t->n] = (struct top_slot){ item->rank, item };
	t->bytes += item->bytes;
	sift_up(t, t->n++);
	while (t->n > 0 && t->bytes > t->budget)
		let_go(t);
}

static int
greatest_first(const void *a, const void *b, void *top)
{
	return order(top, b, a);
}

void
top_sort(struct top *t)
{
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
