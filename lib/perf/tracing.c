/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "tracing.h"

void
tracing_free(struct tracing *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		evformat_free(&t->event[i]->format);
		free(t->event[i]->name);
		free(t->event[i]);
	}
	free(t->event);
	hash_free(&t->ids);
	*t = (struct tracing){ 0 };
}

bool
tracing_add(struct tracing *t, struct str system, const char *text, size_t n)
{
	struct evformat format;
	struct tracing_event *e;

	if (!evformat_read(&format, text, n))
		return false;
	e = mem_alloc(sizeof *e);
	e->format = format;
	e->name = mem_alloc(system.n + format.name.n + 2);
	memcpy(e->name, system.p, system.n);
	e->name[system.n] = ':';
	memcpy(e->name + system.n + 1, format.name.p, format.name.n);
	t->event = mem_grow(t->event, t->n, &t->cap, sizeof e);
	t->event[t->n++] = e;
	*hash_put(&t->ids, format.id) = t->n;
	return true;
}

/* A file: its size as u64, its text. */
static struct bytes
get_file(struct bytes *b)
{
	uint64_t n = bytes_u64(b);

	return bytes_cut(b, n > SIZE_MAX ? SIZE_MAX : (size_t)n);
}

static void
get_formats(struct tracing *t, struct str system, struct bytes *b)
{
	uint32_t n = bytes_u32(b), i;
	struct bytes text;

	for (i = 0; i < n && !bytes_bad(b); i++) {
		text = get_file(b);
		if (!bytes_bad(&text))
			tracing_add(t, system, (const char *)text.p, bytes_left(&text));
	}
}

/* "NAME" NUL, then a file. */
static bool
skip_page(struct bytes *b, const char *name)
{
	struct bytes text;
	const char *s;
	size_t n;

	s = bytes_string(b, &n);
	if (!str_eq((struct str){ s, n }, str_of(name)))
		return false;
	text = get_file(b);
	return !bytes_bad(&text);
}

bool
tracing_read(struct tracing *t, struct bytes b)
{
	const uint8_t *magic = bytes_take(&b, 10);
	struct str system;
	uint32_t n, i;

	if (magic == NULL || memcmp(magic, "\x17\x08\x44tracing", 10) != 0)
		return false;
	bytes_string(&b, &system.n); /* version */
	t->big = bytes_u8(&b) != 0;
	b = bytes_of(b.p, bytes_left(&b), t->big);
	bytes_u8(&b);  /* size of a long */
	bytes_u32(&b); /* size of a page */
	if (!skip_page(&b, "header_page") || !skip_page(&b, "header_event"))
		return false;
	get_formats(t, STR("ftrace"), &b);
	n = bytes_u32(&b);
	for (i = 0; i < n && !bytes_bad(&b); i++) {
		system.p = bytes_string(&b, &system.n);
		get_formats(t, system, &b);
	}
	return !bytes_bad(&b);
}

const struct tracing_event *
tracing_find(const struct tracing *t, uint64_t id)
{
	const uint64_t *at = hash_get(&t->ids, id);

	return at == NULL ? NULL : t->event[*at - 1];
}
