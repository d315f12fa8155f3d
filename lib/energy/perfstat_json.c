/* SPDX-License-Identifier: MIT */
/* perfstat_json - perf stat -j: an object a line; in some locales with decimal commas, which are
 * no JSON */

#include "base/json.h"
#include "base/mem.h"
#include "perfstat.h"

enum { MAXMEMBER = 32 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The line with a point for each comma between two digits outside strings: the line itself where
 * there is none. */
static struct str
repair(struct perfstat *st, struct str s)
{
	bool string = false, found = false;
	size_t i;

	for (i = 1; i + 1 < s.n; i++) {
		if (s.p[i] == '"' && s.p[i - 1] != '\\')
			string = !string;
		if (string || s.p[i] != ',' || !is_digit(s.p[i - 1]) || !is_digit(s.p[i + 1]))
			continue;
		if (!found) {
			st->repaired = mem_resize(st->repaired, s.n, 1);
			memcpy(st->repaired, s.p, s.n);
			found = true;
		}
		st->repaired[i] = '.';
	}
	return found ? (struct str){ st->repaired, s.n } : s;
}

/* A member that is a number: false where it is none. */
static bool
number(struct str s, int64_t *to)
{
	uint64_t v;

	if (text_u64(s.p, s.p + s.n, &v) != s.p + s.n || v > INT64_MAX)
		return false;
	*to = (int64_t)v;
	return true;
}

/* The members that say where: "core" : "S0-D0-C1", ..., "cpu" : "1". */
static bool
place(const struct json_pair *m, struct rapl_reading *r)
{
	static const struct str names[] = { { "core", 4 }, { "die", 3 }, { "socket", 6 },
		{ "node", 4 }, { "cache", 5 }, { "cluster", 7 } };
	int64_t cpu;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(m->key, names[i]))
			return rapl_place_parse(&r->place, m->value);
	if (!str_eq(m->key, STR("cpu")))
		return true;
	if (!number(m->value, &cpu) || cpu > INT32_MAX)
		return false;
	rapl_place_cpu(&r->place, (int32_t)cpu);
	return true;
}

/* What the members say, before it is known whether they are about energy. */
struct parts {
	struct str value, unit;
	struct str bad_place; /* empty where the place is good */
};

static void
member(const struct json_pair *m, struct rapl_reading *r, struct rapl_line *l, struct parts *p)
{
	const char *end = m->value.p + m->value.n;

	if (str_eq(m->key, STR("interval"))) {
		if (rapl_seconds(m->value.p, end, &l->t) != end)
			l->t = RAPL_NO_TIME;
	} else if (str_eq(m->key, STR("counter-value"))) {
		p->value = m->value;
	} else if (str_eq(m->key, STR("unit"))) {
		p->unit = m->value;
	} else if (str_eq(m->key, STR("event"))) {
		r->event = m->value;
	} else if (str_eq(m->key, STR("aggregate-number")) || str_eq(m->key, STR("counters"))) {
		number(m->value, &r->counters);
	} else if (str_eq(m->key, STR("event-runtime"))) {
		number(m->value, &r->runtime);
	} else if (str_eq(m->key, STR("variance"))) {
		r->flags |= RAPL_MEAN;
	} else if (str_eq(m->key, STR("pcnt-running")) && m->value.n > 0 &&
		   (m->value.n < 3 || memcmp(m->value.p, "100", 3) != 0)) {
		r->flags |= RAPL_MUX;
	} else if (!place(m, r)) {
		p->bad_place = m->value;
	}
}

static void
bad(struct rapl_line *l, const char *what, struct str s)
{
	rapl_bad(l, "%s %.*s", what, (int)(s.n < 60 ? s.n : 60), s.p);
}

static void
judge(struct rapl_reading *r, struct rapl_line *l, const struct parts *p)
{
	bool joules = str_eq(p->unit, STR("Joules"));

	r->domain = rapl_event(r->event);
	if (!joules && (r->domain == RAPL_NONE || memchr(r->event.p, '/', r->event.n) == NULL)) {
		l->is = RAPL_SKIP;
		l->n = 0;
	} else if (!joules) {
		bad(l, "no Joules unit:", r->event);
	} else if (r->domain == RAPL_NONE) {
		bad(l, "not a RAPL event:", r->event);
	} else if (p->bad_place.n > 0) {
		bad(l, "bad place:", p->bad_place);
	} else if (!perfstat_nothing(p->value, r) && !perfstat_number(p->value, r)) {
		bad(l, "bad value:", p->value);
	}
	if (r->value == RAPL_NOTHING)
		r->flags &= ~(unsigned)RAPL_MUX;
	perfstat_place(r);
}

void
perfstat_json(struct perfstat *st, struct str s, struct rapl_line *l)
{
	struct parts parts = { STR(""), STR(""), STR("") };
	struct json_pair m[MAXMEMBER];
	struct rapl_reading *r;
	int n, i;

	if (st->json == NULL)
		st->json = json_open();
	if ((n = json_members(st->json, repair(st, s), m, MAXMEMBER)) < 0) {
		if (memmem(s.p, s.n, "counter-value", 13) != NULL)
			rapl_bad(l, "not a JSON object");
		return;
	}
	r = rapl_add(l, RAPL_JOULES, RAPL_NONE);
	r->perf = true;
	for (i = 0; i < n; i++)
		member(&m[i], r, l, &parts);
	judge(r, l, &parts);
}
