/* SPDX-License-Identifier: MIT */
/* hash - the one hash table: 64-bit keys to 64-bit values; it has no order. Starts as { 0 }. */

#ifndef HASH_H
#define HASH_H

#include "hashkey.h"

struct hash {
	size_t n; /* the number of keys */
	/* private */
	size_t cap; /* 0 or a power of two */
	struct hash_slot *slot;
	struct hash_key key;
};

/* The value of a key, NULL if there is none; valid until the next put or remove. */
uint64_t *hash_get(const struct hash *, uint64_t key);

/* The value of a key, added as 0 if there is none; valid until the next put or remove. */
uint64_t *hash_put(struct hash *, uint64_t key);

void hash_remove(struct hash *, uint64_t key);
void hash_free(struct hash *);

#endif
