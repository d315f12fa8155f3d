/* SPDX-License-Identifier: MIT */
/* varint - numbers in as many bytes as they need: 7 bits each, the lowest first; the last byte has
 * its highest bit set */

#ifndef VARINT_H
#define VARINT_H

#include <stdint.h>

enum { VARINT_MOST = 10 /* bytes of a number */ };

/* Write a number at p, which has room for VARINT_MOST bytes. Returns its end. */
static inline char *
varint_put(char *p, uint64_t v)
{
	for (; v > 127; v >>= 7)
		*p++ = (char)(v & 127);
	*p++ = (char)(v | 128);
	return p;
}

/* Read a number that varint_put() wrote. Returns its end. */
static inline const char *
varint_get(const char *p, uint64_t *v)
{
	uint64_t sum = 0;
	unsigned shift = 0;

	for (; (*p & 128) == 0; shift += 7)
		sum |= (uint64_t)*p++ << shift;
	*v = sum | (uint64_t)(*p & 127) << shift;
	return p + 1;
}

#endif
