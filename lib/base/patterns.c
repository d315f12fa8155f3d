/* SPDX-License-Identifier: MIT */

#include <fnmatch.h>
#include <stdlib.h>

#include "mem.h"
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
	return strcmp(text, plain) == 0 || fnmatch(text, plain, 0) == 0;
}

void
patterns_add(struct patterns *p, struct str pattern)
{
	p->one = mem_resize(p->one, p->n + 1, sizeof *p->one);
	p->one[p->n++] = (struct pattern){ .text = pattern };
	p->missed++;
}

void
patterns_add_list(struct patterns *p, const char *list)
{
	const char *comma;

	for (; list != NULL; list = *comma == '\0' ? NULL : comma + 1) {
		comma = strchrnul(list, ',');
		patterns_add(p, (struct str){ list, (size_t)(comma - list) });
	}
}

void
patterns_free(struct patterns *p)
{
	free(p->one);
	*p = (struct patterns){ 0 };
}

bool
patterns_hit(struct patterns *p, struct str name)
{
	bool match = false;
	size_t i;

	for (i = 0; i < p->n && (!match || p->missed > 0); i++) {
		if ((match && p->one[i].hit) || !pattern_match(p->one[i].text, name))
			continue;
		p->missed -= !p->one[i].hit;
		p->one[i].hit = match = true;
	}
	return match;
}
