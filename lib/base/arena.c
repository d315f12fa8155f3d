/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "arena.h"
#include "mem.h"

enum { LEAST = 4096, MOST = 2 * 1024 * 1024 };

struct arena_block {
	struct arena_block *previous;
	size_t size;
	max_align_t bytes[];
};

/* Each block is twice as large as the one before, within bounds. */
static void
add_block(struct arena *a, size_t n)
{
	size_t size = a->block == NULL ? LEAST : 2 * (a->block->size + sizeof *a->block);
	struct arena_block *b;

	size = (size < MOST ? size : MOST) - sizeof *b;
	size = n > size ? n : size;
	b = mem_resize(NULL, sizeof *b + size, 1);
	b->previous = a->block;
	b->size = size;
	a->block = b;
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
	struct arena_block *b;

	while ((b = a->block) != NULL) {
		a->block = b->previous;
		free(b);
	}
	a->left = 0;
}
