/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/json.h"
#include "perfstat.h"

enum { STAMP_DECIMALS = 9, TABLE_DECIMALS = 2, MAX_DECIMALS = 9, MAX_DIGITS = 18 };

struct str
perfstat_trim(struct str s)
{
	while (s.n > 0 && (*s.p == ' ' || *s.p == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What stands between thousands: . , ' blank, and the no-break spaces and the apostrophe of UTF-8:
 * how many bytes, 0 where it is none. */
static size_t
group_mark(const char *p, const char *end)
{
	static const struct str marks[] = { { ".", 1 }, { ",", 1 }, { "'", 1 }, { " ", 1 },
		{ "\xe2\x80\xaf", 3 }, { "\xc2\xa0", 2 }, { "\xe2\x80\x99", 3 }, { "\xa0", 1 } };
	size_t i;

	for (i = 0; i < sizeof marks / sizeof *marks; i++)
		if ((size_t)(end - p) >= marks[i].n && memcmp(p, marks[i].p, marks[i].n) == 0)
			return marks[i].n;
	return 0;
}

bool
perfstat_number(struct str s, struct rapl_reading *r)
{
	const char *end = s.p + s.n, *mark = end, *p = s.p;
	unsigned digits = 0;
	uint64_t v = 0;
	size_t n;

	while (mark > s.p && is_digit(mark[-1]))
		mark--;
	if (mark - 1 <= s.p || mark == end || (mark[-1] != '.' && mark[-1] != ',') ||
	    end - mark > MAX_DECIMALS)
		return false;
	while (p < end) {
		if (is_digit(*p)) {
			v = v * 10 + (uint64_t)(*p++ - '0');
			if (++digits > MAX_DIGITS)
				return false;
		} else if (p == s.p || !is_digit(p[-1]) || (n = group_mark(p, end)) == 0) {
			return false;
		} else {
			p += n;
		}
	}
	n = (size_t)(end - mark);
	r->energy = (struct energy){ (energy_int)v, 0, (uint8_t)n };
	r->err = (struct energy){ 5, 0, (uint8_t)(n + 1) };
	if (mark[-1] == ',')
		r->flags |= RAPL_LOCALE;
	return true;
}

bool
perfstat_nothing(struct str s, struct rapl_reading *r)
{
	bool counted = str_eq(s, STR("<not counted>"));

	if (!counted && !str_eq(s, STR("<not supported>")))
		return false;
	r->value = RAPL_NOTHING;
	r->flags |= counted ? RAPL_NOTCOUNTED : RAPL_NOTSUPPORTED;
	return true;
}

void
perfstat_place(struct rapl_reading *r)
{
	if (r->domain != RAPL_CORE && r->place.die != RAPL_NOWHERE)
		rapl_place_core(&r->place, r->place.socket, r->place.die, RAPL_NOWHERE);
	if (r->place.cpu != RAPL_NOWHERE)
		r->counters = 1;
}

/* The time stamp at the start of a line: nine decimals, unlike any count, and something behind it.
 */
static const char *
stamp(const char *s, const char *end, int64_t *t)
{
	const char *point = s, *p;
	int64_t ns;

	while (point < end && is_digit(*point))
		point++;
	if (end - point <= STAMP_DECIMALS + 1 || *point != '.' || point == s)
		return s;
	if ((p = rapl_seconds(s, end, &ns)) != point + 1 + STAMP_DECIMALS || is_digit(*p) ||
	    (end - p > 8 && memcmp(p, " seconds", 8) == 0))
		return s;
	*t = ns;
	return p;
}

/* The next word: s goes behind it. */
static struct str
word(struct str *s)
{
	struct str w;

	*s = perfstat_trim(*s);
	w.p = s->p;
	for (w.n = 0; w.n < s->n && s->p[w.n] != ' ' && s->p[w.n] != '\t';)
		w.n++;
	s->p += w.n;
	s->n -= w.n;
	return w;
}

/* Take the place, and the number of counters behind it, off the start of a table's line. */
static bool
table_place(struct str *s, struct rapl_reading *r)
{
	struct str rest = *s, w = word(&rest);
	struct rapl_place place;
	uint64_t counters;

	if (!rapl_place_parse(&place, w))
		return true;
	r->place = place;
	*s = rest;
	if (place.cpu != RAPL_NOWHERE)
		return true;
	w = word(&rest);
	if (text_u64(w.p, w.p + w.n, &counters) != w.p + w.n || counters > INT32_MAX)
		return false;
	r->counters = (int64_t)counters;
	*s = rest;
	return true;
}

/* ( +-  1.76% ) (50.00%) [100.00%] behind the event. */
static void
table_rest(struct str s, struct rapl_reading *r)
{
	const char *p = memchr(s.p, '(', s.n), *end = s.p + s.n;

	if (memmem(s.p, s.n, "+-", 2) != NULL)
		r->flags |= RAPL_MEAN;
	while (p != NULL) {
		p++;
		if (p < end && is_digit(*p) && memchr(p, '%', (size_t)(end - p)) != NULL &&
		    (end - p < 3 || memcmp(p, "100", 3) != 0))
			r->flags |= RAPL_MUX;
		p = memchr(p, '(', (size_t)(end - p));
	}
}

/* A line of a table: what stands before Joules, and what stands behind. False where it is no count
 * at all. */
static bool
table_line(struct str left, struct str right, struct rapl_line *l)
{
	struct str event = word(&right), value;
	enum rapl_domain domain = rapl_event(event);
	struct rapl_reading *r = rapl_add(l, RAPL_JOULES, domain);
	bool good = table_place(&left, r);

	value = perfstat_trim(left);
	r->event = event;
	r->perf = true;
	good = good && (perfstat_nothing(value, r) || perfstat_number(value, r)) &&
	       (r->value == RAPL_NOTHING || r->energy.ten == TABLE_DECIMALS);
	if (!good && domain == RAPL_NONE)
		return false;
	table_rest(right, r);
	perfstat_place(r);
	if (!good)
		rapl_bad(l, "bad value \"%.*s\"", (int)(value.n < 60 ? value.n : 60), value.p);
	else if (domain == RAPL_NONE)
		rapl_bad(l, "not a RAPL event: %.*s", (int)(event.n < 60 ? event.n : 60), event.p);
	return true;
}

static bool
starts(struct str s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && memcmp(s.p, with, n) == 0;
}

static bool
has(struct str s, const char *what)
{
	return memmem(s.p, s.n, what, strlen(what)) != NULL;
}

/* The number of runs in "... (3 runs):". */
static uint64_t
runs(struct str s)
{
	const char *open = memrchr(s.p, '(', s.n);
	uint64_t n;

	if (open == NULL || !has(s, " runs)") || text_u64(open + 1, s.p + s.n, &n) == NULL)
		return 0;
	return n;
}

/* Leave out what may separate fields. */
static struct str
skip_separators(struct str s)
{
	while (s.n > 0 && memchr(" \t,;:|@!/", *s.p, 10) != NULL)
		s = (struct str){ s.p + 1, s.n - 1 };
	return s;
}

/* A place, or nothing, and then a number or <not counted>: another event's count in a table or in
 * CSV of any separator; or the rest of one, such as a metric of its own. */
static bool
looks_like_count(struct str s)
{
	struct rapl_place place;
	struct str w;

	s = skip_separators(s);
	for (w = (struct str){ s.p, 0 }; w.n < s.n; w.n++)
		if (s.p[w.n] != '-' && !is_digit(s.p[w.n]) && (s.p[w.n] < 'A' || s.p[w.n] > 'Z'))
			break;
	if (rapl_place_parse(&place, w))
		s = skip_separators((struct str){ s.p + w.n, s.n - w.n });
	return s.n == 0 || is_digit(*s.p) || *s.p == '<' || *s.p == '#' || *s.p == '(';
}

/* A metric by its name, or advice that perf gives. */
static bool
is_around(struct str s)
{
	return has(s, " # ") || starts(s, "Some events weren't counted") ||
	       starts(s, "The events in group usually") || starts(s, "perf stat ...") ||
	       (starts(s, "echo ") && has(s, "/proc/sys/kernel/nmi_watchdog"));
}

/* A line without Joules: other events, the lines around the counts, or none of perf's. */
static void
other_line(struct perfstat *st, struct str s, struct rapl_line *l)
{
	const char *power = memmem(s.p, s.n, "power", 5);
	struct str rest;

	if (starts(s, "Performance counter stats for")) {
		l->is = RAPL_BLOCK;
		st->runs = runs(s);
		return;
	}
	if (has(s, " seconds time elapsed")) {
		if (rapl_seconds(s.p, s.p + s.n, &l->ns) != NULL && l->ns > 0)
			l->is = RAPL_ELAPSED;
		return;
	}
	if (!looks_like_count(s) && !is_around(s))
		return;
	l->is = RAPL_SKIP;
	if (power == NULL)
		return;
	rest = (struct str){ power, (size_t)(s.p + s.n - power) };
	rest = word(&rest);
	if (rapl_event(rest) != RAPL_NONE && memchr(rest.p, '/', rest.n) != NULL)
		rapl_bad(l, "no Joules unit: %.*s", (int)(s.n < 100 ? s.n : 100), s.p);
}

void
perfstat_line(struct perfstat *st, struct str line, struct rapl_line *l)
{
	struct str s = perfstat_trim(line);
	const char *joules, *end = s.p + s.n;

	rapl_line_init(l);
	if (s.n == 0 || *s.p == '#') {
		l->is = starts(s, "# started on") ? RAPL_RUN : RAPL_SKIP;
		return;
	}
	if (*s.p == '{') {
		perfstat_json(st, s, l);
		return;
	}
	s.p = stamp(s.p, end, &l->t);
	s.n = (size_t)(end - s.p);
	joules = memmem(s.p, s.n, "Joules", 6);
	if (joules != NULL && perfstat_csv(st, s, joules, l))
		return;
	if (joules == NULL || joules == s.p || joules[-1] != ' ' || joules + 6 >= end ||
	    joules[6] != ' ' ||
	    !table_line((struct str){ s.p, (size_t)(joules - s.p) },
		(struct str){ joules + 6, (size_t)(end - joules - 6) }, l)) {
		l->is = RAPL_UNKNOWN;
		l->n = 0;
		other_line(st, perfstat_trim(s), l);
	}
}

void
perfstat_end(struct perfstat *st)
{
	json_close(st->json);
	free(st->repaired);
}
