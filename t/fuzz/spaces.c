/* SPDX-License-Identifier: MIT */
/* Any records, with maps among them: name the addresses, below an empty folder. */

#include "input.h"
#include "symbols/annotate.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct symbolize_sources sources = { .sysroot = "/proc/self/fdinfo" };
	struct fault fault = { "" };
	struct input in;
	struct recin rec = { .in = &in };
	struct symbolize *name = symbolize_new(&sources, &fault);
	struct annotate *names = annotate_new(name, (struct str){ "", 0 }, n % 2 == 0);
	struct out out;
	struct rec r;

	fuzz_input(&in, p, n);
	out_open(&out, -1);
	while (rec_next(&rec, &r) && annotate_put(names, &out, &r, &fault))
		;
	out_free(&out);
	input_close(&in);
	annotate_free(names);
	symbolize_free(name);
	return 0;
}
