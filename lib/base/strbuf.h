/* SPDX-License-Identifier: MIT */
/* strbuf - a text that grows and whose memory is reused; start with { 0 } */

#ifndef STRBUF_H
#define STRBUF_H

#include "text.h"

struct strbuf {
	char *p; /* not NUL-terminated */
	size_t n, cap;
};

/* Make room for n more bytes, even if there is room already. */
void strbuf_grow(struct strbuf *, size_t n);

/* Room for n bytes after the text; the caller writes some of them and adds their number to b->n. */
static inline char *
strbuf_reserve(struct strbuf *b, size_t n)
{
	if (b->cap - b->n < n || b->p == NULL)
		strbuf_grow(b, n);
	return b->p + b->n;
}

void strbuf_add(struct strbuf *, struct str);

static inline void
strbuf_add_bytes(struct strbuf *b, const void *p, size_t n)
{
	strbuf_add(b, (struct str){ p, n });
}

static inline void
strbuf_putc(struct strbuf *b, char c)
{
	*strbuf_reserve(b, 1) = c;
	b->n++;
}

static inline void
strbuf_clear(struct strbuf *b)
{
	b->n = 0;
}

/* The text; valid until the next change. */
static inline struct str
strbuf_str(const struct strbuf *b)
{
	return (struct str){ b->p, b->n };
}

/* As a field of a record, where "-" means not known, which is an empty text here. */
static inline struct str
strbuf_field(const struct strbuf *b)
{
	return b->n == 0 ? STR_NONE : strbuf_str(b);
}

static inline void
strbuf_set_field(struct strbuf *b, struct str field)
{
	strbuf_clear(b);
	if (!str_none(field))
		strbuf_add(b, field);
}

void strbuf_free(struct strbuf *);

#endif
