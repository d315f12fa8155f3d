/* SPDX-License-Identifier: MIT */
/* bytes - a cursor that reads the fields of a binary file and never leaves the buffer */

#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* It is passed in two registers. */
struct bytes {
	const uint8_t *p;
	uint64_t rest; /* bytes left, shifted by two bits of flags */
};

enum {
	BYTES_BIG = 1, /* big-endian file */
	BYTES_BAD = 2, /* a read went past the end; it and all later ones return 0 or NULL */
	BYTES_SHIFT = 2
};

static inline struct bytes
bytes_of(const void *p, size_t n, bool big)
{
	return (struct bytes){ p, (uint64_t)n << BYTES_SHIFT | (big ? BYTES_BIG : 0) };
}

static inline size_t
bytes_left(const struct bytes *b)
{
	return (size_t)(b->rest >> BYTES_SHIFT);
}

static inline bool
bytes_big(const struct bytes *b)
{
	return b->rest & BYTES_BIG;
}

static inline bool
bytes_bad(const struct bytes *b)
{
	return b->rest & BYTES_BAD;
}

/* Make all later reads return 0. */
static inline void
bytes_spoil(struct bytes *b)
{
	b->rest |= BYTES_BAD;
}

/* Does the file's byte order differ from this machine's? */
static inline bool
bytes_swapped(const struct bytes *b)
{
	return bytes_big(b) != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

/* Take the next n bytes; NULL (and the cursor bad) if there are fewer. */
static inline const uint8_t *
bytes_take(struct bytes *b, size_t n)
{
	const uint8_t *p = b->p;

	if (bytes_bad(b) || bytes_left(b) < n) {
		bytes_spoil(b);
		return NULL;
	}
	b->p += n;
	b->rest -= (uint64_t)n << BYTES_SHIFT;
	return p;
}

/* Drop all but the first n bytes, which must be there. */
static inline void
bytes_keep(struct bytes *b, size_t n)
{
	b->rest = (uint64_t)n << BYTES_SHIFT | (b->rest & (BYTES_BIG | BYTES_BAD));
}

/* Read a number at p, which must be within the buffer. */
static inline uint16_t
bytes_u16_at(const struct bytes *b, const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof v);
	return bytes_swapped(b) ? __builtin_bswap16(v) : v;
}

static inline uint32_t
bytes_u32_at(const struct bytes *b, const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return bytes_swapped(b) ? __builtin_bswap32(v) : v;
}

static inline uint64_t
bytes_u64_at(const struct bytes *b, const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return bytes_swapped(b) ? __builtin_bswap64(v) : v;
}

static inline uint8_t
bytes_u8(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 1);

	return p == NULL ? 0 : *p;
}

static inline uint16_t
bytes_u16(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, sizeof(uint16_t));

	return p == NULL ? 0 : bytes_u16_at(b, p);
}

static inline uint32_t
bytes_u32(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, sizeof(uint32_t));

	return p == NULL ? 0 : bytes_u32_at(b, p);
}

static inline uint64_t
bytes_u64(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, sizeof(uint64_t));

	return p == NULL ? 0 : bytes_u64_at(b, p);
}

/* Take the next n bytes as a cursor of their own: a record, a section. If there are fewer, both
 * cursors are bad and the new one is empty. */
static inline struct bytes
bytes_cut(struct bytes *b, size_t n)
{
	struct bytes cut = *b;

	if (bytes_take(b, n) == NULL) {
		n = 0;
		bytes_spoil(&cut);
	}
	bytes_keep(&cut, n);
	return cut;
}

/* Take a text that ends at a NUL byte or, without one, at the end of the buffer; *len does not
 * count the NUL. Never spoils the cursor, and reads on if it is bad. */
const char *bytes_string(struct bytes *, size_t *len);

#endif
