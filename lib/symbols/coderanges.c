/* SPDX-License-Identifier: MIT */

#include "coderanges.h"

#include <stdlib.h>

#include "base/mem.h"

enum { BACK = 16 }; /* ranges that a look-up tries, since some contain others */

void
coderanges_add(struct coderanges *r, struct coderange range)
{
	r->range = mem_grow(r->range, r->n, &r->cap, sizeof *r->range);
	r->range[r->n++] = range;
}

static int
by_low(const void *va, const void *vb)
{
	const struct coderange *a = va, *b = vb;

	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	if (a->high != b->high)
		return a->high > b->high ? -1 : 1;
	return a->owner < b->owner ? -1 : a->owner > b->owner;
}

void
coderanges_sort(struct coderanges *r)
{
	if (r->n > 0)
		qsort(r->range, r->n, sizeof *r->range, by_low);
}

static int
by_value(const void *va, const void *vb)
{
	const uint64_t *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

/* Fill bound with the ends of all ranges, sorted and each once. Returns their number. */
static size_t
bounds_of(const struct coderanges *r, uint64_t *bound)
{
	size_t i, n = 0;

	for (i = 0; i < r->n; i++) {
		bound[2 * i] = r->range[i].low;
		bound[2 * i + 1] = r->range[i].high;
	}
	qsort(bound, 2 * r->n, sizeof *bound, by_value);
	for (i = 0; i < 2 * r->n; i++)
		if (n == 0 || bound[n - 1] != bound[i])
			bound[n++] = bound[i];
	return n;
}

static size_t
index_of(const uint64_t *bound, size_t n, uint64_t value)
{
	return (size_t)((uint64_t *)bsearch(&value, bound, n, sizeof value, by_value) - bound);
}

/* The first piece without an owner, from piece i on. Halves the path that leads there. */
static size_t
next_free(size_t *next, size_t i)
{
	while (next[i] != i) {
		next[i] = next[next[i]];
		i = next[i];
	}
	return i;
}

void
coderanges_split(struct coderanges *r)
{
	uint64_t *bound = mem_resize(NULL, 2 * r->n + 1, sizeof *bound);
	size_t n = r->n == 0 ? 0 : bounds_of(r, bound), i, k, end;
	size_t *next = mem_resize(NULL, n + 1, sizeof *next);
	struct coderange *piece = mem_resize(NULL, n + 1, sizeof *piece);

	for (i = 0; i < n; i++) {
		next[i] = i;
		piece[i] = (struct coderange){ .low = bound[i], .high = bound[i] };
	}
	for (k = 0; k < r->n; k++) {
		end = index_of(bound, n, r->range[k].high);
		for (i = next_free(next, index_of(bound, n, r->range[k].low)); i < end;
		     i = next_free(next, i)) {
			piece[i].high = bound[i + 1];
			piece[i].owner = r->range[k].owner;
			next[i] = i + 1;
		}
	}
	free(r->range);
	free(next);
	free(bound);
	*r = (struct coderanges){ .range = piece, .n = n, .cap = n + 1 };
}

size_t
coderanges_find(const struct coderanges *r, uint64_t addr)
{
	size_t low = 0, high = r->n, mid, i;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (r->range[mid].low <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	for (i = 0; i < BACK && i < low; i++)
		if (addr < r->range[low - 1 - i].high)
			return r->range[low - 1 - i].owner;
	return 0;
}

void
coderanges_free(struct coderanges *r)
{
	free(r->range);
}
