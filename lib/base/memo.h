/* SPDX-License-Identifier: MIT */
/*
 * memo - remember what was worked out, in bounded memory: what was not asked for lately is
 * forgotten
 *
 * Two numbers and some bytes are the key, some bytes the value. Of two keys that want the same slot
 * the later one stays.
 */

#ifndef MEMO_H
#define MEMO_H

#include "text.h"

struct memo_key {
	uint64_t a, b;
	struct str s;
};

struct memo;

/* slots: a power of two; size: bytes for keys and values together. */
struct memo *memo_new(size_t slots, size_t size);
void memo_free(struct memo *);

/* What was put under the key, if it is still there; valid until the next memo_put(). */
bool memo_get(const struct memo *, const struct memo_key *, struct str *value);

/* An entry of more than an eighth of the size is not kept. */
void memo_put(struct memo *, const struct memo_key *, struct str value);

#endif
