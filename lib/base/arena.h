/* SPDX-License-Identifier: MIT */
/* arena - memory in pieces that are freed all at once, cut from large blocks; start with { 0 } */

#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *block; /* the newest */
	size_t left;               /* unused bytes at its end */
};

/* Return n bytes, not zeroed, aligned for any type if all sizes taken before were multiples of that
 * alignment. */
void *arena_take(struct arena *, size_t n);

void arena_free(struct arena *);

#endif
