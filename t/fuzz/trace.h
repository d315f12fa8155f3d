/* SPDX-License-Identifier: MIT */
/* trace - decode the bytes of a fuzz target as CoreSight trace, in two blocks; what comes out are
 * valid records, or lines */

#ifndef FUZZ_TRACE_H
#define FUZZ_TRACE_H

#include "base/out.h"
#include "coresight/csd.h"
#include "coresight/pktrec.h"
#include "input.h"

/* rec sets lister, decode, branches, raw, bare. The first index is such that they soon exceed 32
 * bits. */
static inline void
fuzz_trace(struct pktrec rec, enum csd_layout layout, const struct csd_source *source,
    size_t sources, const uint8_t *p, size_t n)
{
	int to = fuzz_file("", 0);
	struct csd_handler handler;
	const char *why;
	struct out out;
	struct csd *c;

	rec.out = &out;
	rec.machine = STR("host");
	rec.t = REC_NO_NS;
	rec.cpu = rec.pid = rec.tid = -1;
	out_open(&out, to);
	handler = pktrec_handler(&rec);
	pktrec_begin(&rec, "fuzz", layout, 0, n);
	c = csd_open(layout, 0xffffff00, source, sources, &handler, &why);
	if (c == NULL)
		abort();
	csd_feed(c, p, n / 2);
	csd_feed(c, p + n / 2, n - n / 2);
	csd_end(c);
	csd_free(c);
	pktrec_end(&rec);
	out_flush(&out);
	out_free(&out);
	if (rec.lister)
		close(to);
	else
		fuzz_is_stream(to);
}

#endif
