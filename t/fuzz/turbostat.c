/* SPDX-License-Identifier: MIT */
/* Any bytes as turbostat's table. */

#include "counters.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	return counters_fuzz(READINGS_TURBOSTAT, p, n);
}
