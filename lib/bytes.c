/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "bytes.h"

const uint8_t *
bytes_take(struct bytes *b, size_t n)
{
	const uint8_t *p = b->p;

	if (b->bad || bytes_left(b) < n) {
		b->bad = true;
		return NULL;
	}
	b->p += n;
	return p;
}

uint8_t
bytes_u8(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 1);

	return p == NULL ? 0 : *p;
}

uint16_t
bytes_u16(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 2);
	uint16_t v;

	if (p == NULL)
		return 0;
	v = (uint16_t)(p[0] | p[1] << 8);
	return b->big ? __builtin_bswap16(v) : v;
}

uint32_t
bytes_u32(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 4);
	uint32_t v;

	if (p == NULL)
		return 0;
	v = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	return b->big ? __builtin_bswap32(v) : v;
}

uint64_t
bytes_u64(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 8);
	uint64_t v = 0;
	int i;

	if (p == NULL)
		return 0;
	for (i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return b->big ? __builtin_bswap64(v) : v;
}

struct bytes
bytes_cut(struct bytes *b, size_t n)
{
	struct bytes cut = *b;

	if (bytes_take(b, n) == NULL) {
		cut.bad = true;
		cut.end = cut.p;
		return cut;
	}
	cut.end = cut.p + n;
	return cut;
}

const char *
bytes_string(struct bytes *b, size_t *len)
{
	const char *s = (const char *)b->p;
	const uint8_t *nul = bytes_left(b) > 0 ? memchr(b->p, '\0', bytes_left(b)) : NULL;

	*len = nul == NULL ? bytes_left(b) : (size_t)(nul - b->p);
	b->p = nul == NULL ? b->end : nul + 1;
	return s;
}
