/* SPDX-License-Identifier: MIT */
/* Any bytes as a perf.data with CoreSight trace: what comes out are valid records. */

#include "coresight/etm.h"
#include "input.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct etm_options options = { .machine = STR("host"), .raw = true, .stats = true };
	int to = fuzz_file("", 0);
	struct fault fault = { "" };
	struct out out;
	struct input in;

	fuzz_input(&in, p, n);
	out_open(&out, to);
	etm_run(&options, &in, &out, &fault);
	out_flush(&out);
	input_close(&in);
	out_free(&out);
	fuzz_is_stream(to);
	return 0;
}
