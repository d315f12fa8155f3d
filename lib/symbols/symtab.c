/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "symtab.h"

enum { PAGE = 4096, MAXSIZE = 0x3fffffff };

struct symtab_entry {
	uint64_t start;
	uint32_t name; /* where it is in names, ended by a NUL */
	uint32_t size : 30;
	bool weak : 1, global : 1;
};

void
symtab_free(struct symtab *t)
{
	free(t->entry);
	free(t->names);
}

void
symtab_add(struct symtab *t, const struct symtab_symbol *s)
{
	if (t->used + s->name.n >= UINT32_MAX)
		return;
	if (t->room - t->used <= s->name.n) {
		t->room = 2 * (t->room + s->name.n) + 1;
		t->names = mem_resize(t->names, t->room, 1);
	}
	t->entry = mem_grow(t->entry, t->n, &t->cap, sizeof *t->entry);
	t->entry[t->n++] = (struct symtab_entry){ .start = s->start,
		.name = (uint32_t)t->used,
		.size = s->size < MAXSIZE ? (uint32_t)s->size : MAXSIZE,
		.weak = s->weak,
		.global = s->global };
	memcpy(t->names + t->used, s->name.p, s->name.n);
	t->used += s->name.n;
	t->names[t->used++] = '\0';
}

static int
by_start(const void *va, const void *vb)
{
	const struct symtab_entry *a = va, *b = vb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->name < b->name ? -1 : a->name > b->name;
}

/* What makes a name the better one, the weightier the higher. */
static uint64_t
merit(const struct symtab *t, const struct symtab_entry *e)
{
	const char *name = t->names + e->name;
	uint64_t sized = e->size > 0, strong = !e->weak, global = e->global;
	size_t underscores = strspn(name, "_");

	underscores = underscores < 255 ? underscores : 255;
	return sized << 62 | strong << 61 | global << 60 | (uint64_t)(255 - underscores) << 32 |
	       (uint32_t)strlen(name);
}

static void
choose(struct symtab *t)
{
	struct symtab_entry *e = t->entry, *end = e + t->n, *last = NULL;
	uint64_t covered = 0;

	for (; e < end; e++) {
		if (last != NULL && e->start == last->start) {
			if (merit(t, e) > merit(t, last))
				*last = *e;
		} else if (e->size > 0 || e->start >= covered) {
			last = last == NULL ? t->entry : last + 1;
			*last = *e;
		}
		if (e->start + e->size > covered)
			covered = e->start + e->size;
	}
	t->n = last == NULL ? 0 : (size_t)(last - t->entry) + 1;
}

void
symtab_finish(struct symtab *t)
{
	struct symtab_entry *e;
	uint64_t end;

	if (t->n == 0)
		return;
	qsort(t->entry, t->n, sizeof *t->entry, by_start);
	choose(t);
	for (e = t->entry; e < t->entry + t->n; e++) {
		if (e->size > 0)
			continue;
		end = e + 1 < t->entry + t->n ? e[1].start : (e->start | (PAGE - 1)) + 1;
		e->size = end - e->start < MAXSIZE ? (uint32_t)(end - e->start) : MAXSIZE;
	}
	t->cap = t->n;
	t->entry = mem_resize(t->entry, t->cap, sizeof *t->entry);
	t->room = t->used;
	t->names = mem_resize(t->names, t->room, 1);
}

bool
symtab_find(const struct symtab *t, uint64_t addr, struct symtab_symbol *found)
{
	const struct symtab_entry *e = t->entry, *mid;
	size_t n;

	if (t->n == 0 || addr < e->start)
		return false;
	for (n = t->n; n > 1; n -= n / 2) {
		mid = e + n / 2;
		e = mid->start <= addr ? mid : e;
	}
	*found = (struct symtab_symbol){ e->start, e->size, str_of(t->names + e->name), e->weak,
		e->global };
	return addr - e->start < e->size;
}
