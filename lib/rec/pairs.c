/* SPDX-License-Identifier: MIT */

#include "pairs.h"

static void
add_key(struct strbuf *b, struct str key)
{
	if (b->n > 0)
		strbuf_putc(b, ' ');
	strbuf_add(b, key);
	strbuf_putc(b, '=');
}

/* A blank would end the pair. */
static void
add_value(struct strbuf *b, struct str s)
{
	const char *blank;

	while (s.n > 0 && (blank = memchr(s.p, ' ', s.n)) != NULL) {
		strbuf_add_bytes(b, s.p, (size_t)(blank - s.p));
		strbuf_add(b, STR("\\x20"));
		s.n -= (size_t)(blank + 1 - s.p);
		s.p = blank + 1;
	}
	strbuf_add(b, s);
}

void
pairs_add(struct strbuf *b, struct str key, struct str value)
{
	if (str_none(value))
		return;
	add_key(b, key);
	add_value(b, value);
}

void
pairs_add_task(struct strbuf *b, struct str key, int32_t tid, struct str comm)
{
	if (tid < 0)
		return;
	add_key(b, key);
	b->n += text_put_u64(strbuf_reserve(b, TEXT_NUMBER), (uint64_t)tid);
	if (str_none(comm))
		return;
	strbuf_putc(b, '/');
	add_value(b, comm);
}

struct str
pairs_get(struct str pairs, struct str key)
{
	const char *p = pairs.p, *end = pairs.p + pairs.n, *blank;

	for (; p < end; p = blank + 1) {
		blank = memchr(p, ' ', (size_t)(end - p));
		blank = blank == NULL ? end : blank;
		if ((size_t)(blank - p) > key.n && memcmp(p, key.p, key.n) == 0 && p[key.n] == '=')
			return (struct str){ p + key.n + 1, (size_t)(blank - p) - key.n - 1 };
	}
	return (struct str){ NULL, 0 };
}
