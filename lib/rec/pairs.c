/* SPDX-License-Identifier: MIT */

#include "pairs.h"

/* Room for a pair with a value of n bytes, all of which may be escaped, and a number. */
static char *
reserve(struct strbuf *b, struct str key, size_t n)
{
	return strbuf_reserve(b, key.n + 4 * n + TEXT_NUMBER + sizeof " =/" - 1);
}

static char *
put_key(const struct strbuf *b, char *d, struct str key)
{
	if (b->n > 0)
		*d++ = ' ';
	d = str_put(d, key);
	*d++ = '=';
	return d;
}

/* Is there a blank in s? Most values are short and need no call. */
static bool
has_blank(struct str s)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t a, b;

	if (s.n < 8 || s.n > 16)
		return s.n > 1 ? memchr(s.p, ' ', s.n) != NULL : s.n == 1 && *s.p == ' ';
	a = str_load8(s.p) ^ ' ' * ones;
	b = str_load8(s.p + s.n - 8) ^ ' ' * ones;
	return (((a - ones) & ~a) | ((b - ones) & ~b)) & 0x80 * ones;
}

/* A blank would end the pair. */
static char *
put_value(char *d, struct str s)
{
	const char *blank;

	while (has_blank(s)) {
		blank = memchr(s.p, ' ', s.n);
		d = str_put(d, (struct str){ s.p, (size_t)(blank - s.p) });
		d = str_put(d, STR("\\x20"));
		s.n -= (size_t)(blank + 1 - s.p);
		s.p = blank + 1;
	}
	return str_put(d, s);
}

void
pairs_add(struct strbuf *b, struct str key, struct str value)
{
	char *d;

	if (str_none(value))
		return;
	d = put_key(b, reserve(b, key, value.n), key);
	b->n = (size_t)(put_value(d, value) - b->p);
}

void
pairs_add_task(struct strbuf *b, struct str key, int32_t tid, struct str comm)
{
	char *d;

	if (tid < 0)
		return;
	d = put_key(b, reserve(b, key, comm.n), key);
	d += text_put_u64(d, (uint64_t)tid);
	if (!str_none(comm)) {
		*d++ = '/';
		d = put_value(d, comm);
	}
	b->n = (size_t)(d - b->p);
}

struct str
pairs_get(struct str pairs, struct str key)
{
	const char *p = pairs.p, *end = pairs.p + pairs.n, *blank;

	for (; p < end; p = blank + 1) {
		blank = memchr(p, ' ', (size_t)(end - p));
		blank = blank == NULL ? end : blank;
		if ((size_t)(blank - p) > key.n && *p == *key.p && memcmp(p, key.p, key.n) == 0 &&
		    p[key.n] == '=')
			return (struct str){ p + key.n + 1, (size_t)(blank - p) - key.n - 1 };
	}
	return (struct str){ NULL, 0 };
}
