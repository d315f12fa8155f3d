/* SPDX-License-Identifier: MIT */
/* Any bytes as mangled names, one a line: none becomes too long, or takes long. */

#include "symbols/demangle.h"
#include "input.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct str rest = { (const char *)p, n }, line, name;
	struct demangle *d[] = { demangle_new(DEMANGLE_FULL), demangle_new(DEMANGLE_NO_ARGS) };
	size_t i;

	while (rest.n > 0 && memchr(p, 0, n) == NULL) {
		line = text_line(&rest);
		for (i = 0; i < 2; i++) {
			name = demangle_name(d[i], line);
			if (name.n == 0 ? line.n > 0 : name.n > 4096 && name.p != line.p)
				abort();
		}
	}
	demangle_free(d[0]);
	demangle_free(d[1]);
	return 0;
}
