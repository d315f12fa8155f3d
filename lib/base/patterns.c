/* SPDX-License-Identifier: MIT */

#include <fnmatch.h>
#include <stdlib.h>

#include "mem.h"
#include "patterns.h"

enum { LONGEST = 1024, MET = 32, MET_NAME = 300 };

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
	intern_free(&p->met);
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

void
patterns_met(struct patterns *p, struct str name)
{
	if (p->missed > 0 && p->met.n < MET)
		intern_put(&p->met, text_cut(name, MET_NAME));
}

void
patterns_list(const struct patterns *p, char text[PATTERNS_LIST])
{
	static const char more[] = ", ...";
	char *d = text, *end = text + PATTERNS_LIST - sizeof more;
	struct str name;
	uint32_t i;

	for (i = 0; i < p->met.n; i++) {
		name = intern_str(&p->met, i);
		if ((size_t)(end - d) < name.n + 2)
			break;
		d = i == 0 ? d : stpcpy(d, ", ");
		d = str_put(d, name);
	}
	stpcpy(d, i < p->met.n || i == MET ? more : "");
}
