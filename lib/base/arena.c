/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "arena.h"
#include "mem.h"

enum { BLOCK = 2 * 1024 * 1024 };

struct arena_block {
	struct arena_block *before;
	size_t size;
	max_align_t bytes[];
};

static void
add_block(struct arena *a, size_t least)
{
	size_t size = BLOCK - sizeof *a->block;
	struct arena_block *k;

	size = least > size ? least : size;
	k = mem_pages(sizeof *k + size);
	k->before = a->block;
	k->size = size;
	a->block = k;
	a->left = size;
}

void *
arena_take(struct arena *a, size_t n)
{
	if (a->block == NULL || a->left < n)
		add_block(a, n);
	a->left -= n;
	return (char *)a->block->bytes + a->block->size - a->left - n;
}

void
arena_free(struct arena *a)
{
	struct arena_block *k;

	while ((k = a->block) != NULL) {
		a->block = k->before;
		free(k);
	}
	a->left = 0;
}
