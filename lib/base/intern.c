/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "intern.h"
#include "mem.h"

enum { LEAST = 16 };

struct intern_slot {
	uint32_t hash, number; /* the text's number plus one, 0 in a free slot */
};

/* The slot of a text, or the free one where it belongs. */
static struct intern_slot *
find(const struct intern *t, uint32_t hash, struct str s)
{
	size_t i = hash & (t->cap_slot - 1);
	struct intern_slot *slot;

	while ((slot = &t->slot[i])->number != 0) {
		if (slot->hash == hash && str_eq(t->text[slot->number - 1], s))
			break;
		i = (i + 1) & (t->cap_slot - 1);
	}
	return slot;
}

static uint32_t
hash_of(const struct intern *t, struct str s)
{
	return (uint32_t)hash_text(&t->key, s);
}

uint32_t
intern_find(const struct intern *t, struct str s)
{
	/* number - 1 of a free slot is INTERN_NONE */
	return t->n == 0 ? INTERN_NONE : find(t, hash_of(t, s), s)->number - 1;
}

/* Double the slots. */
static void
grow(struct intern *t)
{
	struct intern_slot *old = t->slot;
	size_t cap = t->cap_slot, i, at;

	if (cap == 0)
		hash_key_draw(&t->key);
	t->cap_slot = cap == 0 ? LEAST : 2 * cap;
	t->slot = mem_alloc(t->cap_slot * sizeof *t->slot);
	for (i = 0; i < cap; i++) {
		if (old[i].number == 0)
			continue;
		at = old[i].hash & (t->cap_slot - 1);
		while (t->slot[at].number != 0)
			at = (at + 1) & (t->cap_slot - 1);
		t->slot[at] = old[i];
	}
	free(old);
}

static struct str
copy(struct intern *t, struct str s)
{
	char *d = arena_take(&t->bytes, s.n + 1);

	*str_put(d, s) = '\0';
	return (struct str){ d, s.n };
}

uint32_t
intern_put_other(struct intern *t, struct str s, uint32_t *recent)
{
	struct intern_slot *slot;
	uint32_t hash;

	if (2 * t->n >= t->cap_slot)
		grow(t);
	hash = hash_of(t, s);
	slot = find(t, hash, s);
	if (slot->number == 0) {
		t->text = mem_grow(t->text, t->n, &t->cap_text, sizeof *t->text);
		t->text[t->n] = copy(t, s);
		*slot = (struct intern_slot){ hash, (uint32_t)++t->n };
	}
	*recent = slot->number - 1;
	return *recent;
}

void
intern_free(struct intern *t)
{
	arena_free(&t->bytes);
	free(t->text);
	free(t->slot);
	*t = (struct intern){ 0 };
}
