/* SPDX-License-Identifier: MIT */
/* Any bytes as the trace of an ITM: the first byte chooses lines, elements and frames. */

#include <stdlib.h>

#include "base/out.h"
#include "coresight/csd.h"
#include "coresight/pktrec.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { LINES = 1, ELEMENTS = 2, FRAMES = 4 };

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct csd_source source = { .protocol = CSD_ITM, .id = 0x14, .cpu = -1 };
	struct out out;
	struct pktrec rec = {
		.out = &out, .machine = STR("host"), .t = REC_NO_NS, .cpu = -1, .pid = -1, .tid = -1
	};
	struct csd_handler handler;
	enum csd_layout layout;
	const char *why;
	struct csd *c;

	if (n < 1)
		return 0;
	layout = p[0] & FRAMES ? CSD_FRAMES : CSD_SINGLE;
	source.reg[CSD_CONFIGR] = 0x00140310; /* with a prescaler */
	rec.lister = p[0] & LINES;
	rec.decode = p[0] & ELEMENTS;
	rec.raw = rec.bare = true;
	out_open(&out, -1);
	handler = pktrec_handler(&rec);
	pktrec_begin(&rec, "fuzz", layout, 0, n);
	c = csd_open(layout, 0xffffff00, &source, 1, &handler, &why);
	if (c == NULL)
		abort();
	csd_feed(c, p + 1, n / 2);
	csd_feed(c, p + 1 + n / 2, n - 1 - n / 2);
	csd_end(c);
	csd_free(c);
	pktrec_end(&rec);
	out_free(&out);
	return 0;
}
