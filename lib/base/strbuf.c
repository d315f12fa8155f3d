/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "mem.h"
#include "strbuf.h"

enum { KEEP_LEAST = 32 };

/* Room for n more bytes behind what is there. */
static inline char *
room(struct strbuf *k, size_t n)
{
	if (k->cap - k->n < n) {
		while (k->cap - k->n < n)
			k->cap = k->cap > 0 ? 2 * k->cap : KEEP_LEAST;
		k->p = mem_resize(k->p, k->cap, 1);
	}
	return k->p + k->n;
}

void
strbuf_add(struct strbuf *k, struct str s)
{
	if (s.n > 0)
		str_put(room(k, s.n), s);
	k->n += s.n;
}

void
strbuf_set(struct strbuf *k, struct str s)
{
	strbuf_clear(k);
	if (!str_none(s))
		strbuf_add(k, s);
}

/* The pair's key at d. */
static char *
put_key(const struct strbuf *k, char *d, struct str key)
{
	if (k->n > 0)
		*d++ = ' ';
	d = str_put(d, key);
	*d++ = '=';
	return d;
}

/* Between two pairs stands a blank: one in a text is \x20. */
static char *
put_value(char *d, struct str s)
{
	const char *blank;

	while (s.n > 0 && (blank = memchr(s.p, ' ', s.n)) != NULL) {
		d = str_put(d, (struct str){ s.p, (size_t)(blank - s.p) });
		d = str_put(d, STR("\\x20"));
		s.n -= (size_t)(blank + 1 - s.p);
		s.p = blank + 1;
	}
	return str_put(d, s);
}

void
strbuf_pair(struct strbuf *k, struct str key, struct str value)
{
	char *d;

	if (str_none(value))
		return;
	d = room(k, key.n + 2 + 4 * value.n);
	k->n = (size_t)(put_value(put_key(k, d, key), value) - k->p);
}

void
strbuf_pair_task(struct strbuf *k, struct str key, int32_t tid, struct str comm)
{
	char *d;

	if (tid < 0)
		return;
	d = put_key(k, room(k, key.n + 3 + TEXT_NUMBER + 4 * comm.n), key);
	d += text_put_u64(d, (uint64_t)tid);
	if (!str_none(comm)) {
		*d++ = '/';
		d = put_value(d, comm);
	}
	k->n = (size_t)(d - k->p);
}

void
strbuf_free(struct strbuf *k)
{
	free(k->p);
	*k = (struct strbuf){ 0 };
}
