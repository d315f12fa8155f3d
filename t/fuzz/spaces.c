/* SPDX-License-Identifier: MIT */
/* Any records, with maps among them: name the addresses, below an empty folder. */

#include "input.h"
#include "symbols/names.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct name_sources sources = { .sysroot = "/proc/self/fdinfo" };
	struct fault fault = { "" };
	struct input in;
	struct recin rec = { .in = &in };
	struct name *name = name_new(&sources, &fault);
	struct names *names = names_new(name, (struct str){ "", 0 }, n % 2 == 0);
	struct out out;
	struct rec r;

	fuzz_input(&in, p, n);
	out_open(&out, -1);
	while (rec_next(&rec, &r) && names_put(names, &out, &r, &fault))
		;
	out_free(&out);
	input_close(&in);
	names_free(names);
	name_free(name);
	return 0;
}
