/* SPDX-License-Identifier: MIT */

#include "bytes.h"

const char *
bytes_string(struct bytes *b, size_t *len)
{
	const char *s = (const char *)b->p;
	size_t left = bytes_left(b), taken;
	const uint8_t *nul = left > 0 ? memchr(b->p, '\0', left) : NULL;

	*len = nul == NULL ? left : (size_t)(nul - b->p);
	taken = nul == NULL ? left : *len + 1;
	b->p += taken;
	b->rest -= (uint64_t)taken << BYTES_SHIFT;
	return s;
}
