/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "chart_texts.h"

enum { OVERHEAD = 64 }; /* bytes a stack takes beside its text */

/* Evenly spread, so that half of all keys are below half of the limit. */
static uint64_t
key_of(struct str machine, uint64_t hash)
{
	return digest(digest_bytes(hash, machine.p, machine.n));
}

/* Copy a text behind the others. */
static void
set(struct chart_texts *t, struct chart_text *e, struct str frames)
{
	char *d = arena_take(&t->texts, frames.n);

	str_put(d, frames);
	e->text = (struct str){ d, frames.n };
	t->bytes += frames.n;
}

/* Keep half of the keys, by their value: which ones does not depend on what came first. */
static void
halve(struct chart_texts *t)
{
	struct arena old = t->texts;
	size_t i, n = 0;

	t->limit >>= 1;
	t->bytes = 0;
	t->texts = (struct arena){ NULL, 0 };
	hash_free(&t->by);
	for (i = 0; i < t->n; i++) {
		if (t->text[i].key > t->limit)
			continue;
		t->text[n] = t->text[i];
		set(t, &t->text[n], t->text[i].text);
		t->bytes += OVERHEAD;
		*hash_put(&t->by, t->text[n].key) = n;
		n++;
	}
	t->n = n;
	arena_free(&old);
}

static bool
better(struct str a, struct str b)
{
	return a.n != b.n ? a.n > b.n : memcmp(a.p, b.p, a.n) > 0;
}

void
chart_texts_put(struct chart_texts *t, struct str machine, uint64_t hash, struct str frames)
{
	uint64_t key = key_of(machine, hash), *i;

	if (t->n == 0)
		t->limit = UINT64_MAX;
	if (key > t->limit)
		return;
	if ((i = hash_get(&t->by, key)) != NULL) {
		if (better(frames, t->text[*i].text))
			set(t, &t->text[*i], frames);
	} else {
		t->text = mem_grow(t->text, t->n, &t->cap, sizeof *t->text);
		t->text[t->n] = (struct chart_text){ .key = key };
		set(t, &t->text[t->n], frames);
		*hash_put(&t->by, key) = t->n++;
		t->bytes += OVERHEAD;
	}
	while (t->bytes > t->budget)
		halve(t);
}

struct str
chart_texts_get(const struct chart_texts *t, struct str machine, uint64_t hash)
{
	uint64_t *i = hash_get(&t->by, key_of(machine, hash));

	return i != NULL ? t->text[*i].text : (struct str){ NULL, 0 };
}

void
chart_texts_free(struct chart_texts *t)
{
	arena_free(&t->texts);
	free(t->text);
	hash_free(&t->by);
	*t = (struct chart_texts){ 0 };
}
