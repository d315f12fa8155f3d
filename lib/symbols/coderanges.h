/* SPDX-License-Identifier: MIT */
/* coderanges - ranges of addresses, each with the number of its owner, and their look-up */

#ifndef CODERANGES_H
#define CODERANGES_H

#include <stddef.h>
#include <stdint.h>

struct coderange {
	uint64_t low, high; /* the address after the last one; not below low */
	size_t owner;       /* counted from 1 */
};

/* Starts as { 0 }. */
struct coderanges {
	struct coderange *range;
	size_t n, cap;
};

void coderanges_add(struct coderanges *, struct coderange);

/* Sort the ranges for coderanges_find(). They may contain each other. */
void coderanges_sort(struct coderanges *);

/* Cut the ranges into sorted pieces that do not overlap, for coderanges_find(). An address that is
 * in several ranges goes to the one that was added first. */
void coderanges_split(struct coderanges *);

/* The owner of the innermost range that contains an address, 0 if there is none. */
size_t coderanges_find(const struct coderanges *, uint64_t addr);

void coderanges_free(struct coderanges *);

#endif
