/* SPDX-License-Identifier: MIT */

#include "digest.h"

/* Eight bytes as a little-endian number. */
static uint64_t
little(const unsigned char *s)
{
	uint64_t v = 0;
	int i;

	for (i = 7; i >= 0; i--)
		v = v << 8 | s[i];
	return v;
}

uint64_t
digest_bytes(uint64_t seed, const void *p, size_t n)
{
	const unsigned char *s = p;
	uint64_t h = seed ^ n * 0x9e3779b97f4a7c15, word;

	for (; n >= 8; s += 8, n -= 8) {
		word = little(s);
		h = (h ^ word) * 0x9fb21c651e98df25;
		h ^= h >> 29;
	}
	for (word = 0; n > 0; n--)
		word = word << 8 | s[n - 1];
	return digest(h ^ word);
}
