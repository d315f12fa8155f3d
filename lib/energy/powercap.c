/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "powercap.h"

enum { MAX_ZONES = 4096, MAX_NAME = 64, MILLIS = 12, MICROS = 15, NANOS = 18, MICRO = 6 };

void
powercap_init(struct powercap *st, const struct units *units)
{
	*st = (struct powercap){ .units = units, .t = RAPL_NO_TIME };
}

void
powercap_free(struct powercap *st)
{
	intern_free(&st->ids);
	intern_free(&st->names);
	intern_free(&st->msr);
	free(st->zone);
	strbuf_free(&st->event);
}

/* The zone of an id, created if need be; NULL if there are too many. */
static struct powercap_zone *
zone_of(struct powercap *st, struct str id)
{
	size_t n = st->ids.n;
	uint32_t i = n == MAX_ZONES ? intern_find(&st->ids, id) : intern_put(&st->ids, id);

	if (i == INTERN_NONE)
		return NULL;
	if (i == n) {
		st->zone = mem_grow(st->zone, n, &st->cap, sizeof *st->zone);
		st->zone[i] = (struct powercap_zone){ .name = STR("") };
	}
	return &st->zone[i];
}

/* Parse date +%s, with decimals, or with the digits of milli-, micro- or nanoseconds appended. */
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

/* Place a package by its name, a part of one by the name of the zone that it is in. */
static void
set_place(const struct powercap *st, struct str id, struct str name, struct rapl_reading *r)
{
	const char *colon = memrchr(id.p, ':', id.n), *end, *s;
	int32_t die = RAPL_NOWHERE;
	uint64_t socket;
	uint32_t parent;

	if (r->domain != RAPL_PKG && colon != NULL) {
		parent = intern_find(&st->ids, (struct str){ id.p, (size_t)(colon - id.p) });
		name = parent == INTERN_NONE ? name : st->zone[parent].name;
	}
	end = name.p + name.n;
	if (!str_starts(name, "package-") || (s = text_u64(name.p + 8, end, &socket)) == NULL ||
	    socket > INT32_MAX)
		return;
	if (str_starts((struct str){ s, (size_t)(end - s) }, "-die-"))
		rapl_id((struct str){ s + 5, (size_t)(end - s - 5) }, &die);
	rapl_place_core(&r->place, (int32_t)socket, die, RAPL_NOWHERE);
}

/* The count that shows as this number of microjoules. */
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
	r->count = z->known ? count_of(uj, z->driver) : uj;
	r->wrap = z->known ? (uint64_t)1 << 32 : z->range;
	r->energy = z->known ? z->worth : (struct energy){ 1, 0, MICRO };
	r->err = r->energy;
	r->counters = 1;
}

static void
energy(struct powercap *st, struct str id, struct str value, struct rapl_line *l)
{
	const struct powercap_zone *z = zone_of(st, id);
	enum rapl_domain domain = rapl_zone(z->name);
	struct rapl_reading *r;
	uint64_t uj;

	if (!rapl_number(value, z->range > 0 ? z->range : UINT64_MAX, &uj)) {
		rapl_bad(l, "bad energy", value);
		return;
	}
	if (domain == RAPL_NONE) {
		rapl_bad(l, z->name.n == 0 ? "no name of this zone yet" : "unknown zone", id);
		return;
	}
	l->t = st->t;
	if (domain == RAPL_CORES && st->units->model != NULL && st->units->model->one_core)
		domain = RAPL_CORE;
	r = rapl_add(l, RAPL_COUNT, domain);
	set_place(st, id, z->name, r);
	set_count(z, uj, r);
	/* intel-rapl-mmio shows registers of intel-rapl a second time */
	if (str_starts(id, "intel-rapl-mmio:") && intern_find(&st->msr, z->name) != INTERN_NONE)
		r->flags = RAPL_MIRROR;
	strbuf_clear(&st->event);
	strbuf_add(&st->event, id);
	strbuf_putc(&st->event, '/');
	strbuf_add(&st->event, z->name);
	r->event = strbuf_str(&st->event);
}

/* Find the zone's unit by its range; the domain matters if the user gave a unit for it. */
static bool
set_units(const struct powercap *st, struct powercap_zone *z)
{
	z->known = z->range > 0 &&
		   units_range(st->units, rapl_zone(z->name), z->range, &z->driver, &z->worth);
	return z->known;
}

static void
attribute(
    struct powercap *st, struct str id, struct str name, struct str value, struct rapl_line *l)
{
	struct powercap_zone *z = zone_of(st, id);

	l->is = RAPL_HEAD;
	if (z == NULL) {
		rapl_bad(l, "too many zones", id);
	} else if (str_eq(name, STR("name"))) {
		if (value.n > MAX_NAME) {
			rapl_bad(l, "the name is too long", value);
			return;
		}
		z->name = intern_str(&st->names, intern_put(&st->names, value));
		if (str_starts(id, "intel-rapl:"))
			intern_put(&st->msr, value);
		set_units(st, z);
	} else if (str_eq(name, STR("max_energy_range_uj"))) {
		if (!rapl_number(value, UINT64_MAX, &z->range))
			z->range = 0;
		if (!set_units(st, z))
			rapl_bad(l, "a range of no known unit", value);
	} else if (!str_eq(name, STR("energy_uj")) || st->stopped) {
		l->is = RAPL_SKIP;
	} else {
		energy(st, id, value, l);
	}
}

static void
stamp_line(struct powercap *st, int64_t t, struct str s, struct rapl_line *l)
{
	l->is = RAPL_SKIP;
	st->stopped = st->t != RAPL_NO_TIME && t <= st->t;
	if (st->stopped)
		rapl_bad(l, "time does not advance", s);
	else
		st->t = t;
}

/* Cut PATH/ZONE/ATTRIBUTE:VALUE, whose ZONE may have colons, too; false if s is something else. */
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
	return id->n <= MAX_NAME && str_starts(*id, "intel-rapl") &&
	       memchr(id->p, ':', id->n) != NULL;
}

void
powercap_line(struct powercap *st, struct str s, struct rapl_line *l)
{
	struct str id, name, value;
	int64_t t;

	if (*s.p == '#')
		l->is = RAPL_SKIP;
	else if (time_stamp(s, &t))
		stamp_line(st, t, s, l);
	else if (cut(s, &id, &name, &value))
		attribute(st, id, name, value, l);
}
