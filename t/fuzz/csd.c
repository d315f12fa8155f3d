/* SPDX-License-Identifier: MIT */
/* Any bytes as the trace of any of the library's protocols in any layout; the first byte chooses.
 */

#include "trace.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const enum csd_protocol protocols[] = { CSD_ETMV3, CSD_PTM, CSD_ETMV4, CSD_ETE,
		CSD_STM };
	struct csd_source source[2] = { { .id = 0x10, .cpu = 0 }, { .id = 0x12, .cpu = 1 } };
	struct pktrec rec = { .raw = true };
	enum csd_layout layout;

	if (n < 1)
		return 0;
	source[0].protocol = source[1].protocol = protocols[(p[0] & 15) % 5];
	source[0].reg[CSD_IDR0] = source[1].reg[CSD_IDR0] = p[0] & 0x80 ? 0x28c1cea1 : 0x28000ea1;
	source[0].reg[CSD_IDR1] = source[1].reg[CSD_IDR1] = 0x4100f403;
	source[0].reg[CSD_IDR2] = source[1].reg[CSD_IDR2] = 0x488;
	source[0].reg[CSD_DEVARCH] = source[1].reg[CSD_DEVARCH] = 0x47735a13;
	layout = (enum csd_layout)((p[0] >> 4 & 7) % 5);
	rec.lister = p[0] & 1;
	fuzz_trace(rec, layout, source, layout == CSD_SINGLE ? 1 : 2, p + 1, n - 1);
	return 0;
}
