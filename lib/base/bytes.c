/* SPDX-License-Identifier: MIT */

#include "bytes.h"

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
