/* SPDX-License-Identifier: MIT */
/* Any bytes as the text of perf script, trace-cmd report or ftrace, in both forms of stacks: what
 * comes out are valid records. */

#include "script/script.h"
#include "input.h"

static void
convert(const uint8_t *p, size_t n, bool once)
{
	struct script_options options = { .machine = STR("host"), .once = once, .note = fuzz_note };
	struct script *s;
	struct input in;
	struct out out;
	int to = fuzz_file("", 0);

	out_open(&out, to);
	fuzz_input(&in, p, n);
	s = script_new(&in, &out, &options);
	script_run(s);
	script_free(s);
	input_close(&in);
	out_flush(&out);
	out_free(&out);
	fuzz_is_stream(to);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	convert(p, n, false);
	convert(p, n, true);
	return 0;
}
