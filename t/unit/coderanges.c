/* SPDX-License-Identifier: MIT */
/* coderanges - the owner of each address, compared with a search through all ranges */

#include "symbols/coderanges.h"

#include "tap.h"

enum { ADDRESSES = 64, RANGES = 12, TURNS = 2000 };

static unsigned
chance(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

/* The owner of the first range that contains an address; 0: none. */
static size_t
first_owner(const struct coderange *range, size_t n, uint64_t addr)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (range[i].low <= addr && addr < range[i].high)
			return range[i].owner;
	return 0;
}

static bool
pieces_agree(unsigned *seed)
{
	struct coderange range[RANGES];
	struct coderanges r = { 0 };
	size_t n = chance(seed) % (RANGES + 1), i;
	bool good = true;

	for (i = 0; i < n; i++) {
		range[i].low = chance(seed) % ADDRESSES;
		range[i].high = range[i].low + chance(seed) % ADDRESSES;
		range[i].owner = i + 1;
		coderanges_add(&r, range[i]);
	}
	coderanges_split(&r);
	for (i = 0; i < 2 * ADDRESSES; i++)
		good = good && coderanges_find(&r, i) == first_owner(range, n, i);
	for (i = 1; i < r.n; i++)
		good = good && r.range[i - 1].high <= r.range[i].low;
	coderanges_free(&r);
	return good;
}

static bool
innermost_is_found(void)
{
	struct coderanges r = { 0 };
	bool good;

	coderanges_add(&r, (struct coderange){ 20, 30, 2 });
	coderanges_add(&r, (struct coderange){ 10, 50, 1 });
	coderanges_add(&r, (struct coderange){ 10, 20, 3 });
	coderanges_sort(&r);
	good = coderanges_find(&r, 9) == 0 && coderanges_find(&r, 10) == 3 &&
	       coderanges_find(&r, 20) == 2 && coderanges_find(&r, 49) == 1 &&
	       coderanges_find(&r, 50) == 0;
	coderanges_free(&r);
	return good;
}

int
main(void)
{
	struct tap t = { 0 };
	unsigned seed = 1;
	bool good = true;
	int i;

	for (i = 0; i < TURNS; i++)
		good = good && pieces_agree(&seed);
	tap_ok(&t, good, "of ranges that overlap, the first one owns an address");
	tap_ok(&t, innermost_is_found(), "of ranges in each other, the innermost one is found");
	return tap_end(&t);
}
