/* SPDX-License-Identifier: MIT */
/*
 * hashkey - keyed hash functions, for the tables of base only
 *
 * The maker of a file cannot know the key, and so cannot choose texts and numbers that fall into
 * one slot. Results differ from run to run: they order nothing and reach no output. For that see
 * digest.h.
 *
 * Each step is the 128-bit product of two words that the key masks, folded to 64 bits by an
 * exclusive or (as in wyhash and foldhash). SipHash would also withstand an attacker who can watch
 * single look-ups; a batch program has none, and the fold costs a fifth of it.
 */

#ifndef HASHKEY_H
#define HASHKEY_H

#include "text.h"

struct hash_key {
	uint64_t a, b; /* b is odd */
};

/* Draw a key: the one use of chance in sluice. */
void hash_key_draw(struct hash_key *);

static inline uint64_t
hash_fold(uint64_t a, uint64_t b)
{
	__extension__ const unsigned __int128 v = (unsigned __int128)a * b;

	return (uint64_t)v ^ (uint64_t)(v >> 64);
}

static inline uint64_t
hash_number(const struct hash_key *k, uint64_t v)
{
	return hash_fold(hash_fold(v ^ k->a, k->b), k->b);
}

/* Up to 16 bytes: with their number, the two words tell all such texts apart. */
static inline uint64_t
hash_short(const struct hash_key *k, struct str s, uint64_t h)
{
	const unsigned char *p = (const void *)s.p;
	uint64_t head = 0, tail = 0;

	if (s.n >= 8) {
		head = str_load8(s.p);
		tail = str_load8(s.p + s.n - 8);
	} else if (s.n >= 4) {
		head = str_load4(s.p);
		tail = str_load4(s.p + s.n - 4);
	} else if (s.n > 0) {
		head = (uint64_t)p[0] << 16 | (uint64_t)p[s.n / 2] << 8 | p[s.n - 1];
	}
	return hash_number(k, hash_fold(head ^ k->b, tail ^ h));
}

static inline uint64_t
hash_text(const struct hash_key *k, struct str s)
{
	uint64_t h = hash_fold(s.n ^ k->a, k->b), g = k->b;

	for (; s.n > 32; s.p += 32, s.n -= 32) { /* in two chains, which run side by side */
		h = hash_fold(str_load8(s.p) ^ k->b, str_load8(s.p + 8) ^ h);
		g = hash_fold(str_load8(s.p + 16) ^ k->a, str_load8(s.p + 24) ^ g);
	}
	h ^= g;
	for (; s.n > 16; s.p += 16, s.n -= 16)
		h = hash_fold(str_load8(s.p) ^ k->b, str_load8(s.p + 8) ^ h);
	return hash_short(k, s, h);
}

#endif
