/* SPDX-License-Identifier: MIT */
/* Any bytes as the trace of any protocol, in any layout: the first byte chooses. */

#include <stdlib.h>

#include "base/out.h"
#include "coresight/csd.h"
#include "coresight/pktrec.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const enum csd_protocol protocols[] = { CSD_ETMV3, CSD_PTM, CSD_ETMV4, CSD_ETE,
		CSD_STM };
	struct csd_source source[2] = { { .id = 0x10, .cpu = 0 }, { .id = 0x12, .cpu = 1 } };
	struct out out;
	struct pktrec rec = {
		.out = &out, .machine = STR("host"), .t = REC_NO_NS, .cpu = -1, .pid = -1, .tid = -1
	};
	struct csd_handler handler;
	enum csd_layout layout;
	struct csd *c;
	const char *why;

	if (n < 1)
		return 0;
	source[0].protocol = source[1].protocol = protocols[(p[0] & 15) % 5];
	source[0].reg[CSD_IDR0] = source[1].reg[CSD_IDR0] = p[0] & 0x80 ? 0x28c1cea1 : 0x28000ea1;
	source[0].reg[CSD_IDR1] = source[1].reg[CSD_IDR1] = 0x4100f403;
	source[0].reg[CSD_IDR2] = source[1].reg[CSD_IDR2] = 0x488;
	source[0].reg[CSD_DEVARCH] = source[1].reg[CSD_DEVARCH] = 0x47735a13;
	layout = (enum csd_layout)((p[0] >> 4 & 7) % 5);
	rec.lister = p[0] & 1;
	rec.raw = true;
	out_open(&out, -1);
	handler = pktrec_handler(&rec);
	pktrec_begin(&rec, "fuzz", layout, 0, n);
	c = csd_open(layout, 0xffffff00, source, layout == CSD_SINGLE ? 1 : 2, &handler, &why);
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
