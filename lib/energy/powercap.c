/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "powercap.h"

enum { MAXZONE = 4096, MILLIS = 12, MICROS = 15, NANOS = 18 };

void
powercap_init(struct powercap *st, const struct rapl_units *units)
{
	*st = (struct powercap){ .units = units, .t = RAPL_NO_TIME };
}

void
powercap_end(struct powercap *st)
{
	while (st->n-- > 0) {
		free(st->zone[st->n].id);
		free(st->zone[st->n].name);
	}
	free(st->zone);
	free(st->event);
}

static bool
is(const char *nul_ended, struct str s)
{
	return strlen(nul_ended) == s.n && memcmp(nul_ended, s.p, s.n) == 0;
}

/* The zone of an id: a new one where there is none, NULL where there are too many. */
static struct powercap_zone *
zone_of(struct powercap *st, struct str id)
{
	size_t i;

	if (st->n > 0 && is(st->zone[(st->last + 1) % st->n].id, id))
		return &st->zone[st->last = (st->last + 1) % st->n];
	for (i = 0; i < st->n; i++)
		if (is(st->zone[i].id, id))
			return &st->zone[st->last = i];
	if (st->n == MAXZONE)
		return NULL;
	st->zone = mem_grow(st->zone, st->n, &st->cap, sizeof *st->zone);
	st->zone[st->n] = (struct powercap_zone){ .id = mem_copy(id.p, id.n) };
	return &st->zone[st->last = st->n++];
}

/* date +%s, with decimals or with as many digits as make milli-, micro- or nanoseconds. */
static bool
time_stamp(struct str s, int64_t *t)
{
	static const int64_t units[] = { 1000000, 1000, 1 };
	const char *end = s.p + s.n;
	int64_t v;

	if (rapl_seconds(s.p, end, t) == end && s.n < MILLIS)
		return true;
	if (text_s64(s.p, end, &v) != end)
		return rapl_seconds(s.p, end, t) == end;
	return !__builtin_mul_overflow(v, units[s.n >= NANOS ? 2 : s.n >= MICROS ? 1 : 0], t);
}

/* A package by its name; a part of one by the zone it is in. */
static void
set_place(const struct powercap *st, const struct powercap_zone *z, struct rapl_reading *r)
{
	const char *colon = strrchr(z->id, ':'), *name = z->name, *s, *end;
	uint64_t socket, die;
	size_t i;

	for (i = 0; r->domain != RAPL_PKG && i < st->n && colon != NULL; i++)
		if (is(st->zone[i].id, (struct str){ z->id, (size_t)(colon - z->id) }))
			name = st->zone[i].name;
	if (name == NULL || strncmp(name, "package-", 8) != 0)
		return;
	end = name + strlen(name);
	s = text_u64(name + 8, end, &socket);
	if (s == NULL || socket > INT32_MAX)
		return;
	if (strncmp(s, "-die-", 5) == 0 && text_u64(s + 5, end, &die) == end && die <= INT32_MAX)
		rapl_place_core(&r->place, (int32_t)socket, (int32_t)die, RAPL_NOWHERE);
	else
		rapl_place_core(&r->place, (int32_t)socket, RAPL_NOWHERE, RAPL_NOWHERE);
}

/* The same registers are reachable through memory, too: intel-rapl-mmio beside intel-rapl. */
static bool
is_mirror(const struct powercap *st, const struct powercap_zone *z)
{
	static const char mmio[] = "intel-rapl-mmio:", msr[] = "intel-rapl:";
	size_t i;

	if (strncmp(z->id, mmio, sizeof mmio - 1) != 0)
		return false;
	for (i = 0; i < st->n; i++)
		if (st->zone[i].name != NULL && strncmp(st->zone[i].id, msr, sizeof msr - 1) == 0 &&
		    strcmp(st->zone[i].name, z->name) == 0)
			return true;
	return false;
}

/* The count that shows as this many microjoules. */
static uint64_t
count_of(uint64_t uj, struct energy driver)
{
	energy_int n = (energy_int)uj << driver.two, micro = driver.n * 1000000;
	unsigned i;

	for (i = 0; i < driver.ten; i++)
		n *= 10;
	return (uint64_t)((n + micro - 1) / micro);
}

static void
set_count(const struct powercap_zone *z, uint64_t uj, struct rapl_reading *r)
{
	r->count = uj;
	r->wrap = z->range;
	r->energy = (struct energy){ 1, 0, 6 };
	if (z->known) {
		r->count = count_of(uj, z->driver);
		r->wrap = (uint64_t)1 << 32;
		r->energy = z->worth;
	}
	r->err = r->energy;
	r->counters = 1;
}

static void
energy(struct powercap *st, const struct powercap_zone *z, struct str value, struct rapl_line *l)
{
	enum rapl_domain domain;
	struct rapl_reading *r;
	size_t n;
	uint64_t uj;

	if (text_u64(value.p, value.p + value.n, &uj) != value.p + value.n ||
	    (z->range > 0 && uj > z->range)) {
		rapl_bad(l, "%s: bad energy \"%.*s\"", z->id, (int)(value.n < 60 ? value.n : 60),
		    value.p);
		return;
	}
	if (z->name == NULL || (domain = rapl_zone(str_of(z->name))) == RAPL_NONE) {
		rapl_bad(l, "%s: %s", z->id, z->name == NULL ? "no name yet" : "unknown zone");
		return;
	}
	l->t = st->t;
	if (domain == RAPL_CORES && st->units->model != NULL && st->units->model->one_core)
		domain = RAPL_CORE;
	r = rapl_add(l, RAPL_COUNT, domain);
	set_place(st, z, r);
	set_count(z, uj, r);
	r->flags = is_mirror(st, z) ? RAPL_MIRROR : 0;
	n = strlen(z->id);
	st->event = mem_resize(st->event, n + strlen(z->name) + 1, 1);
	memcpy(st->event, z->id, n);
	st->event[n] = '/';
	memcpy(st->event + n + 1, z->name, strlen(z->name));
	r->event = (struct str){ st->event, n + 1 + strlen(z->name) };
}

/* The range tells the unit; the name tells the domain, for which the user may know it better. */
static bool
set_units(const struct powercap *st, struct powercap_zone *z)
{
	enum rapl_domain domain = z->name == NULL ? RAPL_NONE : rapl_zone(str_of(z->name));

	z->known =
	    z->range > 0 && rapl_range_unit(st->units, domain, z->range, &z->driver, &z->worth);
	return z->known;
}

static void
attribute(struct powercap *st, struct powercap_zone *z, struct str name, struct str value,
    struct rapl_line *l)
{
	const char *end = value.p + value.n;

	l->is = RAPL_HEAD;
	if (str_eq(name, STR("name"))) {
		free(z->name);
		z->name = mem_copy(value.p, value.n);
		set_units(st, z);
	} else if (str_eq(name, STR("max_energy_range_uj"))) {
		if (text_u64(value.p, end, &z->range) != end)
			z->range = 0;
		if (!set_units(st, z))
			rapl_bad(l, "%s: a range that belongs to no known unit", z->id);
	} else if (!str_eq(name, STR("energy_uj")) || st->stopped) {
		l->is = RAPL_SKIP;
	} else {
		energy(st, z, value, l);
	}
}

static void
stamp_line(struct powercap *st, int64_t t, struct rapl_line *l)
{
	l->is = RAPL_SKIP;
	st->stopped = st->t != RAPL_NO_TIME && t <= st->t;
	if (st->stopped)
		rapl_bad(l, "time does not advance");
	else
		st->t = t;
}

/* Cut PATH/ZONE/ATTRIBUTE:VALUE, of which zones have colons, too; false where it is none. */
static bool
cut(struct str s, struct str *id, struct str *name, struct str *value)
{
	const char *slash = memrchr(s.p, '/', s.n), *end = s.p + s.n, *p;

	if (slash == NULL || (p = memchr(slash, ':', (size_t)(end - slash))) == NULL)
		return false;
	*name = (struct str){ slash + 1, (size_t)(p - slash - 1) };
	while (++p < end && *p == ' ')
		;
	*value = (struct str){ p, (size_t)(end - p) };
	p = memrchr(s.p, '/', (size_t)(slash - s.p));
	id->p = p == NULL ? s.p : p + 1;
	id->n = (size_t)(slash - id->p);
	return id->n > 10 && memcmp(id->p, "intel-rapl", 10) == 0 &&
	       memchr(id->p, ':', id->n) != NULL;
}

void
powercap_line(struct powercap *st, struct str s, struct rapl_line *l)
{
	struct str id, name, value;
	struct powercap_zone *z;
	int64_t t;

	rapl_line_init(l);
	if (s.n == 0 || *s.p == '#')
		l->is = RAPL_SKIP;
	else if (time_stamp(s, &t))
		stamp_line(st, t, l);
	else if (!cut(s, &id, &name, &value))
		return;
	else if ((z = zone_of(st, id)) == NULL)
		rapl_bad(l, "more than %d zones", MAXZONE);
	else
		attribute(st, z, name, value, l);
}
