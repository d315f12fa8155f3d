/* SPDX-License-Identifier: MIT */
/*
 * top - keep the greatest items of a stream that fit into a budget of bytes
 *
 * Which items remain does not depend on the order in which they come. The memory in use is at most
 * one and a half times the budget.
 */

#ifndef TOP_H
#define TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Header of every item. A higher rank is greater; of equal ranks, a higher tie; then order()
 * decides.
 */
struct top_item {
	size_t bytes; /* total size of the item */
	uint64_t rank;
	uint64_t tie;
};

struct top {
	size_t budget;
	int (*order)(const void *arg, const struct top_item *, const struct top_item *);
	const void *arg;
	/* Adjust pointers into an item that was moved by some bytes; NULL if there are none. */
	void (*moved)(struct top_item *, ptrdiff_t by);
	struct top_slot {
		uint64_t rank;
		size_t bytes;
		struct top_item *item;
	} * slot; /* n of them, in no order */
	size_t n, cap;
	struct top_slot bar; /* the greatest item that was dropped, if any was */
	char *room;          /* the items, one after the other */
	size_t used, size;   /* bytes in use there; in all */
};

/* May an item of this rank remain? */
static inline bool
top_wants_rank(const struct top *t, uint64_t rank)
{
	return rank >= t->bar.rank;
}

/* Would this item remain, as far as is known now? */
bool top_wants(const struct top *, const struct top_item *);

/* Memory for an item, at most a quarter of the budget; it must be filled in and put before the next
 * call. */
void *top_room(struct top *, size_t bytes);

/* Add an item; the least ones may be dropped. */
void top_put(struct top *, struct top_item *);

/* Drop the least items until the others fit. Required after the last item. */
void top_prune(struct top *);

/* Sort slots of some of the items, the greatest first. */
void top_sort(const struct top *, struct top_slot *, size_t n);

void top_free(struct top *);

#endif
