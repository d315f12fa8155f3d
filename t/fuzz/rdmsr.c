/* SPDX-License-Identifier: MIT */
/* Any bytes as polls of registers. */

#include "counters.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	return counters_fuzz(READINGS_RDMSR, p, n);
}
