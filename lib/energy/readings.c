/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/perfmagic.h"
#include "readings.h"

void
readings_init(struct readings *rs, struct input *in, const struct readings_options *opt)
{
	*rs = (struct readings){ .lines = { .in = in }, .rec = { .in = in } };
	powercap_init(&rs->powercap, &opt->units, &opt->names);
	rdmsr_init(&rs->rdmsr, &opt->units, &opt->bare, opt->interval);
	turbostat_init(&rs->turbostat, opt->interval);
	if (opt->bare.n > 0)
		rs->form = READINGS_RDMSR;
}

void
readings_free(struct readings *rs)
{
	strbuf_free(&rs->event);
	perfstat_free(&rs->perf);
	powercap_free(&rs->powercap);
}

bool
readings_is_text(struct input *in, struct fault *fault)
{
	if (input_fill(in, 8) >= 8 && perf_magic(input_at(in), 8) != PERF_MAGIC_NONE)
		return fault_set(fault,
		    "%s: a perf.data file: perf2rec turns what perf stat record put into one into "
		    "records, which rapl2csv reads; RAPL counters cannot be sampled",
		    in->name);
	return true;
}

struct str
readings_base(const struct readings *rs)
{
	bool registers =
	    rs->form == READINGS_RDMSR && (rs->rdmsr.bare->n == 0 || rs->rdmsr.stamped);
	bool epoch = rs->form == READINGS_POWERCAP || registers ||
		     (rs->form == READINGS_TURBOSTAT && rs->turbostat.time >= 0);

	return epoch ? STR("epoch") : STR("start");
}

uint64_t
readings_number(const struct readings *rs)
{
	return rs->form == READINGS_RECORDS ? rs->rec.line : rs->lines.n;
}

/* --- records */

/* perf's RAPL counts are in units of 2^-32 J. */
static bool
is_scale(struct str s)
{
	char d[64];

	if (s.n >= sizeof d)
		return false;
	memcpy(d, s.p, s.n);
	d[s.n] = '\0';
	return strtod(d, NULL) == 0x1p-32;
}

/* Place a counter: a package's without the core, and without the die if there is one per socket. */
static void
set_place(struct rapl_place *place, const struct rec *r, enum rapl_domain domain)
{
	const struct rec_count *c = &r->count;

	if (c->socket == REC_NO_ID)
		rapl_place_cpu(place, r->cpu);
	else if (domain == RAPL_CORE)
		rapl_place_core(place, c->socket, c->die, c->core);
	else
		rapl_place_core(
		    place, c->socket, str_eq(c->scope, STR("socket")) ? -1 : c->die, RAPL_NOWHERE);
}

/* A text field of a record without its escapes. */
static struct str
unescaped(struct strbuf *b, struct str field)
{
	strbuf_clear(b);
	b->n = text_unescape(strbuf_reserve(b, field.n), field);
	return strbuf_str(b);
}

/* Read a perf count of joules. */
static void
set_count(struct readings *rs, const struct rec *r, struct rapl_line *l)
{
	const struct rec_count *c = &r->count;
	enum rapl_domain domain = rapl_event(c->event);
	struct rapl_reading *reading;

	rapl_line_init(l);
	l->kind = RAPL_SKIP;
	if (!str_eq(c->unit, STR("Joules")))
		return;
	if (domain == RAPL_NONE) {
		rapl_bad(l, "not a RAPL event", c->event);
	} else if (r->t < 0) {
		rapl_bad(l, "a count from before counting began", STR(""));
	} else if (!is_scale(c->scale)) {
		rapl_bad(l, "the scale is not the 2^-32 J of RAPL's counts", c->scale);
	} else {
		reading = rapl_add(l, RAPL_TOTAL, domain);
		l->t = r->t;
		reading->event = unescaped(&rs->event, c->event);
		reading->perf = true;
		reading->count = c->value;
		reading->counters = 1;
		if (c->running != c->enabled)
			reading->flags |= RAPL_MUX;
		set_place(&reading->place, r, domain);
	}
}

static bool
next_record(struct readings *rs, struct rapl_line *l)
{
	struct rec r;

	while (rec_next(&rs->rec, &r)) {
		if (r.kind == REC_COUNT) {
			set_count(rs, &r, l);
			return true;
		}
		if (rs->copy != NULL)
			rec_copy(rs->copy, &r);
	}
	return false;
}

/* Does the input start with a known kind of record and a tab? */
static bool
is_records(struct input *in)
{
	size_t n = input_fill(in, 32);
	const char *p = (const char *)input_at(in), *tab;

	n = n < 32 ? n : 32;
	tab = memchr(p, '\t', n);
	return tab != NULL && rec_kind_named(p, (size_t)(tab - p)) != REC_OTHER;
}

/* --- text */

static bool
is_certain(const struct rapl_line *l)
{
	return l->kind != RAPL_UNKNOWN && l->kind != RAPL_SKIP;
}

static void
parse(struct readings *rs, enum readings_form form, struct str s, struct rapl_line *l)
{
	rapl_line_init(l);
	if (s.n == 0) {
		l->kind = RAPL_SKIP;
		return;
	}
	switch (form) {
	case READINGS_POWERCAP:
		powercap_line(&rs->powercap, s, l);
		break;
	case READINGS_RDMSR:
		rdmsr_line(&rs->rdmsr, s, l);
		break;
	case READINGS_TURBOSTAT:
		turbostat_line(&rs->turbostat, s, l);
		break;
	default:
		perfstat_line(&rs->perf, s, l);
	}
}

/* Try every form. A line that may be perf's is returned as such: it may have a time stamp. */
static void
find_form(struct readings *rs, struct str s, struct rapl_line *l)
{
	enum readings_form form;

	for (form = READINGS_TURBOSTAT; form > READINGS_UNKNOWN; form--) {
		parse(rs, form, s, l);
		if (is_certain(l)) {
			rs->form = form;
			return;
		}
	}
	if (l->kind == RAPL_UNKNOWN)
		l->kind = RAPL_SKIP;
}

static void
bad_line(struct rapl_line *l, enum lines_kind kind)
{
	rapl_line_init(l);
	if (kind == LINES_LONG)
		rapl_bad(l, "line is longer than 64 KiB", STR(""));
	else if (kind == LINES_NUL)
		rapl_bad(l, "NUL byte", STR(""));
	else
		rapl_bad(l, "line is cut short", STR(""));
}

bool
readings_next(struct readings *rs, struct rapl_line *l)
{
	enum lines_kind kind;
	struct str s;

	if (rs->lines.n == 0 && rs->form == READINGS_UNKNOWN && is_records(rs->lines.in))
		rs->form = READINGS_RECORDS;
	if (rs->form == READINGS_RECORDS)
		return next_record(rs, l);
	if ((kind = lines_next(&rs->lines, &s)) == LINES_END)
		return false;
	if (kind != LINES_TEXT) {
		bad_line(l, kind);
		if (rs->form == READINGS_UNKNOWN && kind != LINES_CUT)
			l->kind = RAPL_SKIP;
	} else if (rs->form == READINGS_UNKNOWN) {
		find_form(rs, s, l);
	} else {
		parse(rs, rs->form, s, l);
		if (l->kind == RAPL_UNKNOWN)
			rapl_bad(l, "cannot parse", s);
	}
	return true;
}
