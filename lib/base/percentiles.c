/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "percentiles.h"
#include "varint.h"

enum { FEW = 256 /* numbers that are sorted */, DIGITS = 256 };

static const unsigned percents[PERCENTILES] = { 50, 95, 99 };

void
percentiles_add(struct percentiles *p, uint64_t v)
{
	char *start = strbuf_reserve(&p->numbers, VARINT_MOST);

	p->numbers.n += (size_t)(varint_put(start, v) - start);
	p->max = p->max > v ? p->max : v;
	p->n++;
}

static size_t
rank_of(const struct percentiles *p, unsigned percent)
{
	return p->n / 100 * percent + (p->n % 100 * percent + 99) / 100;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
sort(const struct percentiles *p, uint64_t *found)
{
	const char *at = p->numbers.p;
	const char *end = at + p->numbers.n;
	uint64_t number[FEW];
	size_t i, n = 0;

	do
		at = varint_get(at, &number[n++]);
	while (at < end);
	qsort(number, n, sizeof *number, by_number);
	for (i = 0; i < PERCENTILES; i++)
		found[i] = number[rank_of(p, percents[i]) - 1];
}

/* Count the numbers that are like each of those found so far in the bits above a byte, by that
 * byte. */
static void
count(const struct percentiles *p, unsigned shift, const uint64_t *found, size_t (*n)[DIGITS])
{
	const char *at = p->numbers.p, *end = at + p->numbers.n;
	uint64_t v;
	int i;

	memset(n, 0, PERCENTILES * sizeof *n);
	while (at < end) {
		at = varint_get(at, &v);
		for (i = 0; i < PERCENTILES; i++)
			n[i][v >> shift & 255] += ((v ^ found[i]) >> shift) >> 8 == 0;
	}
}

/* Find one byte of the percentiles after the other, the highest first. */
void
percentiles_find(const struct percentiles *p, uint64_t found[PERCENTILES])
{
	unsigned shift = (71 - (unsigned)__builtin_clzll(p->max | 1)) / 8 * 8;
	size_t n[PERCENTILES][DIGITS], rank[PERCENTILES];
	uint64_t byte;
	int i;

	memset(found, 0, PERCENTILES * sizeof *found);
	if (p->n > 0 && p->n <= FEW)
		sort(p, found);
	if (p->n <= FEW)
		return;
	for (i = 0; i < PERCENTILES; i++)
		rank[i] = rank_of(p, percents[i]);
	while (shift > 0) {
		shift -= 8;
		count(p, shift, found, n);
		for (i = 0; i < PERCENTILES; i++) {
			for (byte = 0; rank[i] > n[i][byte]; byte++)
				rank[i] -= n[i][byte];
			found[i] |= byte << shift;
		}
	}
}

void
percentiles_clear(struct percentiles *p)
{
	strbuf_clear(&p->numbers);
	p->n = 0;
	p->max = 0;
}

void
percentiles_free(struct percentiles *p)
{
	strbuf_free(&p->numbers);
	*p = (struct percentiles){ 0 };
}
