/* SPDX-License-Identifier: MIT */
/* Any bytes as the format of a tracepoint and, after the first NUL, its raw data: what is made of
 * them, with the print fmt or without, is a valid record. */

#include "input.h"
#include "perf/evrec.h"
#include "perf/printfmt.h"

static void
write_records(struct evformats *formats, struct out *out, const uint8_t *p, size_t n, bool print)
{
	struct evinfo info = { .printer = { print ? printfmt_put : NULL, printfmt_new(8) } };
	struct rec r;
	struct evrec *e;
	struct bytes raw;
	size_t i;

	for (i = 0; i < 2 * formats->n; i++) {
		e = evrec_new(formats->format[i / 2]);
		raw = bytes_of(p, n, i % 2 == 1);
		r = (struct rec){ .machine = STR("host"), .cpu = -1, .pid = -1 };
		r.tid = evrec_tid(e, raw);
		evrec_fill(e, &info, raw, STR_NONE, &r);
		rec_put(out, &r);
		evrec_free(e);
	}
	printfmt_free(info.printer.printfmt);
	evinfo_free(&info);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const systems[] = { "sched", "irq", "power", "syscalls" };
	const uint8_t *nul = n > 0 ? memchr(p, '\0', n) : NULL;
	size_t text = nul == NULL ? n : (size_t)(nul - p), i;
	struct evformats formats = { 0 };
	int to = fuzz_file("", 0);
	struct out out;

	for (i = 0; i < sizeof systems / sizeof *systems; i++)
		evformats_add(&formats, str_of(systems[i]), (const char *)p, text);
	evformats_add(&formats, STR("test"), (const char *)p, text);
	out_open(&out, to);
	write_records(&formats, &out, p + text, n - text, false);
	write_records(&formats, &out, p + text, n - text, true);
	out_flush(&out);
	out_free(&out);
	fuzz_is_stream(to);
	evformats_free(&formats);
	return 0;
}
