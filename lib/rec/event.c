/* SPDX-License-Identifier: MIT */

#include "event.h"

static bool
is_modifiers(const char *p, const char *end)
{
	/* what perf record takes after the last colon of an event */
	static const char letters[] = { 'u', 'k', 'h', 'G', 'H', 'p', 'P', 'S', 'D', 'I', 'W', 'e',
		'b', 'R', 'X' };

	while (p < end && memchr(letters, *p, sizeof(letters)) != NULL)
		p++;
	return p == end;
}

static struct str
without_modifiers(struct str name)
{
	const char *slash = memchr(name.p, '/', name.n), *colon;

	if (slash != NULL)
		return (struct str){ name.p, (size_t)(slash - name.p) };
	colon = memrchr(name.p, ':', name.n);
	if (colon != NULL && is_modifiers(colon + 1, name.p + name.n))
		name.n = (size_t)(colon - name.p);
	return name;
}

static struct str
without_system(struct str name)
{
	const char *colon = memchr(name.p, ':', name.n), *end = name.p + name.n;

	return colon == NULL ? name : (struct str){ colon + 1, (size_t)(end - colon - 1) };
}

bool
event_hit(struct patterns *p, struct str kind, struct str name)
{
	bool hit = patterns_hit(p, name);
	struct str plain;

	patterns_met(p, name);
	hit |= patterns_hit(p, kind);
	if (hit && p->missed == 0)
		return true;
	plain = without_modifiers(name);
	if (plain.n == name.n)
		plain = without_system(name);
	return (plain.n < name.n && patterns_hit(p, plain)) || hit;
}

bool
event_hit_rec(struct patterns *p, const struct rec *r, struct str name)
{
	if (event_is_sampled(r))
		return event_hit(p, str_of(rec_name(r->kind)), name);
	patterns_met(p, name);
	return patterns_hit(p, name);
}
