/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "blocks.h"

enum { BLOCKS = 512, STEP = 64 * 1024, PENDING_MAX = 64 * 1024 * 1024 };

/* Room for as many blocks as are useful. */
static void
make_room(struct blocks *b)
{
	uint64_t whole = b->seekable ? b->in->size / BLOCK_SIZE : 0;
	size_t i;

	free(b->block);
	free(b->bytes);
	b->n = (whole < BLOCKS ? (size_t)whole : BLOCKS - 1) + 1;
	b->block = mem_alloc(b->n * sizeof *b->block);
	b->bytes = mem_resize(NULL, b->n, BLOCK_SIZE); /* not zeroed: most are not used */
	for (i = 0; i < b->n; i++)
		b->block[i].number = UINT64_MAX;
}

void
blocks_open(struct blocks *b, struct input *in)
{
	*b = (struct blocks){ .in = in, .seekable = in->gz == NULL && in->size > 0 };
	make_room(b);
}

void
blocks_close(struct blocks *b)
{
	free(b->block);
	free(b->bytes);
	free(b->joined);
	hash_free(&b->at);
}

/* A slot that nobody used since the hand came by the last time. */
static size_t
free_slot(struct blocks *b)
{
	struct block *k;

	for (;;) {
		b->hand = (b->hand + 1) % b->n;
		k = &b->block[b->hand];
		if (!k->used)
			break;
		k->used = false;
	}
	if (k->number != UINT64_MAX)
		hash_remove(&b->at, k->number);
	k->number = UINT64_MAX;
	return b->hand;
}

/* The slot of a block, read from the file where it is not there; -1 behind the end. */
static int
slot_of(struct blocks *b, uint64_t number)
{
	uint64_t *at = hash_get(&b->at, number), left = b->in->size - number * BLOCK_SIZE;
	size_t slot = at == NULL ? 0 : *at - 1;
	struct block *k;

	if (at == NULL) {
		slot = free_slot(b);
		k = &b->block[slot];
		k->size = left < BLOCK_SIZE ? (uint32_t)left : BLOCK_SIZE;
		if (!input_read_at(
			b->in, number * BLOCK_SIZE, b->bytes + slot * BLOCK_SIZE, k->size))
			return -1;
		k->number = number;
		*hash_put(&b->at, number) = slot + 1;
	}
	b->hint[number % BLOCK_HINTS] = (uint32_t)slot;
	b->block[slot].used = true;
	return (int)slot;
}

/* Copy n bytes at an offset of the input, which has them, together. */
static const uint8_t *
join(struct blocks *b, uint64_t offset, size_t n)
{
	size_t done = 0, from, part;
	int slot;

	if (n > b->cap) {
		b->cap = n > 2 * STEP ? n : 2 * STEP;
		b->joined = mem_resize(b->joined, b->cap, 1);
	}
	while (done < n) {
		if ((slot = slot_of(b, (offset + done) / BLOCK_SIZE)) < 0)
			return NULL;
		from = (offset + done) % BLOCK_SIZE;
		part = BLOCK_SIZE - from;
		part = part < n - done ? part : n - done;
		memcpy(b->joined + done, b->bytes + (size_t)slot * BLOCK_SIZE + from, part);
		done += part;
	}
	return b->joined;
}

/* Too much of the pipe is held: go on with a temporary file. */
static bool
spool(struct blocks *b)
{
	uint64_t base = b->in->offset;

	if (!input_spool(b->in))
		return false;
	b->base = base;
	b->seekable = true;
	make_room(b);
	return true;
}

/* The bytes at offset of a pipe; the window grows by what comes, not by what is asked for. */
static const uint8_t *
in_window(struct blocks *b, uint64_t offset, size_t n)
{
	struct input *in = b->in;
	size_t have = in->end - in->begin, want;
	uint64_t skip = offset - in->offset;

	if (offset < in->offset || skip > SIZE_MAX / 2 || n > SIZE_MAX / 2)
		return NULL;
	while (have < skip + n) {
		if (have > PENDING_MAX)
			return spool(b) ? blocks_read(b, offset, n) : NULL;
		want = skip + n - have > STEP ? have + STEP : skip + n;
		if (input_fill(in, want) == have)
			return NULL;
		have = in->end - in->begin;
	}
	return input_at(in) + skip;
}

const uint8_t *
blocks_read(struct blocks *b, uint64_t offset, size_t n)
{
	int slot;

	if (!b->seekable)
		return in_window(b, offset, n);
	offset -= b->base;
	if (offset > b->in->size || n > b->in->size - offset)
		return NULL;
	if (n == 0)
		return b->bytes;
	if (offset % BLOCK_SIZE + n > BLOCK_SIZE)
		return join(b, offset, n);
	slot = slot_of(b, offset / BLOCK_SIZE);
	return slot < 0 ? NULL : b->bytes + (size_t)slot * BLOCK_SIZE + offset % BLOCK_SIZE;
}

void
blocks_drop(struct blocks *b, uint64_t offset)
{
	struct input *in = b->in;
	size_t have = in->end - in->begin;

	if (b->seekable || offset <= in->offset)
		return;
	if (offset - in->offset <= have)
		input_take(in, (size_t)(offset - in->offset));
	else
		input_skip(in, offset - in->offset);
}

bool
blocks_ended(struct blocks *b, uint64_t offset)
{
	return blocks_read(b, offset, 1) == NULL;
}
