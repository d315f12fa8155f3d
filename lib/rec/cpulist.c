/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "cpulist.h"

static bool
add_ranges(struct cpulist *c, const char *s)
{
	const char *end = s + strlen(s), *begin;
	uint64_t first, last;

	do {
		begin = s;
		if ((s = text_u64(s, end, &first)) == NULL)
			return false;
		last = first;
		if (*s == '-' && (s = text_u64(s + 1, end, &last)) == NULL)
			return false;
		if (first > last || last > INT32_MAX)
			return false;
		c->range = mem_grow(c->range, c->n, &c->cap, sizeof *c->range);
		c->range[c->n++] = (struct cpulist_range){ (int32_t)first, (int32_t)last,
			{ begin, (size_t)(s - begin) } };
	} while (*s++ == ',');
	return s == end + 1;
}

/* A place where ranges begin or end. */
struct edge {
	int64_t at;
	int step;
};

static int
by_place(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void
make_parts(struct cpulist *c)
{
	struct edge *edge = mem_resize(NULL, 2 * c->n, sizeof *edge);
	size_t i;
	int64_t covers = 0;

	for (i = 0; i < c->n; i++) {
		edge[2 * i] = (struct edge){ c->range[i].first, 1 };
		edge[2 * i + 1] = (struct edge){ (int64_t)c->range[i].last + 1, -1 };
	}
	qsort(edge, 2 * c->n, sizeof *edge, by_place);
	c->part = mem_resize(c->part, 2 * c->n, sizeof *c->part);
	c->nparts = c->missed = 0;
	for (i = 0; i < 2 * c->n; i++) {
		covers += edge[i].step;
		if (i + 1 < 2 * c->n && edge[i + 1].at == edge[i].at)
			continue;
		c->part[c->nparts++] =
		    (struct cpulist_part){ .first = edge[i].at, .listed = covers > 0 };
		c->missed += covers > 0;
	}
	free(edge);
}

bool
cpulist_add(struct cpulist *c, const char *list)
{
	if (!add_ranges(c, list))
		return false;
	make_parts(c);
	return true;
}

/* The number of parts that begin at a CPU or before it. */
static size_t
parts_up_to(const struct cpulist *c, int64_t cpu)
{
	size_t lo = 0, hi = c->nparts, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (c->part[mid].first <= cpu)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool
cpulist_has(struct cpulist *c, int32_t cpu)
{
	size_t n = parts_up_to(c, cpu);
	struct cpulist_part *part;

	if (n == 0 || !c->part[n - 1].listed)
		return false;
	part = &c->part[n - 1];
	c->missed -= !part->hit;
	part->hit = true;
	return true;
}

static void
count_hits(struct cpulist *c)
{
	size_t i, hits = 0;

	for (i = 0; i < c->nparts; i++) {
		c->part[i].hits = hits;
		hits += c->part[i].hit;
	}
}

/* The last part is in no range. */
static bool
is_hit(const struct cpulist *c, const struct cpulist_range *r)
{
	size_t first = parts_up_to(c, r->first) - 1, end = parts_up_to(c, r->last);

	return c->part[end].hits > c->part[first].hits;
}

bool
cpulist_next_missed(struct cpulist *c, size_t *i, struct str *text)
{
	const struct cpulist_range *r;

	if (*i == 0)
		count_hits(c);
	while (*i < c->n) {
		r = &c->range[(*i)++];
		*text = r->text;
		if (!is_hit(c, r))
			return true;
	}
	return false;
}

void
cpulist_free(struct cpulist *c)
{
	free(c->range);
	free(c->part);
}
