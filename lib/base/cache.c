/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "cache.h"
#include "hashkey.h"
#include "mem.h"

struct entry {
	uint64_t a, b;
	size_t key, value; /* the number of bytes of each, which follow */
};

/* Entries follow each other in a ring. Their positions never wrap around, so that a position shows
 * whether its entry has been overwritten. */
struct cache {
	uint64_t *slot;
	size_t slots;
	char *ring;
	size_t size;
	struct hash_key key;
	uint64_t
	    head; /* position of the next entry; above size, so that position 0 is overwritten */
};

struct cache *
cache_new(size_t slots, size_t size)
{
	struct cache *m = mem_alloc(sizeof *m);

	*m = (struct cache){ .slots = slots, .size = size, .head = size + sizeof(uint64_t) };
	hash_key_draw(&m->key);
	m->slot = mem_alloc(slots * sizeof *m->slot);
	m->ring = mem_resize(NULL, size, 1);
	return m;
}

void
cache_free(struct cache *m)
{
	if (m == NULL)
		return;
	free(m->slot);
	free(m->ring);
	free(m);
}

static uint64_t *
slot_of(const struct cache *m, const struct cache_key *k)
{
	return &m->slot[(hash_text(&m->key, k->s) ^ hash_number(&m->key, k->a * 31 + k->b)) &
			(m->slots - 1)];
}

bool
cache_get(const struct cache *m, const struct cache_key *k, struct str *value)
{
	uint64_t at = *slot_of(m, k);
	const struct entry *e = (const void *)(m->ring + at % m->size);
	const char *bytes = (const char *)(e + 1);

	if (m->head > at + m->size || e->a != k->a || e->b != k->b || e->key != k->s.n)
		return false;
	if (k->s.n > 0 && memcmp(bytes, k->s.p, k->s.n) != 0)
		return false;
	*value = (struct str){ bytes + e->key, e->value };
	return true;
}

void
cache_put(struct cache *m, const struct cache_key *k, struct str value)
{
	size_t need = (sizeof(struct entry) + k->s.n + value.n + 7) & ~(size_t)7;
	size_t at = m->head % m->size;
	struct entry *e;
	char *bytes;

	if (need > m->size / 8)
		return;
	if (m->size - at < need) {
		m->head += m->size - at;
		at = 0;
	}
	e = (void *)(m->ring + at);
	*e = (struct entry){ k->a, k->b, k->s.n, value.n };
	bytes = (char *)(e + 1);
	if (k->s.n > 0)
		memcpy(bytes, k->s.p, k->s.n);
	if (value.n > 0)
		memcpy(bytes + k->s.n, value.p, value.n);
	*slot_of(m, k) = m->head;
	m->head += need;
}
