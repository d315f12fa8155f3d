/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "powercap.h"

enum {
	MAX_ZONES = 4096,
	MAX_NAME = 64,
	MILLIS = 12,
	MICROS = 15,
	NANOS = 18,
	MICRO = 6,
	MAX_EXPONENT = 18
};

/* What the registers count in that amd_energy reads. */
static const struct energy amd_unit = { 1, 16, 0 };

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
	int64_t v = 0;

	if (rapl_seconds(s.p, end, t) == end && s.n < MILLIS)
		return true;
	if (text_s64(s.p, end, &v) != end)
		return rapl_seconds(s.p, end, t) == end;
	return !__builtin_mul_overflow(v, units[s.n >= NANOS ? 2 : s.n >= MICROS ? 1 : 0], t);
}

/* Parse the decimal number, perhaps with leading zeros, that follows a prefix of name; false if
 * there is none. */
static bool
numbered(struct str name, const char *prefix, int32_t *number)
{
	size_t len = strlen(prefix);

	while (str_starts(name, prefix) && name.n > len + 1 && name.p[len] == '0')
		len++;
	return str_starts(name, prefix) &&
	       rapl_id((struct str){ name.p + len, name.n - len }, number);
}

/* The domain of amd_energy's sensor of that label, and its place; RAPL_NONE if it is none. */
static enum rapl_domain
sensor(struct str label, struct rapl_place *place)
{
	int32_t n;

	if (numbered(label, "Esocket", &n)) {
		rapl_place_core(place, n, RAPL_NOWHERE, RAPL_NOWHERE);
		return RAPL_PKG;
	}
	if (!numbered(label, "Ecore", &n))
		return RAPL_NONE;
	rapl_place_core(place, RAPL_NOWHERE, RAPL_NOWHERE, n);
	return RAPL_CORE;
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
	r->err = z->range == 0 && sensor(z->name, &r->place) != RAPL_NONE ? amd_unit : r->energy;
	r->counters = 1;
}

/* A zone directly below intel-rapl is a package, unless it is psys, which has a name. */
static bool
is_package(struct str id)
{
	const char *colon = memchr(id.p, ':', id.n);

	return colon != NULL && memrchr(id.p, ':', id.n) == colon;
}

static enum rapl_domain
domain_of(const struct powercap *st, struct str id, struct str name, struct rapl_place *place)
{
	enum rapl_domain domain = sensor(name, place);

	if (domain != RAPL_NONE)
		return domain;
	domain = name.n == 0 && is_package(id) ? RAPL_PKG : rapl_zone(name);
	if (domain == RAPL_CORES && st->units->model != NULL && st->units->model->one_core)
		return RAPL_CORE;
	return domain;
}

/* Add the reading of a zone that shows uj microjoules. */
static void
add_energy(struct powercap *st, struct str id, uint64_t uj, struct rapl_line *l)
{
	const struct powercap_zone *z = zone_of(st, id);
	struct rapl_place place;
	enum rapl_domain domain = domain_of(st, id, z->name, &place);
	struct rapl_reading *r;

	if (domain == RAPL_NONE) {
		rapl_bad(l,
		    z->name.n == 0 ? "no name of this zone, give it with --zone" : "unknown zone",
		    id);
		return;
	}
	r = rapl_add(l, RAPL_COUNT, domain);
	set_place(st, id, z->name, r);
	set_count(z, uj, r);
	if (z->name.n == 0)
		r->flags |= RAPL_UNNAMED;
	/* intel-rapl-mmio shows registers of intel-rapl a second time */
	if (str_starts(id, "intel-rapl-mmio:") && intern_find(&st->msr, z->name) != INTERN_NONE)
		r->flags |= RAPL_MIRROR;
	strbuf_clear(&st->event);
	strbuf_add(&st->event, id);
	if (z->name.n > 0)
		strbuf_putc(&st->event, '/');
	strbuf_add(&st->event, z->name);
	r->event = strbuf_str(&st->event);
}

static void
energy(struct powercap *st, struct str id, struct str value, struct rapl_line *l)
{
	const struct powercap_zone *z = zone_of(st, id);
	uint64_t uj;

	l->t = st->t;
	if (!rapl_number(value, z->range > 0 ? z->range : UINT64_MAX, &uj))
		rapl_bad(l, "bad energy", value);
	else
		add_energy(st, id, uj, l);
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
set_name(struct powercap *st, struct powercap_zone *z, struct str id, struct str name)
{
	z->name = intern_str(&st->names, intern_put(&st->names, name));
	if (str_starts(id, "intel-rapl:"))
		intern_put(&st->msr, name);
	set_units(st, z);
}

static void
attribute(
    struct powercap *st, struct str id, struct str name, struct str value, struct rapl_line *l)
{
	struct powercap_zone *z = zone_of(st, id);

	l->kind = RAPL_HEAD;
	if (z == NULL) {
		rapl_bad(l, "too many zones", id);
	} else if (str_eq(name, STR("name"))) {
		if (value.n > MAX_NAME)
			rapl_bad(l, "the name is too long", value);
		else
			set_name(st, z, id, value);
	} else if (str_eq(name, STR("max_energy_range_uj"))) {
		if (!rapl_number(value, UINT64_MAX, &z->range))
			z->range = 0;
		if (!set_units(st, z))
			rapl_bad(l, "a range of no known unit", value);
	} else if (!str_eq(name, STR("energy_uj")) || st->stopped) {
		l->kind = RAPL_SKIP;
	} else {
		energy(st, id, value, l);
	}
}

static void
stamp_line(struct powercap *st, int64_t t, struct str s, struct rapl_line *l)
{
	l->kind = RAPL_SKIP;
	st->stopped = st->t != RAPL_NO_TIME && t <= st->t;
	if (st->stopped)
		rapl_bad(l, "time does not advance", s);
	else
		st->t = t;
}

/* --- names that the user gives */

static bool
cut_name(struct str s, struct str *id, struct str *name)
{
	const char *eq = memchr(s.p, '=', s.n), *end = s.p + s.n;

	if (eq == NULL || !str_starts(s, "intel-rapl"))
		return false;
	*id = (struct str){ s.p, (size_t)(eq - s.p) };
	*name = (struct str){ eq + 1, (size_t)(end - eq - 1) };
	return id->n <= MAX_NAME && name->n <= MAX_NAME && rapl_zone(*name) != RAPL_NONE;
}

bool
powercap_names_add(struct powercap_names *names, struct str s)
{
	struct str id, name;

	if (names->n == POWERCAP_NAMES || !cut_name(s, &id, &name))
		return false;
	names->pair[names->n++] = s;
	return true;
}

void
powercap_init(struct powercap *st, const struct units *units, const struct powercap_names *names)
{
	struct str id, name;
	unsigned i;

	*st = (struct powercap){ .units = units, .t = RAPL_NO_TIME };
	for (i = 0; i < names->n; i++)
		if (cut_name(names->pair[i], &id, &name))
			set_name(st, zone_of(st, id), id, name);
}

/* Cut PATH/ID/ATTRIBUTE:VALUE, whose ID may have colons, too; false if s is something else. */
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
	return id->n <= MAX_NAME;
}

static bool
is_zone(struct str id)
{
	return str_starts(id, "intel-rapl") && memchr(id.p, ':', id.n) != NULL;
}

/* --- hwmon: a sensor is hwmon3/energy1, its files energy1_label and energy1_input */

/* Make *id the sensor's and *file the part of the name after _; false if it is no energy. */
static bool
cut_sensor(struct str *id, struct str *file)
{
	const char *end = file->p + file->n, *low = memchr(file->p, '_', file->n);

	if (!str_starts(*id, "hwmon") || !str_starts(*file, "energy") || low == NULL)
		return false;
	id->n = (size_t)(low - id->p);
	*file = (struct str){ low + 1, (size_t)(end - low - 1) };
	return id->n <= MAX_NAME;
}

/* Hold an energy back until the label comes, which sorts after it. */
static void
hold(struct powercap *st, struct powercap_zone *z, struct str id, struct str value,
    struct rapl_line *l)
{
	l->kind = RAPL_SKIP;
	if (z->held || !rapl_number(value, UINT64_MAX, &z->uj))
		rapl_bad(l, z->held ? "no label of this sensor" : "bad energy", id);
	z->held = true;
	z->t = st->t;
}

/* Take a sensor's label, and its energy of this round if it was held back. */
static void
set_label(struct powercap *st, struct powercap_zone *z, struct str id, struct str name,
    struct rapl_line *l)
{
	struct rapl_place place;

	set_name(st, z, id, name);
	if (!z->held || z->t != st->t || sensor(name, &place) == RAPL_NONE)
		return;
	z->held = false;
	l->t = st->t;
	add_energy(st, id, z->uj, l);
}

/* Read a file of a sensor. Sensors of other labels than amd_energy's count other energies. */
static void
sensor_line(
    struct powercap *st, struct str id, struct str file, struct str value, struct rapl_line *l)
{
	struct powercap_zone *z = zone_of(st, id);
	struct rapl_place place;

	l->kind = RAPL_HEAD;
	if (z == NULL)
		rapl_bad(l, "too many zones", id);
	else if (str_eq(file, STR("label")) && value.n <= MAX_NAME)
		set_label(st, z, id, value, l);
	else if (!str_eq(file, STR("input")) || st->stopped ||
		 (z->name.n > 0 && sensor(z->name, &place) == RAPL_NONE))
		l->kind = RAPL_SKIP;
	else if (z->name.n == 0)
		hold(st, z, id, value, l);
	else
		energy(st, id, value, l);
}

/* --- node_exporter: node_rapl_ZONE_joules_total{index="0",path="/sys/..."} 258218.293244, or
 * node_rapl_joules_total with a label rapl_zone. A time stamp in milliseconds may follow. */

/* Parse a number with an optional exponent, as Go prints joules, into microjoules. */
static bool
microjoules(struct str s, uint64_t *uj)
{
	const char *end = s.p + s.n, *e = memchr(s.p, 'e', s.n), *point, *p = s.p;
	int32_t exponent = 0;
	int64_t scale;

	if (e != NULL) {
		struct str power = { e, (size_t)(end - e) };

		if (!numbered(power, "e+", &exponent) && !numbered(power, "e-", &exponent))
			return false;
		exponent = e[1] == '-' ? -exponent : exponent;
		end = e;
	}
	point = memchr(s.p, '.', (size_t)(end - s.p));
	scale = MICRO + (int64_t)exponent - (point == NULL ? 0 : end - point - 1);
	for (*uj = 0; p < end; p++)
		if (p != point && (*p < '0' || *p > '9' || __builtin_mul_overflow(*uj, 10, uj) ||
				      __builtin_add_overflow(*uj, (uint64_t)(*p - '0'), uj)))
			return false;
	for (; scale > 0 && *uj > 0; scale--)
		if (__builtin_mul_overflow(*uj, 10, uj))
			return false;
	for (; scale < 0 && *uj % 10 == 0 && *uj > 0; scale++)
		*uj /= 10;
	return (scale == 0 || *uj == 0) && s.p < end;
}

/* The value of a label in {name="value",...}; empty if it is not there. */
static struct str
label(struct str labels, const char *name)
{
	const char *end = labels.p + labels.n, *quote, *p = labels.p;
	size_t len = strlen(name);

	while ((p = memmem(p, (size_t)(end - p), name, len)) != NULL) {
		p += len;
		if (end - p < 2 || p[0] != '=' || p[1] != '"' ||
		    strchr("{, ", p[-(ptrdiff_t)len - 1]) == NULL)
			continue;
		quote = memchr(p + 2, '"', (size_t)(end - p - 2));
		return quote == NULL ? STR("") : (struct str){ p + 2, (size_t)(quote - p - 2) };
	}
	return STR("");
}

/* The zone that a metric is of: node_rapl_package_joules_total, or its label. */
static struct str
metric_zone(struct str metric, struct str labels)
{
	const size_t before = strlen("node_rapl_"), after = strlen("_joules_total");

	if (metric.n > before + after)
		return (struct str){ metric.p + before, metric.n - before - after };
	return label(labels, "rapl_zone");
}

/* Name a zone as powercap does: a package has its index in its name. */
static void
name_metric(struct powercap *st, struct str id, struct str zone, struct str index)
{
	char name[2 * MAX_NAME + 1];
	char *p = str_put(name, zone);

	if (str_eq(zone, STR("package"))) {
		*p++ = '-';
		p = str_put(p, index);
	}
	set_name(st, zone_of(st, id), id, (struct str){ name, (size_t)(p - name) });
}

/* Read what follows the labels of a zone's metric: its value, perhaps the time. */
static void
metric_value(struct powercap *st, struct str id, struct str s, struct rapl_line *l)
{
	struct str value = str_word(&s), time = str_word(&s);
	uint64_t uj;

	l->t = st->t;
	l->kind = RAPL_SKIP;
	if (!microjoules(value, &uj))
		rapl_bad(l, "bad energy", value);
	else if (time.n > 0 && !time_stamp(time, &l->t))
		rapl_bad(l, "bad time", time);
	else if (time.n > 0 || !st->stopped)
		add_energy(st, id, uj, l);
}

/* Read a metric of a zone; false if s is something else. */
static bool
metric_line(struct powercap *st, struct str s, struct rapl_line *l)
{
	const char *open = memchr(s.p, '{', s.n), *close = memrchr(s.p, '}', s.n);
	struct str metric, labels, zone, index, id;

	if (!str_starts(s, "node_rapl_") || open == NULL || close == NULL || close < open)
		return false;
	metric = (struct str){ s.p, (size_t)(open - s.p) };
	if (memmem(metric.p, metric.n, "_joules_total", strlen("_joules_total")) == NULL)
		return false;
	labels = (struct str){ open, (size_t)(close - open) };
	zone = metric_zone(metric, labels);
	index = label(labels, "index");
	id = str_basename(label(labels, "path"));
	if (id.n == 0)
		id = metric;
	st->metrics = true;
	if (zone.n > MAX_NAME || index.n > MAX_NAME || id.n > MAX_NAME || zone_of(st, id) == NULL) {
		rapl_bad(l, "too many zones", s);
		return true;
	}
	name_metric(st, id, zone, index);
	metric_value(st, id, (struct str){ close + 1, (size_t)(s.p + s.n - close - 1) }, l);
	return true;
}

/* Is this another of node_exporter's metrics? */
static bool
is_metric(struct str s)
{
	size_t n = 0;

	while (n < s.n && (s.p[n] == '_' || (s.p[n] >= 'a' && s.p[n] <= 'z') ||
			      (s.p[n] >= '0' && s.p[n] <= '9')))
		n++;
	return n > 0 && n < s.n && (s.p[n] == '{' || s.p[n] == ' ');
}

/* Read a file of a zone or a sensor; false if s is something else. */
static bool
file_line(struct powercap *st, struct str s, struct rapl_line *l)
{
	struct str id, name, value;

	if (!cut(s, &id, &name, &value))
		return false;
	if (is_zone(id))
		attribute(st, id, name, value, l);
	else if (cut_sensor(&id, &name))
		sensor_line(st, id, name, value, l);
	else if (str_starts(id, "hwmon"))
		l->kind = RAPL_SKIP;
	return true;
}

void
powercap_line(struct powercap *st, struct str s, struct rapl_line *l)
{
	int64_t t;

	if (time_stamp(s, &t))
		stamp_line(st, t, s, l);
	else if (*s.p == '#' ||
		 (!metric_line(st, s, l) && !file_line(st, s, l) && st->metrics && is_metric(s)))
		l->kind = RAPL_SKIP;
}
