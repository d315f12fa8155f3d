/* SPDX-License-Identifier: MIT */
/* bytes - read a binary file's fields without ever leaving the buffer */

#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	const uint8_t *p, *end;
	bool big; /* big-endian file */
	bool bad; /* a read went past the end; it and all later ones gave 0 */
};

static inline size_t
bytes_left(const struct bytes *b)
{
	return (size_t)(b->end - b->p);
}

uint8_t bytes_u8(struct bytes *);
uint16_t bytes_u16(struct bytes *);
uint32_t bytes_u32(struct bytes *);
uint64_t bytes_u64(struct bytes *);

/* Cut the next n bytes off as a cursor of their own: a record, a section. */
struct bytes bytes_cut(struct bytes *, size_t n);

/* The next n bytes themselves, NULL (and bad) where there are fewer. */
const uint8_t *bytes_take(struct bytes *, size_t n);

/* The text up to a NUL byte or the end; the cursor goes behind the NUL. *len leaves the NUL out. */
const char *bytes_string(struct bytes *, size_t *len);

#endif
