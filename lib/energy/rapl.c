/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stdio.h>

#include "rapl.h"

struct word {
	struct str s;
	enum rapl_domain domain;
};

#define WORD(literal, domain)                                                                      \
	{                                                                                          \
		{ (literal), sizeof(literal) - 1 }, (domain)                                       \
	}

static const struct word domains[] = { WORD("psys", RAPL_PSYS), WORD("pkg", RAPL_PKG),
	WORD("cores", RAPL_CORES), WORD("core", RAPL_CORE), WORD("gpu", RAPL_GPU),
	WORD("dram", RAPL_DRAM), WORD("", RAPL_NONE) };

static const struct word events[] = { WORD("energy-pkg", RAPL_PKG), WORD("energy-core", RAPL_CORE),
	WORD("energy-per-core", RAPL_CORE), WORD("energy-cores", RAPL_CORES),
	WORD("energy-ram", RAPL_DRAM), WORD("energy-gpu", RAPL_GPU), WORD("energy-psys", RAPL_PSYS),
	WORD("", RAPL_NONE) };

static const struct word zones[] = { WORD("core", RAPL_CORES), WORD("uncore", RAPL_GPU),
	WORD("dram", RAPL_DRAM), WORD("psys", RAPL_PSYS), WORD("", RAPL_NONE) };

static enum rapl_domain
look_up(const struct word *w, struct str s)
{
	while (w->domain != RAPL_NONE && !str_eq(w->s, s))
		w++;
	return w->domain;
}

struct str
rapl_domain_name(enum rapl_domain domain)
{
	const struct word *w = domains;

	while (w->domain != RAPL_NONE && w->domain != domain)
		w++;
	return w->s;
}

enum rapl_domain
rapl_domain_named(struct str s)
{
	return look_up(domains, s);
}

static bool
starts(struct str s, struct str with)
{
	return s.n >= with.n && memcmp(s.p, with.p, with.n) == 0;
}

/* power/energy-pkg/, power_core/energy-core/, with modifiers or terms behind the name or not; and
 * the bare energy-pkg of perf 6.7 and later. */
enum rapl_domain
rapl_event(struct str s)
{
	const char *slash = memchr(s.p, '/', s.n), *end;

	if (slash != NULL) {
		end = s.p + s.n;
		if (!starts(s, STR("power")) || (slash - s.p > 5 && s.p[5] != '_'))
			return RAPL_NONE;
		s = (struct str){ slash + 1, (size_t)(end - slash - 1) };
	}
	for (end = s.p;
	     end < s.p + s.n && *end != '/' && *end != ',' && *end != ' ' && *end != ':';)
		end++;
	return look_up(events, (struct str){ s.p, (size_t)(end - s.p) });
}

enum rapl_domain
rapl_register(uint64_t msr)
{
	switch (msr) {
	case 0x611:
	case 0xc001029b:
		return RAPL_PKG;
	case 0x639:
		return RAPL_CORES;
	case 0xc001029a:
		return RAPL_CORE;
	case 0x641:
		return RAPL_GPU;
	case 0x619:
		return RAPL_DRAM;
	case 0x64d:
		return RAPL_PSYS;
	default:
		return RAPL_NONE;
	}
}

enum rapl_domain
rapl_zone(struct str name)
{
	return starts(name, STR("package-")) ? RAPL_PKG : look_up(zones, name);
}

void
rapl_line_init(struct rapl_line *l)
{
	l->is = RAPL_UNKNOWN;
	l->t = RAPL_NO_TIME;
	l->no_zero = false;
	l->ns = 0;
	l->n = 0;
}

void
rapl_bad(struct rapl_line *l, const char *fmt, ...)
{
	va_list ap;

	l->is = RAPL_BAD;
	l->n = 0;
	va_start(ap, fmt);
	vsnprintf(l->why, sizeof l->why, fmt, ap);
	va_end(ap);
}

struct rapl_reading *
rapl_add(struct rapl_line *l, enum rapl_value value, enum rapl_domain domain)
{
	struct rapl_reading *r = &l->reading[l->n++];

	l->is = RAPL_ENERGY;
	r->value = value;
	r->domain = domain;
	r->flags = 0;
	r->perf = false;
	rapl_place_core(&r->place, RAPL_NOWHERE, RAPL_NOWHERE, RAPL_NOWHERE);
	r->event = STR("");
	r->energy = r->err = (struct energy){ 0 };
	r->count = r->wrap = 0;
	r->counters = -1;
	r->runtime = 0;
	return r;
}

const char *
rapl_seconds(const char *s, const char *end, int64_t *ns)
{
	int64_t v = 0, unit = 1000000000;
	const char *begin = s;

	for (; s < end && *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *s - '0', &v))
			return NULL;
	if (s == begin || __builtin_mul_overflow(v, unit, &v))
		return NULL;
	if (s < end && (*s == '.' || *s == ','))
		for (s++; s < end && *s >= '0' && *s <= '9'; s++)
			if (__builtin_add_overflow(v, (unit /= 10) * (*s - '0'), &v))
				return NULL;
	*ns = v;
	return s;
}

bool
rapl_decimal(struct str s, struct energy *e)
{
	const char *end = s.p + s.n, *p = s.p, *point = NULL;
	uint64_t v = 0;

	if (s.n == 0 || s.n > 18)
		return false;
	for (; p < end; p++) {
		if (*p == '.' && point == NULL && p > s.p)
			point = p + 1;
		else if (*p >= '0' && *p <= '9')
			v = v * 10 + (uint64_t)(*p - '0');
		else
			return false;
	}
	if (point == end || (point != NULL && end - point > 9))
		return false;
	*e = (struct energy){ (energy_int)v, 0, point == NULL ? 0 : (uint8_t)(end - point) };
	return true;
}
