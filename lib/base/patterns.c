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
	uint32_t id = intern_put(&p->texts, pattern);

	if (id < p->n)
		return;
	p->one = mem_grow(p->one, p->n, &p->cap, sizeof *p->one);
	p->one[p->n++] = (struct pattern){ .text = pattern };
	p->missed++;
	if (!has_wildcard(pattern))
		return;
	p->wild = mem_grow(p->wild, p->nwild, &p->cap_wild, sizeof *p->wild);
	p->wild[p->nwild++] = id;
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
	free(p->wild);
	intern_free(&p->met);
	intern_free(&p->texts);
	*p = (struct patterns){ 0 };
}

/* The number of the pattern that equals a name; INTERN_NONE if there is none. */
static uint32_t
find_equal(const struct patterns *p, struct str name)
{
	char plain[LONGEST + 1];

	if (name.n > LONGEST || memchr(name.p, '\\', name.n) == NULL)
		return intern_find(&p->texts, name);
	plain[text_unescape(plain, name)] = '\0';
	return intern_find(&p->texts, str_of(plain));
}

static void
set_hit(struct patterns *p, uint32_t id)
{
	p->missed -= !p->one[id].hit;
	p->one[id].hit = true;
}

bool
patterns_hit(struct patterns *p, struct str name)
{
	uint32_t id = p->n == 0 ? INTERN_NONE : find_equal(p, name);
	bool match = id != INTERN_NONE;
	size_t i;

	if (match)
		set_hit(p, id);
	for (i = 0; i < p->nwild && (!match || p->missed > 0); i++) {
		id = p->wild[i];
		if ((match && p->one[id].hit) || !pattern_match(p->one[id].text, name))
			continue;
		set_hit(p, id);
		match = true;
	}
	return match;
}

bool
patterns_is_hit(const struct patterns *p, struct str pattern)
{
	return p->one[intern_find(&p->texts, pattern)].hit;
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
