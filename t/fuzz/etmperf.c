/* SPDX-License-Identifier: MIT */
/* Any bytes as a perf.data with CoreSight trace. */

#include "coresight/etm.h"
#include "input.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct etm_options options = { .machine = STR("host"), .raw = true, .stats = true };
	struct fault fault = { "" };
	struct out out;
	struct input in;

	fuzz_input(&in, p, n);
	out_open(&out, -1);
	etm_run(&options, &in, &out, &fault);
	input_close(&in);
	out_free(&out);
	return 0;
}
