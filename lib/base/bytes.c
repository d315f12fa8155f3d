/* SPDX-License-Identifier: MIT */

#include "bytes.h"

struct bytes
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

const char *
bytes_string(struct bytes *b, size_t *len)
{
	const char *s = (const char *)b->p;
	const uint8_t *nul = bytes_left(b) > 0 ? memchr(b->p, '\0', bytes_left(b)) : NULL;
	size_t left = bytes_left(b);

	*len = nul == NULL ? left : (size_t)(nul - b->p);
	left = nul == NULL ? left : *len + 1;
	b->p += left;
	b->rest -= (uint64_t)left << BYTES_SHIFT;
	return s;
}
