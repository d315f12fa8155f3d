/* SPDX-License-Identifier: MIT */
/* Any bytes as count records. */

#include "counters.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	return counters_fuzz(READINGS_RECORDS, p, n);
}
