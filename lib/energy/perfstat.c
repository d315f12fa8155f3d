/* SPDX-License-Identifier: MIT */

#include "perfstat.h"
#include "base/json.h"

enum { STAMP_DECIMALS = 9, TABLE_DECIMALS = 2, MAX_DECIMALS = 9, MAX_DIGITS = 18 };
enum { JOULES = 6 }; /* the length of the word */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
has(struct str s, const char *what)
{
	return memmem(s.p, s.n, what, strlen(what)) != NULL;
}

/* The part from p to the end of s. */
static struct str
rest_from(struct str s, const char *p)
{
	return (struct str){ p, (size_t)(s.p + s.n - p) };
}

/* --- numbers */

/* The length of a mark between thousands at p: . , ' blank, or UTF-8's no-break spaces and
 * apostrophe; 0 if there is none. */
static size_t
group_mark(const char *p, const char *end)
{
	static const struct str marks[] = { STR_INIT("."), STR_INIT(","), STR_INIT("'"),
		STR_INIT(" "), STR_INIT("\xe2\x80\xaf"), STR_INIT("\xc2\xa0"),
		STR_INIT("\xe2\x80\x99"), STR_INIT("\xa0") };
	size_t i;

	for (i = 0; i < sizeof marks / sizeof *marks; i++)
		if ((size_t)(end - p) >= marks[i].n && memcmp(p, marks[i].p, marks[i].n) == 0)
			return marks[i].n;
	return 0;
}

/* Parse Joules with a decimal mark, . or , and marks between thousands. Sets the reading's energy
 * and error; false if s is not such a number. */
static bool
parse_joules(struct str s, struct rapl_reading *r)
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

/* Parse <not counted> or <not supported>. */
static bool
parse_nothing(struct str s, struct rapl_reading *r)
{
	bool counted = str_eq(s, STR("<not counted>"));

	if (!counted && !str_eq(s, STR("<not supported>")))
		return false;
	r->value = RAPL_NOTHING;
	r->flags |= counted ? RAPL_NOTCOUNTED : RAPL_NOTSUPPORTED;
	return true;
}

/* Parse the value of a table or of CSV. */
static bool
parse_value(struct str s, struct rapl_reading *r)
{
	return parse_nothing(s, r) || (parse_joules(s, r) && r->energy.ten == TABLE_DECIMALS);
}

/* The part of the time that an event counted is not all of it. */
static bool
is_part(struct str percent)
{
	return percent.n > 0 && !str_starts(percent, "100");
}

/* Correct the place: perf prints a package's counter as its first core's. */
static void
finish_place(struct rapl_reading *r)
{
	if (r->domain != RAPL_CORE && r->place.die != RAPL_NOWHERE)
		rapl_place_core(&r->place, r->place.socket, r->place.die, RAPL_NOWHERE);
	if (r->place.cpu != RAPL_NOWHERE)
		r->counters = 1;
}

/* --- tables */

/* Take the place, and the number of counters that follows it, off the start of a line. */
static bool
table_place(struct str *s, struct rapl_reading *r)
{
	struct str rest = *s, w = str_word(&rest);
	struct rapl_place place;
	uint64_t counters;

	if (!rapl_place_parse(&place, w))
		return true;
	r->place = place;
	if (place.cpu == RAPL_NOWHERE) {
		if (!rapl_number(str_word(&rest), INT32_MAX, &counters))
			return false;
		r->counters = (int64_t)counters;
	}
	*s = rest;
	return true;
}

/* Parse what follows the event: ( +-  1.76% ) (50.00%) [100.00%]. */
static void
table_rest(struct str s, struct rapl_reading *r)
{
	const char *p = memchr(s.p, '(', s.n), *end = s.p + s.n;

	if (has(s, "+-"))
		r->flags |= RAPL_MEAN;
	while (p != NULL) {
		s = rest_from(s, p + 1);
		if (s.n > 0 && is_digit(*s.p) && memchr(s.p, '%', s.n) != NULL && is_part(s))
			r->flags |= RAPL_MUX;
		p = memchr(s.p, '(', (size_t)(end - s.p));
	}
}

/* Parse a line of a table, given the parts before and after Joules; false if it is not a count. */
static bool
table_line(struct str left, struct str right, struct rapl_line *l)
{
	struct str event = str_word(&right), value;
	enum rapl_domain domain = rapl_event(event);
	struct rapl_reading *r = rapl_add(l, RAPL_JOULES, domain);
	bool good = table_place(&left, r);

	value = str_trim(left);
	r->event = event;
	r->perf = true;
	good = good && parse_value(value, r);
	if (!good && domain == RAPL_NONE)
		return false;
	table_rest(right, r);
	finish_place(r);
	if (!good)
		rapl_bad(l, "bad value", value);
	else if (domain == RAPL_NONE)
		rapl_bad(l, "not a RAPL event", event);
	return true;
}

/* --- CSV:
 * [time,][summary,][place,[counters,]]value,Joules,event[,cgroup][,noise%],runtime,percent,
 * [metric,][metric unit] */

enum { MAXFIELD = 24 };

struct fields {
	struct str f[MAXFIELD];
	int n, unit; /* the number of fields, and the index of Joules */
	bool comma;  /* a decimal comma looks like a separator */
	int i;       /* the next field to look at */
};

/* Find the separator: what surrounds Joules, if it is the same on both sides and not blank. */
static bool
find_separator(struct perfstat *st, struct str s, const char *joules)
{
	const char *p = joules + JOULES, *end = s.p + s.n;
	size_t n = 0, left = (size_t)(joules - s.p);

	if (st->sep_len > 0 && left >= st->sep_len && str_starts(rest_from(s, p), st->sep) &&
	    memcmp(joules - st->sep_len, st->sep, st->sep_len) == 0)
		return true;
	while (p + n < end && n < PERFSTAT_SEP - 1 && p[n] != ' ' && p[n] != '<' && p[n] != '"' &&
	       !is_digit(p[n]) && !(p[n] >= 'a' && p[n] <= 'z') && !(p[n] >= 'A' && p[n] <= 'Z'))
		n++;
	if (n == 0 || left < n || memcmp(joules - n, p, n) != 0)
		return false;
	memcpy(st->sep, p, n);
	st->sep[n] = '\0';
	st->sep_len = n;
	return true;
}

/* Cut the line into fields; false if there are too many. */
static bool
split(const struct perfstat *st, struct str s, const char *joules, struct fields *f)
{
	const char *p = s.p, *end = s.p + s.n, *sep;

	f->unit = -1;
	f->comma = st->sep_len == 1 && *st->sep == ',';
	for (;;) {
		if (f->n == MAXFIELD)
			return false;
		sep = st->sep_len == 1 ? memchr(p, *st->sep, (size_t)(end - p))
				       : memmem(p, (size_t)(end - p), st->sep, st->sep_len);
		if (p == joules)
			f->unit = f->n;
		f->f[f->n++] = (struct str){ p, (size_t)((sep == NULL ? end : sep) - p) };
		if (sep == NULL)
			return f->unit >= 0;
		p = sep + st->sep_len;
	}
}

static bool
is_digits(struct str s)
{
	size_t i;

	for (i = 0; i < s.n && is_digit(s.p[i]);)
		i++;
	return s.n > 0 && i == s.n;
}

/* Take the place and the number of counters that were added up there. */
static bool
take_place(struct fields *f, struct rapl_reading *r, struct rapl_line *l)
{
	struct rapl_place place;
	uint64_t counters;

	if (f->i == f->unit || !rapl_place_parse(&place, str_trim(f->f[f->i])))
		return true;
	r->place = place;
	f->i++;
	if (place.cpu != RAPL_NOWHERE)
		return true;
	if (f->i == f->unit || !rapl_number(str_trim(f->f[f->i]), INT32_MAX, &counters))
		return rapl_bad(l, "no number of counters after the place", f->f[f->i - 1]);
	r->counters = (int64_t)counters;
	f->i++;
	return true;
}

/* Take the value, which a decimal comma cuts in two. */
static bool
take_value(struct fields *f, struct rapl_reading *r, struct rapl_line *l)
{
	struct str s = f->f[f->i], last = f->f[f->unit - (f->unit > 0)];
	int n = f->unit - f->i;

	if (n == 0)
		return rapl_bad(l, "no value", STR(""));
	if (n > 2 || (n == 2 && !(f->comma && is_digits(str_trim(s)) && is_digits(last) &&
				    last.n == TABLE_DECIMALS)))
		return rapl_bad(l, "unexpected field", s);
	s = str_trim((struct str){ s.p, (size_t)(last.p + last.n - s.p) });
	return parse_value(s, r) || rapl_bad(l, "bad value", s);
}

/* Take the event; one with terms has commas in it. */
static bool
take_event(struct fields *f, struct rapl_reading *r, struct rapl_line *l)
{
	const char *slash;
	struct str s;

	f->i = f->unit + 1;
	if (f->i == f->n)
		return rapl_bad(l, "no event", STR(""));
	s = f->f[f->i++];
	slash = memchr(s.p, '/', s.n);
	while (slash != NULL && f->i < f->n && memrchr(s.p, '/', s.n) == slash) {
		s.n = (size_t)(f->f[f->i].p + f->f[f->i].n - s.p);
		f->i++;
	}
	r->event = str_trim(s);
	r->domain = rapl_event(r->event);
	return r->domain != RAPL_NONE || rapl_bad(l, "not a RAPL event", r->event);
}

static bool
is_noise(struct str s)
{
	return s.n > 0 && s.p[s.n - 1] == '%';
}

/* Take what follows the event: a cgroup, the noise of several runs, the run time and its part of
 * the time enabled. */
static void
take_rest(struct fields *f, struct rapl_reading *r)
{
	uint64_t ns;

	if (f->i < f->n && !is_digits(f->f[f->i]) && !is_noise(f->f[f->i]))
		f->i++;
	if (f->i + 1 < f->n && f->comma && is_digits(f->f[f->i]) && is_noise(f->f[f->i + 1]))
		f->i++;
	if (f->i < f->n && is_noise(f->f[f->i])) {
		r->flags |= RAPL_MEAN;
		f->i++;
	}
	if (f->i < f->n && rapl_number(f->f[f->i++], INT64_MAX, &ns))
		r->runtime = (int64_t)ns;
	if (f->i < f->n && r->value == RAPL_JOULES && is_part(f->f[f->i]))
		r->flags |= RAPL_MUX;
}

/* Parse a line with Joules in it as CSV; false if Joules is not a field of its own. */
static bool
csv_line(struct perfstat *st, struct str s, const char *joules, struct rapl_line *l)
{
	struct rapl_reading *r;
	struct fields f = { .n = 0 };

	if (!find_separator(st, s, joules))
		return false;
	if (l->t != RAPL_NO_TIME && str_starts(s, st->sep))
		s = rest_from(s, s.p + st->sep_len);
	if (!split(st, s, joules, &f)) {
		rapl_bad(l, "too many fields", s);
		return true;
	}
	r = rapl_add(l, RAPL_JOULES, RAPL_NONE);
	r->perf = true;
	if (str_eq(str_trim(f.f[0]), STR("summary"))) {
		r->flags |= RAPL_SUMMARY;
		f.i++;
	}
	if (take_place(&f, r, l) && take_value(&f, r, l) && take_event(&f, r, l)) {
		take_rest(&f, r);
		finish_place(r);
	}
	return true;
}

/* --- JSON: an object a line; in some locales with decimal commas, which JSON does not allow */

enum { MAXMEMBER = 32 };

/* Replace each comma between two digits outside strings by a point. */
static struct str
repair(struct perfstat *st, struct str s)
{
	bool string = false;
	size_t i;

	strbuf_clear(&st->repaired);
	for (i = 1; i + 1 < s.n; i++) {
		if (s.p[i] == '"' && s.p[i - 1] != '\\')
			string = !string;
		if (string || s.p[i] != ',' || !is_digit(s.p[i - 1]) || !is_digit(s.p[i + 1]))
			continue;
		if (st->repaired.n == 0)
			strbuf_add(&st->repaired, s);
		st->repaired.p[i] = '.';
	}
	return st->repaired.n > 0 ? strbuf_str(&st->repaired) : s;
}

/* Parse a member that says where the counter is: "core" : "S0-D0-C1", "cpu" : "1". */
static bool
json_place(const struct json_pair *m, struct rapl_reading *r)
{
	static const struct str names[] = { STR_INIT("core"), STR_INIT("die"), STR_INIT("socket"),
		STR_INIT("node"), STR_INIT("cache"), STR_INIT("cluster") };
	int32_t cpu;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(m->key, names[i]))
			return rapl_place_parse(&r->place, m->value);
	if (!str_eq(m->key, STR("cpu")))
		return true;
	if (!rapl_id(m->value, &cpu))
		return false;
	rapl_place_cpu(&r->place, cpu);
	return true;
}

/* The members that matter only if the object is about energy. */
struct parts {
	struct str value, unit;
	struct str bad_place; /* empty if the place is good */
};

static void
json_member(const struct json_pair *m, struct rapl_reading *r, struct rapl_line *l, struct parts *p)
{
	const char *end = m->value.p + m->value.n;
	uint64_t v;

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
		if (rapl_number(m->value, INT32_MAX, &v))
			r->counters = (int64_t)v;
	} else if (str_eq(m->key, STR("event-runtime"))) {
		if (rapl_number(m->value, INT64_MAX, &v))
			r->runtime = (int64_t)v;
	} else if (str_eq(m->key, STR("variance"))) {
		r->flags |= RAPL_MEAN;
	} else if (str_eq(m->key, STR("pcnt-running"))) {
		r->flags |= is_part(m->value) ? RAPL_MUX : 0;
	} else if (!json_place(m, r)) {
		p->bad_place = m->value;
	}
}

static void
json_finish(struct rapl_reading *r, struct rapl_line *l, const struct parts *p)
{
	bool joules = str_eq(p->unit, STR("Joules"));

	r->domain = rapl_event(r->event);
	if (!joules && (r->domain == RAPL_NONE || memchr(r->event.p, '/', r->event.n) == NULL)) {
		l->kind = RAPL_SKIP;
		l->n = 0;
	} else if (!joules) {
		rapl_bad(l, "no Joules unit", r->event);
	} else if (r->domain == RAPL_NONE) {
		rapl_bad(l, "not a RAPL event", r->event);
	} else if (p->bad_place.n > 0) {
		rapl_bad(l, "bad place", p->bad_place);
	} else if (!parse_nothing(p->value, r) && !parse_joules(p->value, r)) {
		rapl_bad(l, "bad value", p->value);
	}
	if (r->value == RAPL_NOTHING)
		r->flags &= ~(unsigned)RAPL_MUX;
	finish_place(r);
}

static void
json_line(struct perfstat *st, struct str s, struct rapl_line *l)
{
	struct parts parts = { STR(""), STR(""), STR("") };
	struct json_pair m[MAXMEMBER];
	struct rapl_reading *r;
	int n, i;

	if (st->json == NULL)
		st->json = json_open();
	if ((n = json_members(st->json, repair(st, s), m, MAXMEMBER)) < 0) {
		if (has(s, "counter-value"))
			rapl_bad(l, "not a JSON object", s);
		return;
	}
	r = rapl_add(l, RAPL_JOULES, RAPL_NONE);
	r->perf = true;
	for (i = 0; i < n; i++)
		json_member(&m[i], r, l, &parts);
	json_finish(r, l, &parts);
}

/* --- other lines */

static struct str
skip_separators(struct str s)
{
	while (s.n > 0 && memchr(" \t,;:|@!/", *s.p, 10) != NULL)
		s = rest_from(s, s.p + 1);
	return s;
}

/* Is this another event's count, in a table or in CSV of any separator, or the rest of one, such as
 * a metric on a line of its own? It starts with an optional summary, an optional place, and a
 * number or <not counted>. */
static bool
looks_like_count(struct str s)
{
	struct rapl_place place;
	struct str w;

	s = skip_separators(s);
	if (str_starts(s, "summary"))
		s = skip_separators(rest_from(s, s.p + strlen("summary")));
	for (w = (struct str){ s.p, 0 }; w.n < s.n; w.n++)
		if (s.p[w.n] != '-' && !is_digit(s.p[w.n]) && (s.p[w.n] < 'A' || s.p[w.n] > 'Z'))
			break;
	if (rapl_place_parse(&place, w))
		s = skip_separators(rest_from(s, s.p + w.n));
	return s.n == 0 || is_digit(*s.p) || *s.p == '<' || *s.p == '#' || *s.p == '(';
}

/* Is this the command that somebody typed, pasted with a shell's prompt? */
static bool
is_command(struct str s)
{
	return str_starts(s, "$ ") || has(s, "$ perf stat ") || has(s, "# perf stat ") ||
	       has(s, "$ sudo perf stat ");
}

/* Is this a metric by its name, or advice that perf gives? */
static bool
is_around(struct str s)
{
	return has(s, " # ") || str_starts(s, "Some events weren't counted") ||
	       str_starts(s, "The events in group usually") || str_starts(s, "perf stat ...") ||
	       (str_starts(s, "echo ") && has(s, "/proc/sys/kernel/nmi_watchdog"));
}

/* Parse a line without Joules: another event's, one around the counts, or none of perf's. */
static void
other_line(struct str s, struct rapl_line *l)
{
	const char *power = memmem(s.p, s.n, "power", 5);
	struct str rest;

	if (str_starts(s, "Performance counter stats for")) {
		l->kind = RAPL_BLOCK;
		return;
	}
	if (has(s, " seconds time elapsed")) {
		if (rapl_seconds(s.p, s.p + s.n, &l->ns) != NULL && l->ns > 0)
			l->kind = RAPL_ELAPSED;
		return;
	}
	if (!looks_like_count(s) && !is_around(s) && !is_command(s))
		return;
	l->kind = RAPL_SKIP;
	if (power == NULL || is_command(s))
		return;
	rest = rest_from(s, power);
	rest = str_word(&rest);
	if (rapl_event(rest) != RAPL_NONE && memchr(rest.p, '/', rest.n) != NULL)
		rapl_bad(l, "no Joules unit", s);
}

/* Is a number that ends at p a time, although it does not have nine decimals? It is if a value
 * is between it and Joules, and what separates it is also what precedes Joules. Without decimals
 * it must not be the thousands or whole joules of that value. */
static bool
precedes_value(const char *p, bool decimals, const char *joules)
{
	const char *value = p;

	if (joules == NULL || p >= joules - 1 || *p != joules[-1])
		return false;
	if (!decimals && (*p == ' ' || (*p == ',' && !memchr(p, '.', (size_t)(joules - p)))))
		return false;
	while (value < joules && (*value == *p || *value == ' '))
		value++;
	return value < joules;
}

/* Parse the time stamp at the start of a line and return what follows it. perf prints nine
 * decimals, unlike those of any count; of other writers, any number will do if joules, the position
 * of that word or NULL, shows that it is no count. */
static struct str
take_stamp(struct str s, const char *joules, int64_t *t)
{
	const char *point = s.p, *end = s.p + s.n, *p;
	bool decimals;
	int64_t ns;

	while (point < end && is_digit(*point))
		point++;
	decimals = end - point > 1 && *point == '.' && is_digit(point[1]);
	p = rapl_seconds(s.p, decimals ? end : point, &ns);
	if (p == NULL || p == end || str_starts(rest_from(s, p), " seconds"))
		return s;
	if ((!decimals || p != point + 1 + STAMP_DECIMALS) && !precedes_value(p, decimals, joules))
		return s;
	*t = ns;
	return rest_from(s, p);
}

void
perfstat_line(struct perfstat *st, struct str line, struct rapl_line *l)
{
	struct str s = str_trim(line);
	const char *joules, *end = s.p + s.n;

	if (s.n == 0 || *s.p == '#') {
		l->kind = str_starts(s, "# started on") ? RAPL_RUN : RAPL_SKIP;
		return;
	}
	if (*s.p == '{') {
		json_line(st, s, l);
		return;
	}
	joules = memmem(s.p, s.n, "Joules", JOULES);
	s = take_stamp(s, joules, &l->t);
	if (joules != NULL && csv_line(st, s, joules, l))
		return;
	if (joules != NULL && joules > s.p && joules[-1] == ' ' && joules + JOULES < end &&
	    joules[JOULES] == ' ' &&
	    table_line(
		(struct str){ s.p, (size_t)(joules - s.p) }, rest_from(s, joules + JOULES), l))
		return;
	l->kind = RAPL_UNKNOWN;
	l->n = 0;
	other_line(str_trim(s), l);
}

void
perfstat_free(struct perfstat *st)
{
	json_close(st->json);
	strbuf_free(&st->repaired);
}
