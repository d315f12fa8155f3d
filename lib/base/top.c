/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "top.h"

#define NO_SLOT SIZE_MAX

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

/* Move the items that have slots together. */
static void
close_up(struct top *t)
{
	char *p = t->room, *end = p + t->used, *next, *to = p;
	struct top_item *item;

	for (; p < end; p = next) {
		item = (void *)p;
		next = p + round_up(item->bytes);
		if (item->slot == NO_SLOT)
			continue;
		item = memmove(to, p, item->bytes);
		t->slot[item->slot].item = item;
		if (t->moved != NULL)
			t->moved(item, to - p);
		to += next - p;
	}
	t->used = (size_t)(to - t->room);
}

/* Drop the least items until the others fit. The greatest of those stays after them, as the bar. */
static void
prune(struct top *t)
{
	size_t n = fitting(t), bar = n, i;

	if (t->bar.item != NULL)
		t->slot[t->n++] = t->bar;
	for (i = 0; i < t->n; i++) {
		t->slot[i].item->slot = i < n ? i : NO_SLOT;
		if (i > n && order(t, &t->slot[i], &t->slot[bar]) > 0)
			bar = i;
	}
	if (n < t->n) {
		swap(t, n, bar);
		t->slot[n].item->slot = n;
	}
	close_up(t);
	if (n < t->n)
		t->bar = t->slot[n];
	t->n = n;
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
		prune(t);
	else if (need > t->size)
		grow(t, need, size);
	return t->room + t->used;
}

void
top_put(struct top *t, struct top_item *item)
{
	t->slot = mem_grow(t->slot, t->n + 1, &t->cap, sizeof *t->slot); /* one for the bar */
	t->slot[t->n++] = (struct top_slot){ item->rank, item };
	t->used += round_up(item->bytes);
}

void
top_sort(struct top *t)
{
	if (t->n == 0)
		return;
	prune(t);
	qsort_r(t->slot, t->n, sizeof *t->slot, greatest_first, t);
}

void
top_free(struct top *t)
{
	free(t->room);
	free(t->slot);
	*t = (struct top){ 0 };
}
