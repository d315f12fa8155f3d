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

/* A key made of two numbers, such as a machine and a tid. */
static inline uint64_t
hash_pair(uint32_t first, uint32_t second)
{
	return (uint64_t)first << 32 | second;
}

/* The value of a key, NULL if there is none; valid until the next put or remove. */
uint64_t *hash_get(const struct hash *, uint64_t key);

/* The value of a key, added as 0 if there is none; valid until the next put or remove. */
uint64_t *hash_put(struct hash *, uint64_t key);

void hash_remove(struct hash *, uint64_t key);

/* Remove all keys; the table keeps its memory. */
void hash_clear(struct hash *);
void hash_free(struct hash *);

/*
 * The values of the keys used last, in front of a table that is asked about every event. It spares
 * a twentieth of all time in perf2rec. Starts as { 0 }.
 */
enum { HASH_RECENT = 4096 };

struct hash_recent {
	struct {
		uint64_t key, value;
	} entry[HASH_RECENT];
};

/* The value of a key, which the caller sets if it is 0; valid until the next call. */
static inline uint64_t *
hash_recent(struct hash_recent *r, uint64_t key)
{
	size_t i = key % HASH_RECENT;

	if (r->entry[i].key != key) {
		r->entry[i].key = key;
		r->entry[i].value = 0;
	}
	return &r->entry[i].value;
}

#endif
