/* SPDX-License-Identifier: MIT */
/* Any bytes as a perf.data file: what comes out are valid records. */

#include "input.h"
#include "perf/perfrec.h"
#include "rec/rec.h"

static void
convert(struct input *in, int to, bool once)
{
	struct perfrec_options options = { .machine = STR("host"), .once = once };
	struct perf_record r;
	struct perfrec *rec;
	struct perf perf;
	struct out out;

	out_open(&out, to);
	if (perf_open(&perf, in)) {
		rec = perfrec_new(&perf, &out, &options);
		while (perf_next(&perf, &r) && perfrec_add(rec, &r))
			;
		perfrec_end(rec);
		perfrec_free(rec);
	}
	out_flush(&out);
	perf_close(&perf);
	out_free(&out);
	input_close(in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct input in;
	int to = fuzz_file("", 0);

	fuzz_input(&in, p, n);
	if (n % 3 == 0)
		in.size = 0; /* as from a pipe */
	convert(&in, to, n % 2 == 1);
	fuzz_is_stream(to);
	return 0;
}
