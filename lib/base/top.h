/* SPDX-License-Identifier: MIT */
/*
 * top - hold on to the greatest of a stream within a budget of bytes
 *
 * What is kept in the end is the greatest, as many as fit; it does not depend on the order in which
 * things came. On the way there may be half as much again.
 */

#ifndef TOP_H
#define TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Stands first in what is kept: so many bytes in one piece. A higher rank is greater; order tells
 * apart those of equal rank. */
struct top_item {
	size_t bytes;
	uint64_t rank;
	size_t slot; /* top's own */
};

struct top {
	size_t budget;
	int (*order)(const void *arg, const struct top_item *, const struct top_item *);
	const void *arg;
	/* An item is so many bytes from where it was; NULL where nothing points into items. */
	void (*moved)(struct top_item *, ptrdiff_t by);
	struct top_slot {
		uint64_t rank;
		struct top_item *item;
	} * slot; /* n of them */
	size_t n, cap;
	struct top_slot bar; /* the greatest that was let go, if there is an item */
	char *room;          /* where the items are, one behind the other */
	size_t used;         /* bytes of it */
};

/* Might an item of this rank be kept? */
static inline bool
top_wants_rank(const struct top *t, uint64_t rank)
{
	return rank >= t->bar.rank;
}

/* Would an item like this one be kept, as far as is known by now? */
bool top_wants(const struct top *, const struct top_item *);

/* Memory for an item that is wanted, of so many bytes, a quarter of the budget at most: to be
 * filled in and put before the next call. */
void *top_room(struct top *, size_t bytes);

/* Keep it; the least may have to go, and the bar rises. */
void top_put(struct top *, struct top_item *);

/* Sort what is kept, the greatest first; nothing can be put behind that. */
void top_sort(struct top *);

void top_free(struct top *);

#endif
