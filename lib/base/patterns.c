/* SPDX-License-Identifier: MIT */

#include <fnmatch.h>

#include "patterns.h"

enum { LONGEST = 1024 };

static bool
has_wildcard(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == '*' || s.p[i] == '?' || s.p[i] == '[' || s.p[i] == '\\')
			return true;
	return false;
}

bool
pattern_match(struct str pattern, struct str name)
{
	char text[LONGEST + 1], plain[LONGEST + 1];

	if (!has_wildcard(pattern) && memchr(name.p, '\\', name.n) == NULL)
		return str_eq(pattern, name);
	if (pattern.n > LONGEST || name.n > LONGEST)
		return str_eq(pattern, name);
	*str_put(text, pattern) = '\0';
	plain[text_unescape(plain, name)] = '\0';
	return fnmatch(text, plain, 0) == 0;
}

bool
patterns_match(const char *list, struct str name)
{
	const char *comma;
	bool match = false;

	for (; !match && list != NULL; list = *comma == '\0' ? NULL : comma + 1) {
		comma = strchrnul(list, ',');
		match = pattern_match((struct str){ list, (size_t)(comma - list) }, name);
	}
	return match;
}
