/* SPDX-License-Identifier: MIT */
/* Any bytes as the trace of an ITM; the bits of the first byte choose. */

#include "trace.h"

enum { LINES = 1, ELEMENTS = 2, FRAMES = 4 };

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct csd_source source = { .protocol = CSD_ITM, .id = 0x14, .cpu = -1 };
	struct pktrec rec = { .raw = true, .bare = true };

	if (n < 1)
		return 0;
	source.reg[CSD_CONFIGR] = 0x00140310; /* with a prescaler */
	rec.lister = p[0] & LINES;
	rec.decode = p[0] & ELEMENTS;
	fuzz_trace(rec, p[0] & FRAMES ? CSD_FRAMES : CSD_SINGLE, &source, 1, p + 1, n - 1);
	return 0;
}
