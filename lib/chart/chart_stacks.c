/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/intern.h"
#include "base/mem.h"
#include "chart_int.h"
#include "rec/stack.h"

enum { OVERHEAD = 64 }; /* bytes a stack takes besides its text */

/* References to stacks are counted in slots, by key. If one stack of a slot is defined, all of its
 * references count as defined. */
enum { SLOTS = 1 << 18 };

enum { INLINE = 1 }; /* keeps the keys of inline stacks apart from those of defined ones */

/* A cache of inline stacks, which spares a digest of each text. */
enum { RECENT = 8192, SAMPLES = 8 };

enum { KEY_BITS = 64 };

#define DEFINED UINT32_MAX

/* A stack in two parts: the head is the kernel's frames, which many stacks share; the tail starts
 * with the user's frames. A stack without one of them is all tail. */
struct entry {
	uint64_t key;
	struct str tail;
	uint32_t head; /* in heads, or CHART_NO_HEAD */
};

enum { LEAST_SLOTS = 1024 };

struct chart_stacks {
	size_t budget;  /* bytes */
	bool keyed;     /* stacks that are given inline are kept, too */
	uint32_t *slot; /* by key: 1 + its entry, 0 if it is free */
	size_t slots;   /* a power of two */
	struct hash_key hash;
	struct entry *entry;
	size_t n, cap, bytes;
	struct intern heads;
	bool *valid; /* by head: it consists of frames */
	size_t nhead;
	size_t valid_cap;
	struct arena arena;
	uint64_t limit; /* only keys up to here are kept */
	uint32_t *refs; /* SLOTS; DEFINED: the slot has a definition */
	uint64_t
	    with[KEY_BITS]; /* references to stacks that are defined, by zeros_of() their keys */
	uint32_t recent[RECENT]; /* by recent(): 1 + the entry of an inline stack */
	bool once;               /* some are defined once */
	struct hash same, texts; /* by key, by digest of the text: chart_stacks_same() */
};

struct chart_stacks *
chart_stacks_new(size_t budget, bool keyed)
{
	struct chart_stacks *s = mem_alloc(sizeof *s);

	s->budget = budget;
	s->keyed = keyed;
	s->limit = UINT64_MAX;
	s->refs = mem_alloc(SLOTS * sizeof *s->refs);
	hash_key_draw(&s->hash);
	s->slots = LEAST_SLOTS;
	s->slot = mem_alloc(s->slots * sizeof *s->slot);
	return s;
}

/* Keys are spread evenly, so half of them are below half of the limit. */
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

/* The number of zeros that a key starts with, less than KEY_BITS. A key is kept if it is not above
 * the limit, which is a row of ones. */
static uint32_t
zeros_of(uint64_t key)
{
	return (uint32_t)__builtin_clzll(key | 1);
}

/* The references that are counted with those to this key. */
static uint32_t *
refs_of(const struct chart_stacks *s, uint64_t key)
{
	return &s->refs[key % SLOTS];
}

/* The slot of a key, or the free one where it belongs. */
static uint32_t *
find(const struct chart_stacks *s, uint64_t key)
{
	size_t i = hash_number(&s->hash, key) & (s->slots - 1);

	while (s->slot[i] != 0 && s->entry[s->slot[i] - 1].key != key)
		i = (i + 1) & (s->slots - 1);
	return &s->slot[i];
}

/* Put all entries into new slots. */
static void
fill_slots(struct chart_stacks *s, size_t slots)
{
	size_t i;

	free(s->slot);
	s->slots = slots;
	s->slot = mem_alloc(slots * sizeof *s->slot);
	for (i = 0; i < s->n; i++)
		*find(s, s->entry[i].key) = (uint32_t)i + 1;
}

static const struct entry *
entry_of(const struct chart_stacks *s, uint64_t key)
{
	uint32_t i = *find(s, key);

	return i > 0 ? &s->entry[i - 1] : NULL;
}

/* The length of the kernel's frames, if user frames follow them; else 0. */
static size_t
head_of(struct str frames)
{
	const char *p = frames.p, *end = p + frames.n;

	if (!str_starts(frames, "k;"))
		return 0;
	while ((p = memchr(p, ';', (size_t)(end - p))) != NULL) {
		if (end - p > 3 && p[1] == 'u' && p[2] == ';')
			return (size_t)(p - frames.p);
		p++;
	}
	return 0;
}

static uint32_t
add_head(struct chart_stacks *s, struct str head)
{
	uint32_t id = head.n > 0 ? intern_put(&s->heads, head) : CHART_NO_HEAD;

	if (id == CHART_NO_HEAD)
		return id;
	s->valid = mem_grow(s->valid, id, &s->valid_cap, sizeof *s->valid);
	if (id == s->nhead) {
		s->nhead++;
		s->valid[id] = stack_valid(head);
		s->bytes += head.n + OVERHEAD;
	}
	return s->valid[id] ? id : CHART_NO_HEAD;
}

static void
set(struct chart_stacks *s, struct entry *e, struct str frames)
{
	struct str tail = frames;
	size_t n = head_of(frames);
	char *d;

	e->head = add_head(s, (struct str){ frames.p, n });
	if (e->head != CHART_NO_HEAD) {
		tail.p += n + 1;
		tail.n -= n + 1;
	}
	d = arena_take(&s->arena, tail.n);
	str_put(d, tail);
	e->tail = (struct str){ d, tail.n };
	s->bytes += tail.n;
}

/* The head, without the ; that follows it. */
static struct str
head(const struct chart_stacks *s, const struct entry *e)
{
	return e->head == CHART_NO_HEAD ? (struct str){ e->tail.p, 0 }
					: intern_str(&s->heads, e->head);
}

static size_t
length(const struct chart_stacks *s, const struct entry *e)
{
	return e->tail.n + (e->head == CHART_NO_HEAD ? 0 : head(s, e).n + 1);
}

/* Compare frames with those of an entry, which have the same length. */
static int
compare(const struct chart_stacks *s, const struct entry *e, struct str frames)
{
	struct str first = head(s, e);
	int d = memcmp(frames.p, first.p, first.n);

	if (d == 0 && e->head != CHART_NO_HEAD)
		d = (unsigned char)frames.p[first.n] - ';';
	return d != 0 ? d : memcmp(frames.p + frames.n - e->tail.n, e->tail.p, e->tail.n);
}

static bool
is_text(const struct chart_stacks *s, const struct entry *e, struct str frames)
{
	return length(s, e) == frames.n && compare(s, e, frames) == 0;
}

/* Join the two parts of an entry. */
static struct str
join(struct arena *a, const struct chart_stacks *s, const struct entry *e)
{
	struct str first = head(s, e), all = { NULL, length(s, e) };
	char *d;

	if (e->head == CHART_NO_HEAD)
		return e->tail;
	all.p = d = arena_take(a, all.n);
	d = str_put(d, first);
	*d++ = ';';
	str_put(d, e->tail);
	return all;
}

/* Keep about half of the stacks: those with low keys, so that their order does not matter. */
static void
halve(struct chart_stacks *s)
{
	struct chart_stacks old = *s;
	size_t i;

	s->limit >>= 1;
	s->n = s->bytes = s->nhead = 0;
	s->arena = (struct arena){ 0 };
	s->heads = (struct intern){ 0 };
	memset(s->recent, 0, sizeof s->recent);
	for (i = 0; i < old.n; i++) {
		if (s->entry[i].key > s->limit)
			continue;
		set(s, &s->entry[s->n], join(&old.arena, &old, &s->entry[i]));
		s->entry[s->n++].key = s->entry[i].key;
		s->bytes += OVERHEAD;
	}
	fill_slots(s, s->slots);
	intern_free(&old.heads);
	arena_free(&old.arena);
}

static void
put(struct chart_stacks *s, uint64_t key, struct str frames)
{
	uint32_t *slot;
	struct entry *e;

	if (key > s->limit)
		return;
	slot = find(s, key);
	if (*slot > 0) {
		e = &s->entry[*slot - 1];
		if (frames.n != length(s, e) ? frames.n > length(s, e) : compare(s, e, frames) > 0)
			set(s, e, frames);
	} else {
		s->entry = mem_grow(s->entry, s->n, &s->cap, sizeof *s->entry);
		e = &s->entry[s->n++];
		e->key = key;
		set(s, e, frames);
		*slot = (uint32_t)s->n;
		s->bytes += OVERHEAD;
		if (2 * s->n > s->slots)
			fill_slots(s, 2 * s->slots);
	}
	while (s->bytes > s->budget)
		halve(s);
}

void
chart_stacks_put(struct chart_stacks *s, uint64_t machine, uint64_t hash, struct str frames)
{
	uint64_t key = key_of(machine, hash);

	s->once = true;
	*refs_of(s, key) = DEFINED;
	put(s, key, frames);
}

/* The place of an inline stack in the cache, chosen by a few of its bytes. Most stacks equal the
 * one that is there. */
static uint32_t *
recent(struct chart_stacks *s, struct str stack)
{
	size_t i, step = stack.n / SAMPLES;
	uint64_t h = stack.n;

	for (i = 0; i < SAMPLES && step >= sizeof h; i++)
		h = (h ^ str_load8(stack.p + i * step)) * 0x9e3779b97f4a7c15;
	return &s->recent[(h ^ h >> 32) % RECENT];
}

/* Keep an inline stack; returns its key. */
static uint64_t
inline_key(struct chart_stacks *s, struct str stack)
{
	uint32_t *i = recent(s, stack);
	uint64_t key;

	if (*i > 0 && is_text(s, &s->entry[*i - 1], stack))
		return s->entry[*i - 1].key;
	key = digest_bytes(INLINE, stack.p, stack.n);
	*refs_of(s, key) = DEFINED;
	put(s, key, stack);
	*i = *find(s, key);
	return key;
}

uint64_t
chart_stacks_key(struct chart_stacks *s, uint64_t machine, struct str stack)
{
	uint64_t hash;

	if (stack_is_ref(stack, &hash))
		return key_of(machine, hash);
	return s->keyed && !str_none(stack) ? inline_key(s, stack) : 0;
}

void
chart_stacks_count(struct chart_stacks *s, uint64_t key, uint64_t n)
{
	uint32_t *refs = refs_of(s, key);

	if (key == 0)
		return;
	if (*refs == DEFINED)
		s->with[zeros_of(key)] += n;
	else
		*refs += (uint32_t)(n < DEFINED - 1 - *refs ? n : DEFINED - 1 - *refs);
}

uint64_t
chart_stacks_lost(const struct chart_stacks *s)
{
	uint32_t zeros, least = zeros_of(s->limit);
	uint64_t n = 0;

	for (zeros = 0; zeros < least; zeros++)
		n += s->with[zeros];
	return n;
}

uint64_t
chart_stacks_undefined(const struct chart_stacks *s)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < SLOTS; i++)
		n += s->refs[i] == DEFINED ? 0 : s->refs[i];
	return n;
}

struct chart_parts
chart_stacks_at(const struct chart_stacks *s, uint64_t key)
{
	const struct entry *e = entry_of(s, key);

	if (e == NULL)
		return (struct chart_parts){ CHART_NO_HEAD, { NULL, 0 }, STR_NONE,
			.dropped = key > s->limit };
	return (struct chart_parts){ e->head, head(s, e), e->tail, .dropped = false };
}

size_t
chart_stacks_heads(const struct chart_stacks *s)
{
	return s->heads.n;
}

struct str
chart_stacks_get(struct chart_stacks *s, uint64_t machine, uint64_t hash)
{
	uint32_t i = *find(s, key_of(machine, hash));
	struct entry *e;

	if (i == 0)
		return (struct str){ NULL, 0 };
	e = &s->entry[i - 1];
	e->tail = join(&s->arena, s, e);
	e->head = CHART_NO_HEAD;
	return e->tail;
}

bool
chart_stacks_once(const struct chart_stacks *s)
{
	return s->once;
}

/* The first key of an entry's text; its own if another text has the same digest. */
static uint64_t
first_key(struct chart_stacks *s, const struct entry *e)
{
	struct str first = head(s, e);
	uint64_t digest = digest_bytes(INLINE, first.p, first.n), *key;
	const struct entry *other;

	key = hash_put(&s->texts, digest_bytes(digest, e->tail.p, e->tail.n) | 1);
	*key = *key == 0 ? e->key : *key;
	other = entry_of(s, *key);
	return other->head == e->head && str_eq(other->tail, e->tail) ? *key : e->key;
}

uint64_t
chart_stacks_same(struct chart_stacks *s, uint64_t key)
{
	const struct entry *e = key == 0 ? NULL : entry_of(s, key);
	uint64_t *same;

	if (e == NULL)
		return key;
	same = hash_put(&s->same, key);
	*same = *same == 0 ? first_key(s, e) : *same;
	return *same;
}

void
chart_stacks_free(struct chart_stacks *s)
{
	arena_free(&s->arena);
	intern_free(&s->heads);
	free(s->valid);
	free(s->entry);
	free(s->refs);
	free(s->slot);
	hash_free(&s->same);
	hash_free(&s->texts);
	free(s);
}
