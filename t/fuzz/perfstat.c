/* SPDX-License-Identifier: MIT */
/* Any bytes as what perf stat prints. */

#include "counters.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	return counters_fuzz(READINGS_PERF, p, n);
}
