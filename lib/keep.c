/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "keep.h"
#include "mem.h"

enum { KEEP_LEAST = 32 };

/* Room for n more bytes behind what is there. */
static char *
room(struct keep *k, size_t n)
{
	size_t cap = k->cap > 0 ? k->cap : KEEP_LEAST;

	while (cap - k->n < n)
		cap *= 2;
	if (cap != k->cap) {
		k->p = mem_resize(k->p, cap, 1);
		k->cap = cap;
	}
	return k->p + k->n;
}

void
keep_add(struct keep *k, struct str s)
{
	memcpy(room(k, s.n), s.p, s.n);
	k->n += s.n;
}

void
keep_set(struct keep *k, struct str s)
{
	keep_clear(k);
	if (!str_none(s))
		keep_add(k, s);
}

static void
add_key(struct keep *k, struct str key)
{
	char *d = room(k, key.n + 2);

	if (k->n > 0)
		*d++ = ' ';
	memcpy(d, key.p, key.n);
	d += key.n;
	*d++ = '=';
	k->n = (size_t)(d - k->p);
}

/* Between two pairs stands a blank: one in a text is \x20. */
static void
add_value(struct keep *k, struct str s)
{
	const char *blank;

	while ((blank = memchr(s.p, ' ', s.n)) != NULL) {
		keep_add(k, (struct str){ s.p, (size_t)(blank - s.p) });
		keep_add(k, STR("\\x20"));
		s.n -= (size_t)(blank + 1 - s.p);
		s.p = blank + 1;
	}
	keep_add(k, s);
}

void
keep_pair(struct keep *k, struct str key, struct str value)
{
	if (str_none(value))
		return;
	add_key(k, key);
	add_value(k, value);
}

void
keep_pair_id(struct keep *k, struct str key, int32_t id)
{
	if (id < 0)
		return;
	add_key(k, key);
	k->n += text_put_u64(room(k, TEXT_NUMBER), (uint64_t)id);
}

void
keep_free(struct keep *k)
{
	free(k->p);
	*k = (struct keep){ 0 };
}
