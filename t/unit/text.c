/* SPDX-License-Identifier: MIT */
/* text - numbers are written as printf writes them, and read back */

#include <inttypes.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/text.h"

enum { ROUNDS = 200000 };

static bool
same(uint64_t v)
{
	char ours[TEXT_NUMBER + 1], theirs[TEXT_NUMBER + 1];
	size_t n = text_put_u64(ours, v);
	uint64_t back = 0;

	ours[n] = '\0';
	snprintf(theirs, sizeof theirs, "%" PRIu64, v);
	if (strcmp(ours, theirs) == 0 && text_u64(ours, ours + n, &back) == ours + n && back == v)
		return true;
	printf("# %s is written %s\n", theirs, ours);
	return false;
}

static void
ok(int number, bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", number, what);
}

int
main(void)
{
	bool powers = true, any = true;
	uint64_t ten = 1, i;
	int d;

	for (d = 0; d < 20; d++, ten *= 10)
		for (i = 0; i < 5; i++)
			powers = powers && same(ten + i - 2) && same((UINT64_C(1) << 3 * d) + i);
	for (i = 0; i < ROUNDS; i++)
		any = any && same(hash_mix(i) >> i % 64);
	ok(1, powers, "numbers beside powers of ten and of eight");
	ok(2, any && same(UINT64_MAX), "numbers of all lengths");
	printf("1..2\n");
	return 0;
}
