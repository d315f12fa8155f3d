/* SPDX-License-Identifier: MIT */
/*
 * blocks - random access to the bytes of an input, through a cache of small blocks
 *
 * A seekable file is read at the offset that is asked for, so that many places of it can be read
 * forward at once. A pipe is read forward up to that offset. Its bytes can be had again until they
 * are dropped; those that do not fit into the cache go to a temporary file. So do the bytes of a
 * buffer, which the caller appends instead of an input's.
 */

#ifndef BLOCKS_H
#define BLOCKS_H

#include "base/hash.h"
#include "base/input.h"

enum { BLOCK_BITS = 14, BLOCK_SIZE = 1 << BLOCK_BITS, BLOCK_HINTS = 256 };

struct block {
	uint64_t number; /* its offset in the input / BLOCK_SIZE */
	uint32_t size;   /* the bytes of it that were read */
	bool used;       /* since the hand of the cache passed it */
};

struct blocks {
	struct input *in;
	bool seekable;
	bool is_buffer;
	uint64_t have;       /* the size of the file; the bytes read from the pipe so far */
	uint64_t needed;     /* the lowest offset that may still be asked for */
	struct block *block; /* n slots */
	uint8_t *bytes;
	size_t n;
	size_t turns; /* slots in use; few for a file, so that they stay in the processor's cache */
	size_t ahead; /* blocks to read at once */
	struct hash at; /* block number -> slot + 1 */
	uint32_t hint[BLOCK_HINTS];
	size_t hand;
	uint8_t *joined; /* a copy of bytes that span blocks */
	size_t cap;
	int temp;         /* the file for blocks of a pipe, at their offsets; -1: none yet */
	uint64_t punched; /* its space up to here was given back */
};

/* The input must be at its start. At most n blocks are cached. */
void blocks_open(struct blocks *, struct input *, size_t n);
/* A buffer, for which the input only gives its name, its limit of temporary files and its fault. */
void blocks_open_buffer(struct blocks *, struct input *, size_t n);
void blocks_close(struct blocks *);

/* Append n bytes to a buffer. Returns false with the input's fault set if there is no room. */
bool blocks_append(struct blocks *, const void *, size_t n);

/* The n bytes at offset, valid until the next call; NULL if the input ends before, or they were
 * dropped. */
const uint8_t *blocks_read(struct blocks *, uint64_t offset, size_t n);

static inline const uint8_t *
blocks_at(struct blocks *b, uint64_t offset, size_t n)
{
	uint64_t number = offset >> BLOCK_BITS;
	size_t from = offset % BLOCK_SIZE, slot = b->hint[number % BLOCK_HINTS];
	struct block *k = &b->block[slot];

	if (k->number != number || from + n > k->size)
		return blocks_read(b, offset, n);
	k->used = true;
	return b->bytes + slot * BLOCK_SIZE + from;
}

/* The bytes from offset on that the cache has in one piece, *n of them; NULL if it has none. */
static inline const uint8_t *
blocks_piece(struct blocks *b, uint64_t offset, size_t *n)
{
	uint64_t number = offset >> BLOCK_BITS;
	size_t from = offset % BLOCK_SIZE, slot = b->hint[number % BLOCK_HINTS];
	struct block *k = &b->block[slot];

	if (k->number != number || from >= k->size)
		return NULL;
	k->used = true;
	*n = k->size - from;
	return b->bytes + slot * BLOCK_SIZE + from;
}

/* From now on the input is read forward at that number of places. The more they are, the fewer
 * blocks are read at once, so that they do not evict each other. */
void blocks_places(struct blocks *, size_t places);

/* No byte before offset will be asked for again. */
void blocks_drop(struct blocks *, uint64_t offset);

/* Whether the input ends at or before offset. */
bool blocks_ended(struct blocks *, uint64_t offset);

#endif
