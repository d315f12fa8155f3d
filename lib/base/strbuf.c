/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "mem.h"
#include "strbuf.h"

enum { LEAST = 32 };

void
strbuf_grow(struct strbuf *b, size_t n)
{
	size_t need = b->n + n < n ? SIZE_MAX : b->n + n;
	size_t cap = b->cap < SIZE_MAX / 2 ? 2 * b->cap : SIZE_MAX;

	cap = cap < LEAST ? LEAST : cap;
	b->cap = cap < need ? need : cap;
	b->p = mem_resize(b->p, b->cap, 1);
}

void
strbuf_add(struct strbuf *b, struct str s)
{
	str_put(strbuf_reserve(b, s.n), s);
	b->n += s.n;
}

void
strbuf_free(struct strbuf *b)
{
	free(b->p);
	*b = (struct strbuf){ 0 };
}
