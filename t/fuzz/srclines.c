/* SPDX-License-Identifier: MIT */
/* Any bytes as a program with source lines, with and without its debug file: lines and inlined
 * functions are found or not. */

#include "symbols/srclines.h"
#include "input.h"

enum { STEP = 7, ADDRESSES = 600 };

static void
find(int program, int debug)
{
	struct srclines *l = srclines_new(program, debug, 0x1000);
	struct srclines_place place[SRCLINES_DEPTH + 1];
	size_t i, n, k;

	for (i = 0; l != NULL && i < ADDRESSES; i++) {
		n = srclines_find(l, i * STEP, i % 2 == 0, place);
		for (k = 0; k < n; k++)
			if ((place[k].function != NULL && strlen(place[k].function) > 1 << 20) ||
			    (place[k].file != NULL && strlen(place[k].file) > 1 << 20))
				abort();
	}
	srclines_free(l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	find(fuzz_file(p, n), -1);
	find(-1, fuzz_file(p, n));
	return 0;
}
