/* SPDX-License-Identifier: MIT */
/*
 * blocks - the bytes of an input at any offset, in bounded memory: a cache of small blocks
 *
 * A seekable file is read where it is asked for, so that many places of it can be read on at once.
 * A pipe is read on to where it is asked for; all from the oldest byte that is still needed can be
 * had again, and what of it has no room in the cache waits in a temporary file.
 */

#ifndef BLOCKS_H
#define BLOCKS_H

#include "base/hash.h"
#include "base/input.h"

enum { BLOCK_BITS = 14, BLOCK_SIZE = 1 << BLOCK_BITS, BLOCK_HINTS = 256 };

struct block {
	uint64_t number; /* its offset in the input / BLOCK_SIZE */
	uint32_t size;   /* bytes of it that the input has, of a pipe so far */
	bool used;       /* since the hand passed */
};

struct blocks {
	struct input *in;
	bool seekable;
	uint64_t have;       /* where the file ends; how far the pipe has been read */
	uint64_t needed;     /* the lowest offset that may still be asked for */
	struct block *block; /* n of them */
	uint8_t *bytes;
	size_t n;
	size_t turns; /* so many are in use: of a file few, so that they stay near the processor */
	size_t ahead; /* blocks to read at once */
	struct hash at; /* block number -> slot + 1 */
	uint32_t hint[BLOCK_HINTS];
	size_t hand;
	uint8_t *joined; /* what spans two blocks, put together */
	size_t cap;
	int temp; /* a pipe's blocks that are needed and have no room, at their offsets; -1: none */
	uint64_t punched; /* up to here its space has been given back */
};

/* The input stands at its start. */
void blocks_open(struct blocks *, struct input *);
void blocks_close(struct blocks *);

/* The n bytes at offset, until the next call; NULL where the input ends before. */
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

/* So many places are read on from now: fewer blocks at once, where they would drive out each other.
 */
void blocks_places(struct blocks *, size_t places);

/* Nothing before offset will be asked for again. */
void blocks_drop(struct blocks *, uint64_t offset);

/* Does the input end at offset? */
bool blocks_ended(struct blocks *, uint64_t offset);

#endif
