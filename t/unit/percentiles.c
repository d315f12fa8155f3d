/* SPDX-License-Identifier: MIT */
/* percentiles - equal to those of the sorted numbers, of any size and number */

#include <stdlib.h>

#include "base/mem.h"
#include "base/percentiles.h"
#include "tap.h"

static uint64_t
next(uint64_t *r)
{
	*r ^= *r << 13;
	*r ^= *r >> 7;
	*r ^= *r << 17;
	return *r;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Numbers of up to this many bits. */
static bool
check(struct percentiles *p, size_t n, unsigned bits)
{
	static const size_t percent[PERCENTILES] = { 50, 95, 99 };
	uint64_t *all = mem_resize(NULL, n, sizeof *all), found[PERCENTILES], r = n * 977 + bits;
	bool ok = true;
	size_t i;

	percentiles_clear(p);
	for (i = 0; i < n; i++) {
		all[i] = next(&r) >> (64 - bits) >> next(&r) % bits;
		percentiles_add(p, all[i]);
	}
	qsort(all, n, sizeof *all, by_number);
	percentiles_find(p, found);
	for (i = 0; i < PERCENTILES; i++)
		ok &= found[i] == all[(percent[i] * n + 99) / 100 - 1];
	ok &= p->n == n && p->max == all[n - 1];
	free(all);
	return ok;
}

int
main(void)
{
	static const unsigned bits[] = { 1, 7, 8, 9, 30, 32, 33, 63, 64 };
	static const size_t sizes[] = { 1, 2, 20, 99, 100, 101, 256, 257, 5000 };
	struct percentiles p = { 0 };
	struct tap t = { 0 };
	bool few = true, many = true;
	uint64_t found[PERCENTILES];
	size_t i, k;

	for (i = 0; i < sizeof bits / sizeof *bits; i++)
		for (k = 0; k < sizeof sizes / sizeof *sizes; k++)
			*(sizes[k] <= 256 ? &few : &many) &= check(&p, sizes[k], bits[i]);
	tap_ok(&t, few, "of a few numbers of any size");
	tap_ok(&t, many, "of many");
	percentiles_free(&p);
	percentiles_find(&p, found);
	tap_ok(&t, found[0] == 0 && found[1] == 0 && found[2] == 0, "of none");
	return tap_end(&t);
}
