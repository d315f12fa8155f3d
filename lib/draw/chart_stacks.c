/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/hash.h"
#include "base/mem.h"
#include "chart_int.h"
#include "rec/stack.h"

enum { OVERHEAD = 64 }; /* bytes a stack takes besides its text */

/* Slots that references to stacks are counted in: those of a slot with any definition are taken as
 * defined. */
enum { SLOTS = 1 << 18 };

enum { INLINE = 1 }; /* keeps the keys of inline stacks apart from those of defined ones */

/* References that are counted together: each is likely to be a cache miss, which then overlap. */
enum { PENDING = 256 };

/* Inline stacks that are found again without a digest of their text. */
enum { RECENT = 8192, SAMPLES = 8 };

enum { KEY_BITS = 64 };

#define DEFINED UINT32_MAX

struct entry {
	uint64_t key;
	struct str frames;
};

struct chart_stacks {
	size_t budget; /* bytes */
	bool keyed;    /* keys are needed, and stacks that are given inline */
	struct hash by_key;
	struct entry *entry;
	size_t n, cap, bytes;
	struct arena arena;
	uint64_t limit; /* only keys up to here are kept */
	uint32_t *refs; /* SLOTS; DEFINED: the slot has a definition */
	struct {
		uint32_t slot, zeros;
	} pending[PENDING]; /* references that are not counted yet */
	size_t npending;
	uint64_t
	    with[KEY_BITS]; /* references to stacks that are defined, by zeros_of() their keys */
	uint32_t recent[RECENT]; /* by some bytes of an inline stack: 1 + its entry */
};

struct chart_stacks *
chart_stacks_new(size_t budget, bool keyed)
{
	struct chart_stacks *s = mem_alloc(sizeof *s);

	s->budget = budget;
	s->keyed = keyed;
	s->limit = UINT64_MAX;
	s->refs = mem_alloc(SLOTS * sizeof *s->refs);
	return s;
}

/* Keys are spread evenly: half of them are below half of the limit. */
static uint64_t
key_of(uint64_t machine, uint64_t hash)
{
	return digest(hash ^ machine);
}

uint64_t
chart_stacks_machine(struct str name)
{
	return digest_bytes(0, name.p, name.n);
}

/* The zeros that a key starts with, less than KEY_BITS: it is kept if the limit has no more. */
static uint32_t
zeros_of(uint64_t key)
{
	return (uint32_t)__builtin_clzll(key | 1);
}

/* A hash is spread well enough for the slots. */
static uint32_t
slot_of(uint64_t machine, uint64_t hash)
{
	return (uint32_t)((hash ^ machine) % SLOTS);
}

static void
set(struct chart_stacks *s, struct entry *e, struct str frames)
{
	char *d = arena_take(&s->arena, frames.n);

	str_put(d, frames);
	e->frames = (struct str){ d, frames.n };
	s->bytes += frames.n;
}

/* Keep about half of the stacks. Their keys decide which, so it does not matter which came first.
 */
static void
halve(struct chart_stacks *s)
{
	struct arena old = s->arena;
	size_t i, n = s->n;
	struct entry *e;

	s->limit >>= 1;
	s->n = s->bytes = 0;
	s->arena = (struct arena){ 0 };
	hash_free(&s->by_key);
	memset(s->recent, 0, sizeof s->recent);
	for (i = 0; i < n; i++) {
		if (s->entry[i].key > s->limit)
			continue;
		e = &s->entry[s->n];
		*e = s->entry[i];
		set(s, e, e->frames);
		s->bytes += OVERHEAD;
		*hash_put(&s->by_key, e->key) = s->n++;
	}
	arena_free(&old);
}

static void
put(struct chart_stacks *s, uint64_t key, struct str frames)
{
	uint64_t *i;
	struct entry *e;

	if (key > s->limit)
		return;
	if ((i = hash_get(&s->by_key, key)) != NULL) {
		e = &s->entry[*i];
		if (frames.n != e->frames.n ? frames.n > e->frames.n
					    : memcmp(frames.p, e->frames.p, frames.n) > 0)
			set(s, e, frames);
	} else {
		s->entry = mem_grow(s->entry, s->n, &s->cap, sizeof *s->entry);
		e = &s->entry[s->n];
		*e = (struct entry){ .key = key };
		set(s, e, frames);
		*hash_put(&s->by_key, key) = s->n++;
		s->bytes += OVERHEAD;
	}
	while (s->bytes > s->budget)
		halve(s);
}

void
chart_stacks_put(struct chart_stacks *s, uint64_t machine, uint64_t hash, struct str frames)
{
	s->refs[slot_of(machine, hash)] = DEFINED;
	put(s, key_of(machine, hash), frames);
}

static void
count_pending(struct chart_stacks *s)
{
	uint32_t *n;
	size_t i;

	for (i = 0; i < s->npending; i++) {
		n = &s->refs[s->pending[i].slot];
		s->with[s->pending[i].zeros] += *n == DEFINED;
		*n += *n < DEFINED - 1;
	}
	s->npending = 0;
}

/* The place of an inline stack in the table of recent ones, by a few of its bytes: most stacks are
 * the same as one before, and are compared with that. */
static uint32_t *
recent(struct chart_stacks *s, struct str stack)
{
	size_t i, step = stack.n / SAMPLES;
	uint64_t h = stack.n;

	for (i = 0; i < SAMPLES && step >= sizeof h; i++)
		h = (h ^ str_load8(stack.p + i * step)) * 0x9e3779b97f4a7c15;
	return &s->recent[(h ^ h >> 32) % RECENT];
}

/* The key of a stack that is given inline, which is kept. */
static uint64_t
inline_key(struct chart_stacks *s, struct str stack)
{
	uint32_t *i = recent(s, stack);
	const uint64_t *at;
	uint64_t key;

	if (*i > 0 && str_eq(s->entry[*i - 1].frames, stack))
		return s->entry[*i - 1].key;
	key = digest_bytes(INLINE, stack.p, stack.n);
	put(s, key, stack);
	at = hash_get(&s->by_key, key);
	*i = at != NULL ? (uint32_t)*at + 1 : 0;
	return key;
}

uint64_t
chart_stacks_refer(struct chart_stacks *s, uint64_t machine, struct str stack)
{
	uint64_t hash, key = 0;

	if (str_none(stack))
		return 0;
	if (stack_is_ref(stack, &hash)) {
		if (s->npending == PENDING)
			count_pending(s);
		key = key_of(machine, hash);
		s->pending[s->npending].slot = slot_of(machine, hash);
		s->pending[s->npending++].zeros = zeros_of(key);
	} else if (s->keyed) {
		key = inline_key(s, stack);
		s->with[zeros_of(key)]++;
	}
	return s->keyed ? key : 0;
}

bool
chart_stacks_dropped(const struct chart_stacks *s, uint64_t key)
{
	return key > s->limit;
}

uint64_t
chart_stacks_lost(struct chart_stacks *s)
{
	uint32_t zeros, least = zeros_of(s->limit);
	uint64_t n = 0;

	count_pending(s);
	for (zeros = 0; zeros < least; zeros++)
		n += s->with[zeros];
	return n;
}

uint64_t
chart_stacks_undefined(struct chart_stacks *s)
{
	uint64_t n = 0;
	size_t i;

	count_pending(s);
	for (i = 0; i < SLOTS; i++)
		n += s->refs[i] == DEFINED ? 0 : s->refs[i];
	return n;
}

struct str
chart_stacks_at(const struct chart_stacks *s, uint64_t key)
{
	uint64_t *i = hash_get(&s->by_key, key);

	return i != NULL ? s->entry[*i].frames : (struct str){ NULL, 0 };
}

struct str
chart_stacks_get(const struct chart_stacks *s, uint64_t machine, uint64_t hash)
{
	return chart_stacks_at(s, key_of(machine, hash));
}

void
chart_stacks_free(struct chart_stacks *s)
{
	arena_free(&s->arena);
	free(s->entry);
	free(s->refs);
	hash_free(&s->by_key);
	free(s);
}
