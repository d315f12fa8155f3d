/* SPDX-License-Identifier: MIT */
/* Any bytes as a recording of any form. */

#include "counters.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	return counters_fuzz(READINGS_UNKNOWN, p, n);
}
