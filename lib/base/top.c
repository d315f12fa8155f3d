/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "top.h"

enum { MAXSPLITS = 100, LEAST_ROOM = 64 * 1024 };

static size_t
round_up(size_t bytes)
{
	return (bytes + sizeof(uint64_t) - 1) / sizeof(uint64_t) * sizeof(uint64_t);
}

static int
order(const struct top *t, const struct top_slot *a, const struct top_slot *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->item->tie != b->item->tie)
		return a->item->tie < b->item->tie ? -1 : 1;
	return t->order(t->arg, a->item, b->item);
}

bool
top_wants(const struct top *t, const struct top_item *item)
{
	const struct top_slot slot = { item->rank, item->bytes, (struct top_item *)item };

	return t->bar.item == NULL || order(t, &slot, &t->bar) > 0;
}

static void
swap(struct top *t, size_t a, size_t b)
{
	struct top_slot slot = t->slot[a];

	t->slot[a] = t->slot[b];
	t->slot[b] = slot;
}

/* Move the slots of [lo, hi) that are greater than the middle one to the front, and that one after
 * them. Returns where it is then. */
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

/* Move the greatest items that fit into the budget to the front. Returns their number. An input
 * that makes most splits useless is sorted instead. */
static size_t
fitting(struct top *t)
{
	size_t lo = 0, hi = t->n, room = t->budget, splits = 0, at, i, bytes;

	while (lo < hi) {
		if (++splits == MAXSPLITS)
			qsort_r(t->slot + lo, hi - lo, sizeof *t->slot, greatest_first, t);
		at = splits < MAXSPLITS ? split(t, lo, hi) : lo;
		for (bytes = 0, i = lo; i <= at; i++)
			bytes += t->slot[i].bytes;
		if (bytes > room) {
			hi = at;
		} else {
			room -= bytes;
			lo = at + 1;
		}
	}
	return lo;
}

/* Move the items that are greater than the bar together, with the bar and some that are equal to
 * it.
 */
static void
close_up(struct top *t, size_t equal)
{
	char *p = t->room, *end = p + t->used, *next, *to = p;
	struct top_slot slot;
	bool is_bar;
	int d;

	for (t->n = 0; p < end; p = next) {
		slot.item = (void *)p;
		slot.rank = slot.item->rank;
		slot.bytes = slot.item->bytes;
		next = p + round_up(slot.bytes);
		is_bar = slot.item == t->bar.item;
		d = is_bar ? 1 : order(t, &slot, &t->bar);
		if (d < 0 || (d == 0 && equal == 0))
			continue;
		equal -= d == 0;
		slot.item = memmove(to, p, slot.bytes);
		if (t->moved != NULL)
			t->moved(slot.item, to - p);
		*(is_bar ? &t->bar : &t->slot[t->n++]) = slot;
		to += next - p;
	}
	t->used = (size_t)(to - t->room);
}

void
top_prune(struct top *t)
{
	size_t n = fitting(t), equal = 0, i;

	for (i = n; i < t->n; i++)
		if (t->bar.item == NULL || order(t, &t->slot[i], &t->bar) > 0)
			t->bar = t->slot[i];
	if (t->bar.item == NULL)
		return;
	for (i = 0; i < n; i++)
		equal += order(t, &t->slot[i], &t->bar) == 0;
	close_up(t, equal);
}

/* The room is somewhere else now: adjust the pointers of an item. */
static void
follow(const struct top *t, struct top_slot *slot, uintptr_t from)
{
	slot->item = (void *)(t->room + ((uintptr_t)slot->item - from));
	if (t->moved != NULL)
		t->moved(slot->item, (ptrdiff_t)((uintptr_t)t->room - from));
}

/* Make more room, at least need and at most size. */
static void
grow(struct top *t, size_t need, size_t size)
{
	uintptr_t from = (uintptr_t)t->room;
	size_t i;

	t->size = t->size > 0 ? 2 * t->size : LEAST_ROOM;
	t->size = t->size > need ? t->size : need;
	t->size = t->size < size ? t->size : size;
	t->room = mem_resize(t->room, t->size, 1);
	for (i = 0; i < t->n; i++)
		follow(t, &t->slot[i], from);
	if (t->bar.item != NULL)
		follow(t, &t->bar, from);
}

void *
top_room(struct top *t, size_t bytes)
{
	size_t size = t->budget + t->budget / 2, need = t->used + round_up(bytes);

	if (need > size)
		top_prune(t);
	else if (need > t->size)
		grow(t, need, size);
	return t->room + t->used;
}

void
top_put(struct top *t, struct top_item *item)
{
	t->slot = mem_grow(t->slot, t->n, &t->cap, sizeof *t->slot);
	t->slot[t->n++] = (struct top_slot){ item->rank, item->bytes, item };
	t->used += round_up(item->bytes);
}

void
top_sort(const struct top *t, struct top_slot *slot, size_t n)
{
	if (n > 0)
		qsort_r(slot, n, sizeof *slot, greatest_first, (void *)t);
}

void
top_free(struct top *t)
{
	free(t->room);
	free(t->slot);
	*t = (struct top){ 0 };
}
