/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/temp.h"
#include "blocks.h"

enum { FEW = 64, AHEAD = 4, PUNCH = 16 * 1024 * 1024 };

/* Set up a cache of n blocks. */
static void
set_up(struct blocks *b, struct input *in, size_t n)
{
	size_t i;

	*b = (struct blocks){ .in = in, .n = n, .turns = n, .ahead = AHEAD, .temp = -1 };
	b->block = mem_alloc(b->n * sizeof *b->block);
	b->bytes = mem_resize(NULL, b->n * BLOCK_SIZE, 1);
	for (i = 0; i < b->n; i++)
		b->block[i].number = UINT64_MAX;
}

void
blocks_open(struct blocks *b, struct input *in, size_t n)
{
	uint64_t whole = in->size / BLOCK_SIZE;

	if (in->gz != NULL || in->size == 0) {
		set_up(b, in, n);
		return;
	}
	set_up(b, in, whole < n ? (size_t)whole + 1 : n);
	b->seekable = true;
	b->have = in->size;
	b->turns = b->n > FEW ? FEW : b->n;
}

void
blocks_open_buffer(struct blocks *b, struct input *in, size_t n)
{
	set_up(b, in, n);
	b->is_buffer = true;
}

void
blocks_close(struct blocks *b)
{
	free(b->block);
	free(b->bytes);
	free(b->joined);
	hash_free(&b->at);
	if (b->temp >= 0)
		close(b->temp);
}

/* Write a block of a pipe to the temporary file. */
static bool
save_block(struct blocks *b, const struct block *k)
{
	const uint8_t *bytes = b->bytes + (size_t)(k - b->block) * BLOCK_SIZE;
	uint64_t at = k->number * BLOCK_SIZE;

	if (b->temp < 0 && (b->temp = temp_open(&b->in->fault)) < 0)
		return false;
	if (at + k->size - b->needed > b->in->spool_max)
		return input_spool_full(b->in);
	if (temp_write(b->temp, at, bytes, k->size))
		return true;
	return fault_set(
	    &b->in->fault, "%s: cannot copy to a temporary file: %s", b->in->name, strerror(errno));
}

static bool
is_needed(const struct blocks *b, const struct block *k)
{
	return k->number != UINT64_MAX && k->number * BLOCK_SIZE + k->size > b->needed;
}

/* Free a slot that was not used since the hand passed it, and return it; -1 with the input's fault
 * set if that fails. */
static int
free_slot(struct blocks *b)
{
	struct block *k;

	for (;;) {
		b->hand = b->hand + 1 < b->turns ? b->hand + 1 : 0;
		k = &b->block[b->hand];
		if (!k->used || !is_needed(b, k))
			break;
		k->used = false;
	}
	if (!b->seekable && is_needed(b, k) && !save_block(b, k))
		return -1;
	if (k->number != UINT64_MAX)
		hash_remove(&b->at, k->number);
	k->number = UINT64_MAX;
	return (int)b->hand;
}

/* Take a slot for a block of a pipe: load it if it was saved; read_on() fills a new one. */
static bool
load_block(struct blocks *b, uint64_t number)
{
	uint64_t left = b->have - number * BLOCK_SIZE;
	int slot = free_slot(b);
	struct block *k = &b->block[slot < 0 ? 0 : slot];
	uint8_t *bytes = b->bytes + (size_t)(k - b->block) * BLOCK_SIZE;

	if (slot < 0)
		return false;
	k->size = left < BLOCK_SIZE ? (uint32_t)left : BLOCK_SIZE;
	if (k->size > 0 &&
	    pread(b->temp, bytes, k->size, (off_t)(number * BLOCK_SIZE)) != (ssize_t)k->size)
		return false;
	k->number = number;
	*hash_put(&b->at, number) = (uint64_t)slot + 1;
	return true;
}

/* Take slots for the blocks of a file from number up to the next one that is cached, at most ahead.
 * Returns how many. */
static size_t
take_slots(struct blocks *b, uint64_t number, int *slot, struct iovec *iov)
{
	uint64_t left = b->have - number * BLOCK_SIZE;
	struct block *k;
	size_t n;

	for (n = 0; n < b->ahead && left > 0 && hash_get(&b->at, number + n) == NULL; n++) {
		slot[n] = free_slot(b);
		k = &b->block[slot[n]];
		*k = (struct block){ .number = number + n, .used = true };
		k->size = left < BLOCK_SIZE ? (uint32_t)left : BLOCK_SIZE;
		left -= k->size;
		iov[n] = (struct iovec){ b->bytes + (size_t)slot[n] * BLOCK_SIZE, k->size };
	}
	return n;
}

/* Read a block of a file and some that follow it. */
static bool
read_some(struct blocks *b, uint64_t number)
{
	struct iovec iov[AHEAD];
	int slot[AHEAD];
	size_t n = take_slots(b, number, slot, iov), i;
	bool good = n > 0 && input_readv_at(b->in, number * BLOCK_SIZE, iov, n);

	for (i = 0; i < n; i++)
		if (good)
			*hash_put(&b->at, number + i) = (uint64_t)slot[i] + 1;
		else
			b->block[slot[i]].number = UINT64_MAX;
	return good;
}

/* The slot of a block, which is read if it is not cached; -1 if that fails. */
static int
slot_of(struct blocks *b, uint64_t number)
{
	uint64_t *at = hash_get(&b->at, number);
	int slot;

	if (at == NULL) {
		if (!(b->seekable ? read_some(b, number) : load_block(b, number)))
			return -1;
		at = hash_get(&b->at, number);
	}
	slot = (int)*at - 1;
	b->hint[number % BLOCK_HINTS] = (uint32_t)slot;
	b->block[slot].used = true;
	return slot;
}

bool
blocks_append(struct blocks *b, const void *p, size_t n)
{
	const uint8_t *from = p;
	size_t at, part;
	int slot;

	for (; n > 0; n -= part) {
		if ((slot = slot_of(b, b->have / BLOCK_SIZE)) < 0)
			return false;
		at = b->have % BLOCK_SIZE;
		part = n < BLOCK_SIZE - at ? n : BLOCK_SIZE - at;
		memcpy(b->bytes + (size_t)slot * BLOCK_SIZE + at, from, part);
		b->block[slot].size = (uint32_t)(at + part);
		b->have += part;
		from += part;
	}
	return true;
}

/* Read a pipe forward to an offset. */
static bool
read_on(struct blocks *b, uint64_t offset)
{
	size_t n;

	while (b->have < offset) {
		if ((n = input_fill(b->in, 1)) == 0)
			return false;
		n = n < BLOCK_SIZE ? n : BLOCK_SIZE;
		if (!blocks_append(b, input_at(b->in), n))
			return false;
		input_take(b->in, n);
	}
	return true;
}

/* Copy n bytes that the input has at an offset and that span blocks. */
static const uint8_t *
join(struct blocks *b, uint64_t offset, size_t n)
{
	size_t done = 0, from, part;
	int slot;

	if (n > b->cap) {
		b->cap = n > 8 * BLOCK_SIZE ? n : 8 * BLOCK_SIZE;
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

/* The slot of the first of n blocks, if they are cached one after another; otherwise -1. */
static int
slots_of(struct blocks *b, uint64_t number, size_t n)
{
	int first = slot_of(b, number);
	size_t i;

	for (i = 1; i < n && first >= 0; i++)
		if (slot_of(b, number + i) != first + (int)i)
			return -1;
	for (i = 0; i < n && first >= 0; i++)
		if (b->block[(size_t)first + i].number != number + i) /* it had to give way */
			return -1;
	return first;
}

const uint8_t *
blocks_read(struct blocks *b, uint64_t offset, size_t n)
{
	size_t from = offset % BLOCK_SIZE, span;
	int slot;

	if (offset < b->needed || n > UINT64_MAX - offset)
		return NULL;
	if (offset + n > b->have && (b->seekable || b->is_buffer || !read_on(b, offset + n)))
		return NULL;
	if (n == 0)
		return b->bytes;
	span = (from + n + BLOCK_SIZE - 1) / BLOCK_SIZE;
	slot = span <= AHEAD ? slots_of(b, offset / BLOCK_SIZE, span) : -1;
	if (slot < 0)
		return span > 1 ? join(b, offset, n) : NULL;
	return b->bytes + (size_t)slot * BLOCK_SIZE + from;
}

/* Give back the space of what is no longer needed in the temporary file. Without support for holes
 * the file grows. */
static void
punch(struct blocks *b)
{
	uint64_t n = b->needed / BLOCK_SIZE * BLOCK_SIZE - b->punched;

	if (b->temp < 0 || n < PUNCH)
		return;
	fallocate(b->temp, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)b->punched, (off_t)n);
	b->punched += n;
}

/* Skip the whole blocks of a pipe that are not needed. */
static void
skip(struct blocks *b)
{
	uint64_t from = (b->have + BLOCK_SIZE - 1) / BLOCK_SIZE, to = b->needed / BLOCK_SIZE;

	if (from >= to)
		return;
	input_skip(b->in, to * BLOCK_SIZE - b->have);
	b->have = b->in->offset;
}

void
blocks_places(struct blocks *b, size_t places)
{
	size_t each = b->n / (2 * places + 1), turns = (2 * places + 1) * AHEAD;

	if (turns > b->turns)
		b->turns = turns < b->n ? turns : b->n;
	b->ahead = each > AHEAD ? AHEAD : each > 0 ? each : 1;
}

void
blocks_drop(struct blocks *b, uint64_t offset)
{
	if (b->seekable || offset <= b->needed)
		return;
	b->needed = offset;
	skip(b);
	punch(b);
}

bool
blocks_ended(struct blocks *b, uint64_t offset)
{
	return blocks_read(b, offset, 1) == NULL;
}
