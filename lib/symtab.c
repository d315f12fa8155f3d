/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "mem.h"
#include "symtab.h"

enum { WEAK = 1, GLOBAL = 2, PAGE = 4096 };

struct symtab_entry {
	uint64_t start;
	uint32_t size, name; /* the name: where it is in names, ended by a NUL */
	uint8_t flags;
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
	uint64_t size = s->size < UINT32_MAX ? s->size : UINT32_MAX;

	if (t->used + s->name.n >= UINT32_MAX)
		return;
	if (t->room - t->used <= s->name.n) {
		t->room = 2 * (t->room + s->name.n) + 1;
		t->names = mem_resize(t->names, t->room, 1);
	}
	t->entry = mem_grow(t->entry, t->n, &t->cap, sizeof *t->entry);
	t->entry[t->n++] = (struct symtab_entry){ s->start, (uint32_t)size, (uint32_t)t->used,
		(uint8_t)((s->weak ? WEAK : 0) | (s->global ? GLOBAL : 0)) };
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
	uint64_t sized = e->size > 0, strong = (e->flags & WEAK) == 0;
	uint64_t global = (e->flags & GLOBAL) != 0;
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
		e->size = end - e->start < UINT32_MAX ? (uint32_t)(end - e->start) : UINT32_MAX;
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
	*found = (struct symtab_symbol){ e->start, e->size, str_of(t->names + e->name),
		(e->flags & WEAK) != 0, (e->flags & GLOBAL) != 0 };
	return addr - e->start < e->size;
}
