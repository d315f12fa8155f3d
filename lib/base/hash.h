/* SPDX-License-Identifier: MIT */
/* hash - the one hash table: 64-bit keys to 64-bit values, in no order that could reach the output
 */

#ifndef HASH_H
#define HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash {
	struct hash_slot *slot;
	size_t n, cap; /* cap is 0 or a power of two */
};

/* The value of key; NULL where there is none. Valid until the next put or remove. */
uint64_t *hash_get(const struct hash *, uint64_t key);

/* Make room for key with a value of 0, unless it is there; where its value is. */
uint64_t *hash_put(struct hash *, uint64_t key);

void hash_remove(struct hash *, uint64_t key);
void hash_free(struct hash *);

/* Scramble: every bit of the result depends on every bit of v. The same on every machine. */
uint64_t hash_mix(uint64_t v);
uint64_t hash_bytes(uint64_t seed, const void *, size_t n);

#endif
