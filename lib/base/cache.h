/* SPDX-License-Identifier: MIT */
/* cache - remember results in bounded memory: a later entry may push out an earlier one */

#ifndef CACHE_H
#define CACHE_H

#include "text.h"

struct cache_key {
	uint64_t a, b;
	struct str s;
};

struct cache;

/* slots is a power of two, size the number of bytes for keys and values together. */
struct cache *cache_new(size_t slots, size_t size);
void cache_free(struct cache *);

/* Get the value of a key, if it is still there; valid until the next cache_put(), and aligned for
 * 64 bits if the key has no text. */
bool cache_get(const struct cache *, const struct cache_key *, struct str *value);

/* Put a value; an entry larger than an eighth of the cache is dropped. */
void cache_put(struct cache *, const struct cache_key *, struct str value);

#endif
