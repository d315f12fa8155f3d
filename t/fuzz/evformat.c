/* SPDX-License-Identifier: MIT */
/* Any bytes as the format of a tracepoint and, behind the first NUL, its raw data. */

#include "perf/evrec.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const systems[] = { "sched", "irq", "power", "syscalls" };
	struct rec r = { .tid = -1 };
	const uint8_t *nul = n > 0 ? memchr(p, '\0', n) : NULL;
	size_t text = nul == NULL ? n : (size_t)(nul - p), i;
	struct tracing t = { 0 };
	struct evrec *e;
	struct bytes raw;

	for (i = 0; i < sizeof systems / sizeof *systems; i++)
		tracing_add(&t, str_of(systems[i]), (const char *)p, text);
	for (i = 0; i < t.n; i++) {
		e = evrec_new(t.event[i]);
		raw = bytes_of(p + text, n - text, i % 2 == 0);
		evrec_tid(e, raw);
		evrec_fill(e, raw, STR_NONE, &r);
		evrec_fill(e, raw, STR_NONE, &r);
		evrec_free(e);
	}
	tracing_free(&t);
	return 0;
}
