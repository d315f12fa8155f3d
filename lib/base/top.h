/* SPDX-License-Identifier: MIT */
/*
 * top - hold on to the greatest of a stream within a budget of bytes
 *
 * What is kept in the end is the greatest, as many as fit; it does not depend on the order in which
 * things came. On the way there may be twice as much.
 */

#ifndef TOP_H
#define TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Stands first in what is kept: one block of memory of so many bytes. A higher rank is greater;
 * order tells apart those of equal rank. */
struct top_item {
	size_t bytes;
	uint64_t rank;
};

struct top {
	size_t budget;
	int (*order)(const void *arg, const struct top_item *, const struct top_item *);
	const void *arg;
	struct top_slot {
		uint64_t rank;
		struct top_item *item;
	} * slot; /* n of them */
	size_t n, cap, bytes;
	struct top_slot bar; /* the greatest that was let go, if there is an item */
};

/* Might an item of this rank be kept? */
static inline bool
top_wants_rank(const struct top *t, uint64_t rank)
{
	return rank >= t->bar.rank;
}

/* Would an item like this one be kept, as far as is known by now? */
bool top_wants(const struct top *, const struct top_item *);

/* Take over an item that is wanted; the least may have to go, and the bar rises. */
void top_put(struct top *, struct top_item *);

/* Sort what is kept, the greatest first; nothing can be put behind that. */
void top_sort(struct top *);

void top_free(struct top *);

#endif
