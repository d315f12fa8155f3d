/* SPDX-License-Identifier: MIT */
/* Any bytes as a perf.data with CoreSight trace. */

#include "coresight/etm.h"
#include "input.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct out out;
	struct etm e = { .rec = { .out = &out, .machine = STR("host"), .raw = true },
		.file = "fuzz",
		.stats = true };
	struct input in;

	fuzz_input(&in, p, n);
	out_open(&out, -1);
	etm_perf(&e, &in);
	etm_end(&e);
	input_close(&in);
	out_free(&out);
	return 0;
}
