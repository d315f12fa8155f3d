/* SPDX-License-Identifier: MIT */
/*
 * cache - remember what was worked out, in bounded memory: what was not asked for lately is
 * forgotten
 *
 * Two numbers and some bytes are the key, some bytes the value. Of two keys that want the same slot
 * the later one stays.
 */

#ifndef CACHE_H
#define CACHE_H

#include "text.h"

struct cache_key {
	uint64_t a, b;
	struct str s;
};

struct cache;

/* slots: a power of two; size: bytes for keys and values together. */
struct cache *cache_new(size_t slots, size_t size);
void cache_free(struct cache *);

/* What was put under the key, if it is still there; valid until the next cache_put(). */
bool cache_get(const struct cache *, const struct cache_key *, struct str *value);

/* An entry of more than an eighth of the size is not kept. */
void cache_put(struct cache *, const struct cache_key *, struct str value);

#endif
