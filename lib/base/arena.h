/* SPDX-License-Identifier: MIT */
/* arena - memory in pieces that are given back all at once, cut from large blocks */

#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *block; /* the newest; NULL: none yet */
	size_t left;               /* bytes of it, at its end */
};

/* So many bytes, not zeroed, for anything where the pieces taken before had sizes of whole words.
 */
void *arena_take(struct arena *, size_t);

void arena_free(struct arena *);

#endif
