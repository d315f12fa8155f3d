/* SPDX-License-Identifier: MIT */
/*
 * blocks - the bytes of an input at any offset, in bounded memory
 *
 * A seekable file is read through a cache of small blocks, so that many places of it can be read on
 * at once. Of a pipe the window holds all from the oldest byte that is still needed; when that gets
 * too much, the rest of the pipe is copied to a temporary file, which is then read like any other.
 * Offsets are those of the whole (inflated) stream, before and after.
 */

#ifndef BLOCKS_H
#define BLOCKS_H

#include "base/hash.h"
#include "base/input.h"

enum { BLOCK_BITS = 14, BLOCK_SIZE = 1 << BLOCK_BITS, BLOCK_HINTS = 256 };

struct block {
	uint64_t number; /* its offset in the input / BLOCK_SIZE */
	uint32_t size;   /* bytes of it that the file has */
	bool used;       /* since the hand passed */
};

struct blocks {
	struct input *in;
	bool seekable;
	uint64_t base;       /* what is offset 0 of the input now was this offset of the stream */
	struct block *block; /* n of them */
	uint8_t *bytes;
	size_t n;
	size_t ahead;   /* blocks to read at once */
	struct hash at; /* block number -> slot + 1 */
	uint32_t hint[BLOCK_HINTS];
	size_t hand;
	uint8_t *joined; /* what spans two blocks, put together */
	size_t cap;
};

/* What is in the input's window now is at the input's offset. */
void blocks_open(struct blocks *, struct input *);
void blocks_close(struct blocks *);

/* The n bytes at offset, until the next call; NULL where the input ends before. */
const uint8_t *blocks_read(struct blocks *, uint64_t offset, size_t n);

static inline const uint8_t *
blocks_at(struct blocks *b, uint64_t offset, size_t n)
{
	uint64_t number = (offset - b->base) >> BLOCK_BITS;
	size_t from = (offset - b->base) % BLOCK_SIZE, slot = b->hint[number % BLOCK_HINTS];
	struct block *k = &b->block[slot];

	if (k->number != number || from + n > k->size)
		return blocks_read(b, offset, n);
	k->used = true;
	return b->bytes + slot * BLOCK_SIZE + from;
}

/* So many places are read on from now: fewer blocks at once, where they would drive out each other.
 */
void blocks_places(struct blocks *, size_t places);

/* Nothing before offset will be asked for again. */
void blocks_drop(struct blocks *, uint64_t offset);

/* Does the input end at offset? */
bool blocks_ended(struct blocks *, uint64_t offset);

#endif
