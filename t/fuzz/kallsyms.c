/* SPDX-License-Identifier: MIT */
/* Any bytes as kernel symbols: read them, look some addresses up. */

#include <stdio.h>

#include "input.h"
#include "symbols/kallsyms.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct fault fault = { "" };
	struct kallsyms_symbol s;
	struct kallsyms *k;
	char path[64];
	uint64_t addr;
	int fd = fuzz_file(p, n);

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if ((k = kallsyms_read(path, &fault)) != NULL)
		for (addr = kallsyms_reference(k, STR("_text")); addr < UINT64_MAX / 3;
		     addr = 3 * addr + 1)
			kallsyms_find(k, addr, &s);
	kallsyms_free(k);
	close(fd);
	return 0;
}
