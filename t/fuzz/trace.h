/* SPDX-License-Identifier: MIT */
/* trace - the bytes of a fuzz target as a piece of CoreSight trace, in two blocks, to records or
 * lines
 */

#ifndef FUZZ_TRACE_H
#define FUZZ_TRACE_H

#include <stdlib.h>

#include "base/out.h"
#include "coresight/csd.h"
#include "coresight/pktrec.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* rec says how: lister, decode, raw, bare. Its indexes soon go beyond 32 bits. */
static inline void
fuzz_trace(struct pktrec rec, enum csd_layout layout, const struct csd_source *source,
    size_t sources, const uint8_t *p, size_t n)
{
	struct csd_handler handler;
	const char *why;
	struct out out;
	struct csd *c;

	rec.out = &out;
	rec.machine = STR("host");
	rec.t = REC_NO_NS;
	rec.cpu = rec.pid = rec.tid = -1;
	out_open(&out, -1);
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
	out_free(&out);
}

#endif
