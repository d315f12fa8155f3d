/* SPDX-License-Identifier: MIT */

#include <fnmatch.h>
#include <stdlib.h>

#include "mem.h"
#include "patterns.h"

bool
patterns_match(const char *list, struct str name)
{
	char *plain = mem_alloc(name.n + 1), *one;
	const char *comma;
	bool match = false;

	plain[text_unescape(plain, name)] = '\0';
	for (; !match && list != NULL; list = *comma == '\0' ? NULL : comma + 1) {
		comma = strchrnul(list, ',');
		one = mem_copy(list, (size_t)(comma - list));
		match = fnmatch(one, plain, 0) == 0;
		free(one);
	}
	free(plain);
	return match;
}
