/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <sys/random.h>

#include "hash.h"
#include "mem.h"

/* 16 bytes: four share a line of the processor's cache. */
struct hash_slot {
	uint64_t key; /* 0: free */
	uint64_t value;
};

/* Without random numbers (a sandbox may refuse the call) the key is a constant: tables work, but a
 * file can be made to fill one slot. */
void
hash_key_draw(struct hash_key *k)
{
	*k = (struct hash_key){ 0x9e3779b97f4a7c15, 0x9fb21c651e98df25 };
	if (getrandom(k, sizeof *k, GRND_NONBLOCK) < 0)
		return;
	k->b |= 1;
}

/* The slot of a key, or the free one where it belongs. Key 0 has the slot after all others; there
 * its key is 1. */
static inline struct hash_slot *
find(const struct hash *h, uint64_t key)
{
	size_t i = hash_number(&h->key, key) & (h->cap - 1);

	if (key == 0)
		return &h->slot[h->cap];
	while (h->slot[i].key != 0 && h->slot[i].key != key)
		i = (i + 1) & (h->cap - 1);
	return &h->slot[i];
}

static void
grow(struct hash *h)
{
	struct hash old = *h;
	size_t i;

	if (old.cap == 0)
		hash_key_draw(&h->key);
	h->cap = old.cap == 0 ? 64 : 2 * old.cap;
	h->slot = mem_alloc((h->cap + 1) * sizeof *h->slot);
	for (i = 0; i < old.cap; i++)
		if (old.slot[i].key != 0)
			*find(h, old.slot[i].key) = old.slot[i];
	if (old.cap > 0)
		h->slot[h->cap] = old.slot[old.cap];
	free(old.slot);
}

uint64_t *
hash_get(const struct hash *h, uint64_t key)
{
	struct hash_slot *s = h->cap > 0 ? find(h, key) : NULL;

	return s != NULL && s->key != 0 ? &s->value : NULL;
}

uint64_t *
hash_put(struct hash *h, uint64_t key)
{
	struct hash_slot *s;

	if (2 * h->n >= h->cap)
		grow(h);
	s = find(h, key);
	if (s->key == 0) {
		s->key = key != 0 ? key : 1;
		h->n++;
	}
	return &s->value;
}

/* Put the keys between the gap and the next free slot again, so that no look-up stops at the gap.
 */
void
hash_remove(struct hash *h, uint64_t key)
{
	struct hash_slot *gap = h->cap > 0 ? find(h, key) : NULL;
	size_t i, mask = h->cap - 1;

	if (gap == NULL || gap->key == 0)
		return;
	h->n--;
	*gap = (struct hash_slot){ 0 };
	for (i = (size_t)(gap - h->slot + 1) & mask; key != 0 && h->slot[i].key != 0;
	     i = (i + 1) & mask) {
		struct hash_slot s = h->slot[i];

		h->slot[i] = (struct hash_slot){ 0 };
		*find(h, s.key) = s;
	}
}

void
hash_clear(struct hash *h)
{
	if (h->cap > 0)
		memset(h->slot, 0, (h->cap + 1) * sizeof *h->slot);
	h->n = 0;
}

void
hash_free(struct hash *h)
{
	free(h->slot);
	*h = (struct hash){ 0 };
}
