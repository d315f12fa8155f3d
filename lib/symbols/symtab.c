/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "symtab.h"

enum { PAGE = 4096, MAXSIZE = (1 << 27) - 1, BLOCK = 48 };

void
symtab_reserve(struct symtab *t, size_t n)
{
	if (n > t->cap)
		t->entry = mem_resize(t->entry, t->cap = n, sizeof *t->entry);
}

void
symtab_add(struct symtab *t, const struct symtab_entry *e, uint64_t size)
{
	t->entry = mem_grow(t->entry, t->n, &t->cap, sizeof *t->entry);
	t->entry[t->n] = *e;
	t->entry[t->n++].size = size < MAXSIZE ? (uint32_t)size : MAXSIZE;
}

/* The number of the first bytes, at most n, that precede a NUL byte or a stop. */
static size_t
span(const struct symtab *t, const char *p, size_t n)
{
	const char *stop, *end;

	n = strnlen(p, n);
	for (stop = t->stops; *stop != '\0'; stop++)
		if ((end = memchr(p, *stop, n)) != NULL)
			n = (size_t)(end - p);
	return n;
}

struct str
symtab_name(const struct symtab *t, const struct symtab_entry *e)
{
	const char *name = t->text + e->name;
	size_t n = *name != '\0', more = n > 0 ? BLOCK : 0, got;

	/* block by block, for most names are short */
	for (; more > 0; n += got) {
		got = span(t, name + n, more);
		more = got < more ? 0 : SYMTAB_NAME + 1 - n - got;
		more = more < BLOCK ? more : BLOCK;
	}
	return (struct str){ name, n };
}

/* Sort by start, equal ones in the order in which they were added; most are in order already. tmp
 * has room for n / 2. */
static void
sort(struct symtab_entry *e, size_t n, struct symtab_entry *tmp)
{
	size_t half = n / 2, i, j, k;

	for (i = 1; i < n && e[i - 1].start <= e[i].start; i++)
		;
	if (i >= n)
		return;
	sort(e, half, tmp);
	sort(e + half, n - half, tmp);
	if (e[half - 1].start <= e[half].start)
		return;
	memcpy(tmp, e, half * sizeof *e);
	for (i = 0, j = half, k = 0; i < half; k++)
		e[k] = j < n && e[j].start < tmp[i].start ? e[j++] : tmp[i++];
}

static bool
is_alias(const struct symtab *t, struct str name)
{
	const char *prefix;

	for (prefix = t->aliases; prefix != NULL && *prefix != '\0'; prefix += strlen(prefix) + 1)
		if (str_starts(name, prefix))
			return true;
	return false;
}

/* The higher, the better a symbol. */
static uint64_t
merit(const struct symtab *t, const struct symtab_entry *e)
{
	struct str name = symtab_name(t, e);
	uint64_t code = e->code, sized = e->size > 0, strong = !e->weak, global = e->global;
	uint64_t own = !is_alias(t, name);
	size_t underscores;

	for (underscores = 0; underscores < 255 && underscores < name.n; underscores++)
		if (name.p[underscores] != '_')
			break;
	return code << 63 | own << 62 | sized << 61 | strong << 60 | global << 59 |
	       (uint64_t)(255 - underscores) << 32 | (uint32_t)name.n;
}

static bool
is_better(const struct symtab *t, const struct symtab_entry *e, const struct symtab_entry *than)
{
	uint64_t a = merit(t, e), b = merit(t, than);

	return a > b || (a == b && t->later);
}

static void
choose(struct symtab *t)
{
	struct symtab_entry *e = t->entry, *end = e + t->n, *last = NULL;
	uint64_t covered = 0;

	for (; e < end; e++) {
		if (last != NULL && e->start == last->start) {
			if (is_better(t, e, last))
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
symtab_finish(struct symtab *t, const char *text)
{
	struct symtab_entry *e;
	uint64_t end;

	t->text = text;
	if (t->n == 0)
		return;
	e = mem_resize(NULL, t->n / 2 + 1, sizeof *e);
	sort(t->entry, t->n, e);
	free(e);
	choose(t);
	for (e = t->entry; e < t->entry + t->n; e++) {
		if (e->size > 0)
			continue;
		end = e + 1 < t->entry + t->n ? e[1].start
					      : (e->start + 2 * PAGE - 1) & ~(uint64_t)(PAGE - 1);
		e->size = end - e->start < MAXSIZE ? (uint32_t)(end - e->start) : MAXSIZE;
	}
	t->cap = t->n;
	t->entry = mem_resize(t->entry, t->cap, sizeof *t->entry);
}

const struct symtab_entry *
symtab_find(const struct symtab *t, uint64_t addr)
{
	const struct symtab_entry *e = t->entry, *mid;
	size_t n;

	if (t->n == 0 || addr < e->start)
		return NULL;
	for (n = t->n; n > 1; n -= n / 2) {
		mid = e + n / 2;
		e = mid->start <= addr ? mid : e;
	}
	return addr - e->start < e->size ? e : NULL;
}

void
symtab_free(struct symtab *t)
{
	free(t->entry);
}
