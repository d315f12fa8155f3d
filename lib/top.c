/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "mem.h"
#include "top.h"

static int
order(const struct top *k, const struct top_slot *a, const struct top_slot *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return k->order(k->arg, a->item, b->item);
}

bool
top_wants(const struct top *k, const struct top_item *item)
{
	const struct top_slot slot = { item->rank, (struct top_item *)item };

	return k->bar.item == NULL || order(k, &slot, &k->bar) > 0;
}

static bool
less(const struct top *k, size_t a, size_t b)
{
	return order(k, &k->slot[a], &k->slot[b]) < 0;
}

static void
swap(struct top *k, size_t a, size_t b)
{
	struct top_slot slot = k->slot[a];

	k->slot[a] = k->slot[b];
	k->slot[b] = slot;
}

static void
sift_up(struct top *k, size_t i)
{
	for (; i > 0 && less(k, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(k, i, (i - 1) / 2);
}

static void
sift_down(struct top *k, size_t i)
{
	size_t child;

	while ((child = 2 * i + 1) < k->n) {
		if (child + 1 < k->n && less(k, child + 1, child))
			child++;
		if (!less(k, child, i))
			return;
		swap(k, i, child);
		i = child;
	}
}

static void
let_go(struct top *k)
{
	struct top_slot least = k->slot[0];

	k->bytes -= least.item->bytes;
	k->slot[0] = k->slot[--k->n];
	sift_down(k, 0);
	free(k->bar.item);
	k->bar = least;
}

void
top_put(struct top *k, struct top_item *item)
{
	k->slot = mem_grow(k->slot, k->n, &k->cap, sizeof *k->slot);
	k->slot[k->n] = (struct top_slot){ item->rank, item };
	k->bytes += item->bytes;
	sift_up(k, k->n++);
	while (k->n > 0 && k->bytes > k->budget)
		let_go(k);
}

static int
greatest_first(const void *a, const void *b, void *top)
{
	return order(top, b, a);
}

void
top_sort(struct top *k)
{
	if (k->n > 0)
		qsort_r(k->slot, k->n, sizeof *k->slot, greatest_first, k);
}

void
top_free(struct top *k)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		free(k->slot[i].item);
	free(k->slot);
	free(k->bar.item);
	*k = (struct top){ 0 };
}
