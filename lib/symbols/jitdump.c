/* SPDX-License-Identifier: MIT */

#include "jitdump.h"
#include "base/bytes.h"

enum { HEADER = 40, MAXHEADER = 64 << 10, RECORD = 16, LOAD_FIXED = 40, MOVE_FIXED = 48 };

enum record { LOAD, MOVE, DEBUG_INFO, CLOSE, UNWINDING_INFO };

enum { TICKS = 1 }; /* a flag of the header */

static const uint8_t magic[] = { 0x44, 0x54, 0x69, 0x4a }; /* as a little-endian file has it */

/* Which byte order a file has; false if it is no jitdump. */
static bool
get_order(const uint8_t *p, bool *big)
{
	uint8_t reversed[4] = { magic[3], magic[2], magic[1], magic[0] };

	*big = memcmp(p, reversed, sizeof reversed) == 0;
	return *big || memcmp(p, magic, sizeof magic) == 0;
}

bool
jitdump_begin(struct jitdump *d, struct input *in, bool *big, struct fault *why)
{
	struct bytes b;
	uint32_t size;

	if (input_fill(in, HEADER) < HEADER || !get_order(input_at(in), big))
		return fault_set(why, "not a jitdump");
	b = bytes_of(input_at(in), HEADER, *big);
	bytes_take(&b, 8);
	size = bytes_u32(&b);
	bytes_take(&b, 8);
	d->pid = bytes_u32(&b);
	bytes_take(&b, 8);
	d->ticks = bytes_u64(&b) & TICKS;
	if (size < HEADER || size > MAXHEADER || !input_skip(in, size))
		return fault_set(why, "not a jitdump");
	return true;
}

static struct jitdump_code
get_load(struct bytes b, uint64_t t)
{
	struct jitdump_code c = { .t = t };
	size_t n;

	bytes_take(&b, 16);
	c.addr = bytes_u64(&b);
	c.size = bytes_u64(&b);
	bytes_u64(&b);
	c.name.p = bytes_string(&b, &n);
	c.name.n = n < JITDUMP_NAME ? n : JITDUMP_NAME;
	return c;
}

static struct jitdump_code
get_move(struct bytes b, uint64_t t)
{
	struct jitdump_code c = { .t = t, .moved = true };

	bytes_take(&b, 16);
	c.from = bytes_u64(&b);
	c.addr = bytes_u64(&b);
	c.size = bytes_u64(&b);
	return c;
}

void
jitdump_read(
    struct input *in, bool big, void (*each)(void *arg, const struct jitdump_code *), void *arg)
{
	struct jitdump_code c;
	struct bytes b;
	uint32_t id, size;
	size_t n;

	while (input_fill(in, RECORD) >= RECORD) {
		b = bytes_of(input_at(in), RECORD, big);
		id = bytes_u32(&b);
		size = bytes_u32(&b);
		c.t = bytes_u64(&b);
		if (id == CLOSE || size < RECORD)
			return;
		n = size - RECORD < LOAD_FIXED + JITDUMP_NAME + 1 ? size - RECORD
								  : LOAD_FIXED + JITDUMP_NAME + 1;
		if (input_fill(in, RECORD + n) < RECORD + n)
			return;
		b = bytes_of(input_at(in) + RECORD, n, big);
		if (id == LOAD && n > LOAD_FIXED)
			c = get_load(b, c.t);
		else if (id == MOVE && n >= MOVE_FIXED)
			c = get_move(b, c.t);
		else
			c.size = 0;
		if (c.size > 0)
			each(arg, &c);
		if (!input_skip(in, size))
			return;
	}
}
