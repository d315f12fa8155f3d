/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream: read, check and write it. */

#include "rec/rec.h"
#include "input.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct input in;
	struct recin rec = { .in = &in };
	struct out out;
	struct rec r;

	fuzz_input(&in, p, n);
	out_open(&out, -1);
	while (rec_next(&rec, &r) && rec_check(&rec, &r))
		rec_put(&out, &r);
	out_free(&out);
	input_close(&in);
	return 0;
}
