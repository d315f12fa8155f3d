/* SPDX-License-Identifier: MIT */
/* Any bytes as a trace.dat file, as the agent's stream, and as an archive of a tracing folder: what
 * comes out are valid records. */

#include "ftrace/tracedat.h"
#include "base/perfmagic.h"
#include "ftrace/tracestream.h"
#include "input.h"

static void
convert(struct input *in, struct out *out)
{
	struct ftracerec_options options = { .machine = STR("host") };
	struct tracedat d = { .note = fuzz_note };
	struct tracedesc desc;
	struct ftracerec *rec;

	tracedesc_open(&desc);
	if (tracedat_open(&d, in, &desc)) {
		tracedat_clock(&d, &options, true);
		rec = ftracerec_new(&desc, out, &options);
		tracedat_write(&d, out, options.machine);
		tracedat_add(&d, rec, NULL);
		ftracerec_run(rec);
		ftracerec_free(rec);
	}
	tracedat_close(&d);
	tracedesc_free(&desc);
}

static void
convert_stream(struct input *in, struct out *out)
{
	struct ftracerec_options options = { .machine = STR("host") };
	struct tracestream s = { .note = fuzz_note };
	struct ringlayout layout;
	struct ftracerec *rec;
	struct tracedesc d;

	tracedesc_open(&d);
	if (tracestream_open(&s, in, &d) && tracedesc_layout(&d, &layout)) {
		rec = ftracerec_new(&d, out, &options);
		tracestream_add(&s, rec, &layout);
		ftracerec_run(rec);
		ftracerec_free(rec);
	}
	tracestream_close(&s);
	tracedesc_free(&d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct tracedesc d;
	struct input in;
	struct out out;
	int to = fuzz_file("", 0);

	out_open(&out, to);
	fuzz_input(&in, p, n);
	if (tracedat_magic(p, n)) {
		convert(&in, &out);
	} else if (tracestream_is(p, n)) {
		convert_stream(&in, &out);
	} else {
		tracedesc_open(&d);
		tracedesc_archive(&d, &in, UINT64_MAX);
		tracedesc_free(&d);
	}
	input_close(&in);
	out_flush(&out);
	out_free(&out);
	fuzz_is_stream(to);
	return 0;
}
