/* SPDX-License-Identifier: MIT */
/* perfstat_csv - perf stat -x: [time,][summary,][place,[counters,]]value,Joules,event[,cgroup]
 * [,noise%],runtime,percent,[metric,][metric unit] */

#include "perfstat.h"

enum { JOULES = 6, MAXFIELD = 24, TABLE_DECIMALS = 2 };

struct fields {
	struct str f[MAXFIELD];
	int n, unit; /* how many; which is Joules */
	bool comma;  /* a decimal comma looks like a separator */
	int i;       /* the next one to look at */
};

/* What stands on both sides of Joules, if it is the same and no blank, separates the fields. */
static bool
find_separator(struct perfstat *st, struct str s, const char *joules)
{
	const char *p = joules + JOULES, *end = s.p + s.n;
	size_t n = 0;

	if (st->sep_len > 0 && joules - s.p >= (ptrdiff_t)st->sep_len &&
	    end - p >= (ptrdiff_t)st->sep_len && memcmp(p, st->sep, st->sep_len) == 0 &&
	    memcmp(joules - st->sep_len, st->sep, st->sep_len) == 0)
		return true;
	while (p + n < end && n < PERFSTAT_SEP - 1 && p[n] != ' ' && p[n] != '<' && p[n] != '"' &&
	       !(p[n] >= '0' && p[n] <= '9') && !(p[n] >= 'a' && p[n] <= 'z') &&
	       !(p[n] >= 'A' && p[n] <= 'Z'))
		n++;
	if (n == 0 || joules - s.p < (ptrdiff_t)n || memcmp(joules - n, p, n) != 0)
		return false;
	memcpy(st->sep, p, n);
	st->sep[n] = '\0';
	st->sep_len = n;
	return true;
}

/* Cut the line into fields; false where there are too many of them. */
static bool
split(const struct perfstat *st, struct str s, const char *joules, struct fields *f)
{
	const char *p = s.p, *end = s.p + s.n, *sep;

	f->n = f->i = 0;
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
			return true;
		p = sep + st->sep_len;
	}
}

static bool
digits(struct str s)
{
	size_t i;

	for (i = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9';)
		i++;
	return s.n > 0 && i == s.n;
}

/* The place, and how many counters were added up there. */
static bool
take_place(struct fields *f, struct rapl_reading *r, struct rapl_line *l)
{
	struct str s = perfstat_trim(f->f[f->i]);
	struct rapl_place place;
	uint64_t counters;

	if (f->i == f->unit || !rapl_place_parse(&place, s))
		return true;
	r->place = place;
	f->i++;
	if (place.cpu != RAPL_NOWHERE)
		return true;
	s = perfstat_trim(f->f[f->i]);
	if (f->i == f->unit || text_u64(s.p, s.p + s.n, &counters) != s.p + s.n ||
	    counters > INT32_MAX) {
		rapl_bad(l, "no number of counters behind %.*s", (int)place.len, place.name);
		return false;
	}
	r->counters = (int64_t)counters;
	f->i++;
	return true;
}

/* The value, which a decimal comma cuts in two. */
static bool
take_value(struct fields *f, struct rapl_reading *r, struct rapl_line *l)
{
	struct str s = f->f[f->i], next;
	int n = f->unit - f->i;

	if (n == 2 && f->comma && digits(perfstat_trim(s)) && digits(f->f[f->i + 1]) &&
	    f->f[f->i + 1].n == TABLE_DECIMALS) {
		next = f->f[f->i + 1];
		s.n = (size_t)(next.p + next.n - s.p);
	} else if (n != 1) {
		rapl_bad(l, n == 0 ? "no value" : "unexpected field \"%.*s\"",
		    (int)(s.n < 60 ? s.n : 60), s.p);
		return false;
	}
	s = perfstat_trim(s);
	if (perfstat_nothing(s, r) || (perfstat_number(s, r) && r->energy.ten == TABLE_DECIMALS))
		return true;
	rapl_bad(l, "bad value \"%.*s\"", (int)(s.n < 60 ? s.n : 60), s.p);
	return false;
}

/* The event; one with terms has commas in it. */
static bool
take_event(struct fields *f, struct rapl_reading *r, struct rapl_line *l)
{
	const char *slash;
	struct str s;

	f->i = f->unit + 1;
	if (f->i == f->n) {
		rapl_bad(l, "no event");
		return false;
	}
	s = f->f[f->i++];
	slash = memchr(s.p, '/', s.n);
	while (slash != NULL && f->i < f->n && memrchr(s.p, '/', s.n) == slash) {
		s.n = (size_t)(f->f[f->i].p + f->f[f->i].n - s.p);
		f->i++;
	}
	s = perfstat_trim(s);
	r->event = s;
	if ((r->domain = rapl_event(s)) != RAPL_NONE)
		return true;
	rapl_bad(l, "not a RAPL event: %.*s", (int)(s.n < 60 ? s.n : 60), s.p);
	return false;
}

static bool
is_noise(struct str s)
{
	return s.n > 0 && s.p[s.n - 1] == '%';
}

/* What stands behind the event: a cgroup, the noise of several runs, the run time and its part of
 * the time enabled. */
static void
take_rest(struct fields *f, struct rapl_reading *r)
{
	struct str s = { "", 0 };
	uint64_t ns;

	if (f->i < f->n && !digits(f->f[f->i]) && !is_noise(f->f[f->i]))
		f->i++;
	if (f->i + 1 < f->n && f->comma && digits(f->f[f->i]) && is_noise(f->f[f->i + 1]))
		f->i++;
	if (f->i < f->n && is_noise(f->f[f->i])) {
		r->flags |= RAPL_MEAN;
		f->i++;
	}
	if (f->i < f->n)
		s = f->f[f->i++];
	if (text_u64(s.p, s.p + s.n, &ns) == s.p + s.n && ns <= INT64_MAX)
		r->runtime = (int64_t)ns;
	if (f->i < f->n && r->value == RAPL_JOULES && f->f[f->i].n > 0 &&
	    (f->f[f->i].n < 3 || memcmp(f->f[f->i].p, "100", 3) != 0))
		r->flags |= RAPL_MUX;
}

bool
perfstat_csv(struct perfstat *st, struct str s, const char *joules, struct rapl_line *l)
{
	struct rapl_reading *r;
	struct fields f = { .n = 0 };

	if (!find_separator(st, s, joules))
		return false;
	if (l->t != RAPL_NO_TIME && memcmp(s.p, st->sep, st->sep_len) == 0) {
		s.p += st->sep_len;
		s.n -= st->sep_len;
	}
	if (!split(st, s, joules, &f) || f.unit < 0) {
		rapl_bad(l, "more than %d fields", MAXFIELD);
		return true;
	}
	r = rapl_add(l, RAPL_JOULES, RAPL_NONE);
	r->perf = true;
	if (str_eq(perfstat_trim(f.f[0]), STR("summary"))) {
		r->flags |= RAPL_SUMMARY;
		f.i++;
	}
	if (take_place(&f, r, l) && take_value(&f, r, l) && take_event(&f, r, l)) {
		take_rest(&f, r);
		perfstat_place(r);
	}
	return true;
}
