/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/intern.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "judge.h"
#include "mirror.h"

enum {
	HOLD = 5,             /* intervals held back at the start of a run; see settle() */
	MAX_SERIES = 1 << 16, /* the most counters of a recording */
	MAX_PENDING = 1 << 17 /* the most readings held back */
};

/* A counter and its state in the run that it was last seen in. */
struct series {
	struct meter_series id;
	uint32_t run;
	uint32_t block;                 /* the last one it was seen in */
	int64_t t;                      /* when it was last read, or its last interval ended */
	uint64_t count;                 /* the count at t */
	bool wrapped;                   /* it has wrapped, counting modulo less than 2^64 */
	struct energy total, total_err; /* the sums over its intervals */
	struct energy last; /* the previous running total, and its counters and run time */
	int64_t last_counters, last_runtime;
};

/* A reading that is held back until its interval and meaning are known. */
struct pending {
	uint32_t series;
	enum rapl_value value;
	int64_t t0, t1;
	struct energy energy, err;
	int64_t counters, runtime;
	unsigned flags;
	bool perf;
};

struct meter {
	struct meter_options opt;
	void (*emit)(void *arg, const struct meter_row *);
	void *arg;
	uint64_t flagged[RAPL_FLAGS]; /* the number of rows with each flag */
	uint64_t rows;
	uint64_t running_totals; /* the number of rows that are differences of running totals */
	/* the run */
	uint32_t run;
	enum { EMPTY, TIMED, BLOCK } mode; /* EMPTY: no readings, or register counts only */
	bool touched;                      /* a line of the run has been seen */
	bool closed;                       /* the block has ended */
	bool may_sum_up;                   /* the block may repeat the sums of the intervals */
	bool settled;                      /* it is decided what the first intervals are */
	bool totals;                       /* the readings are running totals */
	uint32_t block;                    /* the number of the last block */
	int64_t elapsed;                   /* ns that the block took; 0: not known */
	int64_t stamp, before;             /* the last two time stamps */
	unsigned stamps;                   /* the number of different time stamps */
	int64_t first[HOLD];               /* the first HOLD of them */
	unsigned zeros[RAPL_DOMAINS];      /* the trailing zero bits that all perf counts have */
	struct pending *pending;
	size_t npending, cap_pending;
	/* the counters */
	struct intern names;
	struct strbuf name;
	uint32_t guess; /* the counter that is probably next */
	struct series **series;
	size_t cap_series;
	struct arena arena; /* of series */
	struct mirror mirror;
};

static void
count_and_emit(void *meter, const struct meter_row *row)
{
	struct meter *m = meter;
	unsigned i;

	m->rows++;
	for (i = 0; i < RAPL_FLAGS; i++)
		m->flagged[i] += row->flags >> i & 1;
	m->emit(m->arg, row);
}

struct meter *
meter_new(
    const struct meter_options *opt, void (*emit)(void *, const struct meter_row *), void *arg)
{
	struct meter *m = mem_alloc(sizeof *m);

	*m = (struct meter){ .opt = *opt, .emit = emit, .arg = arg, .run = 1 };
	m->mirror = (struct mirror){ .emit = count_and_emit, .arg = m };
	memset(m->zeros, 0xff, sizeof m->zeros);
	return m;
}

void
meter_free(struct meter *m)
{
	intern_free(&m->names);
	strbuf_free(&m->name);
	arena_free(&m->arena);
	mirror_free(&m->mirror);
	free(m->series);
	free(m->pending);
	free(m);
}

uint64_t
meter_rows(const struct meter *m)
{
	return m->rows;
}

/* --- counters */

/* Add the counter that was put last into m->names. The event must live as long as the meter. */
static void
add_series(struct meter *m, const struct rapl_reading *r, struct str event)
{
	size_t n = m->names.n - 1;
	struct series *s = arena_take(&m->arena, sizeof *s);

	*s = (struct series){ .id = { (uint32_t)n, r->domain, r->place, event } };
	m->series = mem_grow(m->series, n, &m->cap_series, sizeof(struct series *));
	m->series[n] = s;
}

static bool
is_series(const struct series *s, const struct rapl_reading *r)
{
	return s->id.domain == r->domain && str_eq(s->id.event, r->event) &&
	       str_eq(rapl_place_str(&s->id.place), rapl_place_str(&r->place));
}

/* Find the counter of a reading by domain, place and event, or add it; NULL if there are too many.
 * As counters recur in the same order, the one after the last is tried first. */
static struct series *
find_series(struct meter *m, const struct rapl_reading *r)
{
	size_t n = m->names.n, at = 2 + (size_t)r->place.len;
	struct str name;
	uint32_t i;

	m->guess = m->guess + 1 < n ? m->guess + 1 : 0;
	if (m->guess < n && is_series(m->series[m->guess], r))
		return m->series[m->guess];
	strbuf_clear(&m->name);
	strbuf_putc(&m->name, (char)r->domain);
	strbuf_putc(&m->name, (char)r->place.len);
	strbuf_add(&m->name, rapl_place_str(&r->place));
	strbuf_add(&m->name, r->event);
	name = strbuf_str(&m->name);
	i = n == MAX_SERIES ? intern_find(&m->names, name) : intern_put(&m->names, name);
	if (i == INTERN_NONE)
		return NULL;
	if (i == n) {
		name = intern_str(&m->names, i);
		add_series(m, r, (struct str){ name.p + at, name.n - at });
	}
	m->guess = i;
	return m->series[i];
}

/* Forget a counter's state if it is of another run. */
static void
enter_run(const struct meter *m, struct series *s)
{
	if (s->run == m->run)
		return;
	*s = (struct series){ .id = s->id, .run = m->run, .block = s->block, .t = RAPL_NO_TIME };
}

/* --- rows */

/* Replace a running total by the difference from the one before, which has twice the error. */
static void
take_difference(struct series *s, struct pending *p)
{
	struct pending was = *p;

	if (p->value != RAPL_JOULES)
		return;
	if (s->t != RAPL_NO_TIME) {
		energy_sub(&p->energy, s->last);
		energy_add(&p->err, p->err);
		p->t0 = s->t;
		p->runtime -= s->last_runtime;
		p->counters -= p->counters > 0 ? s->last_counters : 0;
	}
	s->last = was.energy;
	s->last_counters = s->id.place.cpu == RAPL_NOWHERE ? was.counters : 0;
	s->last_runtime = was.runtime;
}

/* a / b, rounded half to even; a >= 0, b > 0. */
static int64_t
divide(int64_t a, int64_t b)
{
	int64_t q = a / b, rest = a % b;

	return q + (rest > b - rest || (rest == b - rest && (q & 1) != 0));
}

/* Set the interval from the first of these that is known: the time stamp; the block's length; the
 * length that the user gave; the counters' run time. */
static void
set_times(const struct meter *m, const struct pending *p, struct meter_row *row)
{
	int64_t counters = p->counters > 0 ? p->counters : m->opt.counters;

	row->t0 = p->t0;
	row->t1 = p->t1;
	row->dt = RAPL_NO_TIME;
	if (p->t1 != RAPL_NO_TIME) {
		if (p->t0 != RAPL_NO_TIME && p->t1 > p->t0)
			row->dt = p->t1 - p->t0;
	} else if (m->elapsed > 0) {
		row->dt = m->elapsed;
	} else if (m->opt.elapsed > 0) {
		row->dt = m->opt.elapsed;
	} else if (p->runtime > 0 && counters > 0 && divide(p->runtime, counters) > 0) {
		row->dt = divide(p->runtime, counters);
		row->flags |= RAPL_DTRUN;
	}
	if (row->dt == RAPL_NO_TIME && (row->flags & RAPL_CUT_OUT) == 0)
		row->flags |= RAPL_NODT;
	if (p->t1 == RAPL_NO_TIME && row->dt != RAPL_NO_TIME) {
		row->t0 = 0;
		row->t1 = row->dt;
	}
}

/* Set the number of counters, if it was not recorded, from their run time. */
static void
set_counters(struct meter_row *row, const struct pending *p)
{
	if (row->counters >= 0 || row->dt == RAPL_NO_TIME || p->runtime <= 0 ||
	    (row->flags & RAPL_DTRUN) != 0)
		return;
	row->counters = divide(p->runtime, row->dt);
	if (row->counters == 0)
		row->counters = -1;
}

/* Guess a register's unit from the number of trailing zero bits that all its perf counts, in 2^-32
 * J, have: the largest of 1 J, 2^-14 J and 2^-16 J that fits, a smaller one if none does. If all
 * counts are 0 it is 2^-14 J. */
static struct energy
unit_of(unsigned zeros)
{
	if (zeros >= 32 && zeros < 64)
		return (struct energy){ 1, 0, 0 };
	if (zeros >= 18)
		return (struct energy){ 1, 14, 0 };
	return (struct energy){ 1, zeros >= 16 ? 16 : (uint8_t)(32 - zeros), 0 };
}

/* Make a row of a pending reading, and pass it on. */
static void
finish(struct meter *m, struct pending p)
{
	struct series *s = m->series[p.series];
	struct meter_row row = { .run = m->run, .series = &s->id, .flags = p.flags };

	if (m->totals && m->mode == TIMED) {
		take_difference(s, &p);
		m->running_totals++;
	}
	row.counters = p.counters;
	set_times(m, &p, &row);
	set_counters(&row, &p);
	row.energy = p.energy;
	row.err = p.value == RAPL_TOTAL ? unit_of(m->zeros[s->id.domain]) : p.err;
	judge_value(&row, p.value, p.perf, m->opt.max_watts);
	if (m->mode == TIMED) {
		s->t = p.t1;
		if (row.known) {
			energy_add(&s->total, row.energy);
			energy_add(&s->total_err, row.err);
		}
	}
	mirror_row(&m->mirror, &row);
}

static void
finish_all(struct meter *m)
{
	size_t i;

	for (i = 0; i < m->npending; i++)
		finish(m, m->pending[i]);
	m->npending = 0;
}

/* --- the first intervals of a run */

/* The usual length of an interval: the upper median of the held ones, without the first. */
static int64_t
usual_length(const struct meter *m)
{
	int64_t dt[HOLD] = { 0 }, v;
	unsigned n = 0, i, j;

	for (i = 1; i < HOLD && i < m->stamps; i++) {
		v = m->first[i] - m->first[i - 1];
		for (j = n++; j > 0 && dt[j - 1] > v; j--)
			dt[j] = dt[j - 1];
		dt[j] = v;
	}
	return dt[n / 2];
}

/* Flag the first interval if it is longer than one and a half usual ones: then it did not start at
 * 0, because the input is a part of a longer recording. */
static void
flag_cut(struct meter *m)
{
	size_t i;

	if (m->stamps < 3 || (energy_int)2 * m->first[0] <= (energy_int)3 * usual_length(m))
		return;
	for (i = 0; i < m->npending; i++) {
		if (m->pending[i].t1 != m->first[0] || m->pending[i].value == RAPL_TOTAL)
			continue;
		m->pending[i].t0 = RAPL_NO_TIME;
		m->pending[i].flags |= RAPL_CUT_OUT;
	}
}

/* The number, from 1, of the held interval that ends at t. */
static unsigned
stamp_number(const struct meter *m, int64_t t)
{
	unsigned i;

	for (i = 0; i + 1 < HOLD && m->first[i] != t; i++)
		;
	return i + 1;
}

/* Is v within a tenth of a * b / c? */
static bool
near(int64_t v, int64_t a, int64_t b, int64_t c)
{
	energy_int is = (energy_int)v * c, want = (energy_int)a * b;

	return is <= want + want / 10 && is >= want - want / 10;
}

/* Does a reading look like a running total, compared with its counter's first, in s->last? */
static bool
looks_total(const struct meter *m, const struct series *s, const struct pending *p)
{
	int64_t n = stamp_number(m, p->t1);

	if (energy_cmp(p->energy, s->last) < 0)
		return false;
	if (p->counters > 0 && s->id.place.cpu == RAPL_NOWHERE)
		return p->counters == n * s->last_counters;
	return p->runtime > 0 && p->runtime / 3 >= s->last_runtime / 2 &&
	       near(p->runtime, s->last_runtime, p->t1, m->first[0]);
}

/*
 * Are the readings running totals? perf stat report of 6.12 prints these instead of intervals. The
 * column of counters shows it, which grows 1 2 3; or the run time, which grows with the time stamp.
 * Keeps each counter's first reading in its series, for forget() to remove.
 */
static bool
are_totals(const struct meter *m)
{
	const struct pending *p;
	struct series *s;
	bool found = false;
	size_t i;

	for (i = 0; i < m->npending; i++) {
		p = &m->pending[i];
		s = m->series[p->series];
		if (p->value != RAPL_JOULES || !p->perf)
			continue;
		if (p->t1 == m->first[0]) {
			if ((p->flags & RAPL_CUT_OUT) != 0)
				return false;
			s->last = p->energy;
			s->last_counters = p->counters;
			s->last_runtime = p->runtime;
		} else if (s->last_counters == 0 || !looks_total(m, s, p)) {
			return false;
		} else {
			found = true;
		}
	}
	return found;
}

/* Remove what are_totals() kept. */
static void
forget(struct meter *m)
{
	struct series *s;
	size_t i;

	for (i = 0; i < m->npending; i++) {
		s = m->series[m->pending[i].series];
		s->last = (struct energy){ 0 };
		s->last_counters = s->last_runtime = 0;
	}
}

/* Decide, once in a run, whether the first interval is cut and whether the readings are running
 * totals; then finish what is pending. */
static void
settle(struct meter *m)
{
	if (!m->settled) {
		flag_cut(m);
		m->totals = are_totals(m);
		forget(m);
	}
	m->settled = true;
	finish_all(m);
}

/* --- runs and blocks */

static void
new_run(struct meter *m)
{
	mirror_end_run(&m->mirror);
	m->run++;
	m->mode = EMPTY;
	m->touched = m->closed = m->may_sum_up = m->settled = m->totals = false;
	m->stamp = m->before = 0;
	m->stamps = 0;
	m->elapsed = 0;
}

/* Does the pending block repeat the sums of this run's intervals? */
static bool
sums_up(const struct meter *m)
{
	const struct pending *p;
	const struct series *s;
	struct energy err;
	size_t i;

	for (i = 0; i < m->npending; i++) {
		p = &m->pending[i];
		s = m->series[p->series];
		err = p->err;
		if (p->flags & RAPL_SUMMARY || p->value == RAPL_NOTHING)
			continue;
		if (s->t == RAPL_NO_TIME || !energy_add(&err, s->total_err) ||
		    !energy_near(p->energy, s->total, err))
			return false;
	}
	return true;
}

/* Make a reading the sum of the intervals so far, of which the first started at 0. */
static void
sum_up(const struct meter *m, struct pending *p)
{
	p->flags |= RAPL_SUMMARY;
	if (m->elapsed > 0)
		return;
	p->t0 = 0;
	p->t1 = m->stamp;
}

/* Finish a block: it is the summary of the intervals before it, or a run of its own. */
static void
close_block(struct meter *m)
{
	bool summary = m->may_sum_up && sums_up(m);
	int64_t elapsed = m->elapsed;
	size_t i;

	if (m->may_sum_up && !summary) {
		new_run(m);
		m->elapsed = elapsed;
	}
	for (i = 0; i < m->npending; i++) {
		if (summary)
			sum_up(m, &m->pending[i]);
		else
			enter_run(m, m->series[m->pending[i].series]);
	}
	finish_all(m);
	m->closed = m->touched = true;
}

void
meter_end(struct meter *m)
{
	if (m->mode == BLOCK)
		close_block(m);
	else if (m->mode == TIMED)
		settle(m);
	mirror_end_run(&m->mirror);
}

static void
next_run(struct meter *m)
{
	meter_end(m);
	new_run(m);
}

/* Expect a block: perf stat's counts of a whole run. */
static void
start_block(struct meter *m)
{
	if (m->mode == TIMED)
		m->may_sum_up = true;
	else if (m->touched)
		next_run(m);
	m->touched = true;
}

/* Advance the clock to t. Another run starts if t is before the last time stamp or follows a block.
 * With no_zero, the first interval does not start at 0 (the clock is not the recording's). */
static void
advance(struct meter *m, int64_t t, bool no_zero)
{
	if (m->mode == BLOCK || (m->mode == TIMED && t < m->stamp))
		next_run(m);
	if (m->mode == TIMED && t == m->stamp)
		return;
	if (m->stamps == HOLD && !m->settled)
		settle(m);
	if (m->mode == EMPTY) {
		m->before = no_zero ? RAPL_NO_TIME : 0;
		if (no_zero && m->opt.interval > 0)
			m->before = t - m->opt.interval;
		m->settled = no_zero;
	} else {
		m->before = m->stamp;
	}
	m->mode = TIMED;
	m->touched = true;
	m->stamp = t;
	if (m->stamps < HOLD)
		m->first[m->stamps] = t;
	m->stamps++;
}

/* Enter the block of a reading without a time: a new one unless a block is open. */
static void
enter_block(struct meter *m, const struct rapl_reading *r)
{
	bool summary = m->may_sum_up || (r->flags & RAPL_SUMMARY) != 0;

	if (m->mode == TIMED) {
		settle(m);
		if (!summary)
			next_run(m);
		m->may_sum_up = summary;
	} else if (m->closed) {
		next_run(m);
	}
	if (m->mode != BLOCK)
		m->block++;
	m->mode = BLOCK;
}

/* --- readings; each returns a fault or NULL */

static const char too_many[] = "too many counters";
static const char no_advance[] = "time does not advance";

/* Hold back a reading; p has its series, interval, energy and error. */
static void
add_pending(struct meter *m, const struct rapl_reading *r, const struct pending *p)
{
	struct pending *new;

	m->pending = mem_grow(m->pending, m->npending, &m->cap_pending, sizeof *m->pending);
	new = &m->pending[m->npending++];
	*new = *p;
	new->counters = r->counters;
	new->runtime = r->runtime;
	new->flags = r->flags;
	new->perf = r->perf;
	new->value = r->value;
	if (m->mode == TIMED && (m->settled || m->npending == MAX_PENDING))
		settle(m);
}

/* Add a reading of energy or mean power over an interval, or one without a value. */
static const char *
add_interval(struct meter *m, const struct rapl_reading *r, int64_t t)
{
	struct pending p = { .t0 = RAPL_NO_TIME, .t1 = t, .energy = r->energy, .err = r->err };
	struct series *s;

	if ((r->flags & RAPL_NOTCOUNTED) != 0 && r->counters == 0)
		return NULL; /* a core without the package's counter */
	if (t == RAPL_NO_TIME)
		enter_block(m, r);
	else
		p.t0 = m->before;
	if ((s = find_series(m, r)) == NULL)
		return too_many;
	if (m->mode == BLOCK && s->block == m->block) {
		if (r->counters == 0)
			return NULL;
		next_run(m); /* the counter is in the block already */
		m->block++;
		m->mode = BLOCK;
	}
	enter_run(m, s);
	if (m->mode == BLOCK)
		s->block = m->block;
	m->touched = true;
	p.series = s->id.index;
	add_pending(m, r, &p);
	return NULL;
}

/* Add a perf count, which runs since the start of the recording. */
static const char *
add_total(struct meter *m, const struct rapl_reading *r, int64_t t)
{
	struct pending p = { .t1 = t };
	struct series *s = find_series(m, r);
	unsigned zeros = r->count == 0 ? 64 : (unsigned)__builtin_ctzll(r->count);

	if (s == NULL)
		return too_many;
	enter_run(m, s);
	if (s->t != RAPL_NO_TIME && t <= s->t)
		return no_advance;
	p.series = s->id.index;
	p.t0 = s->t == RAPL_NO_TIME ? 0 : s->t;
	p.energy = (struct energy){ (int64_t)(r->count - s->count), 32, 0 };
	s->t = t;
	s->count = r->count;
	if (zeros < m->zeros[r->domain])
		m->zeros[r->domain] = zeros;
	add_pending(m, r, &p);
	return NULL;
}

/* Add the count of a register. The first one in a run makes no row. */
static const char *
add_count(struct meter *m, const struct rapl_reading *r, int64_t t)
{
	struct series *s = find_series(m, r);
	struct meter_row row;
	bool first, was_wide;

	if (s == NULL)
		return too_many;
	first = s->run != m->run;
	enter_run(m, s);
	if (!first && t != RAPL_NO_TIME && t <= s->t)
		return no_advance;
	was_wide = s->wrapped && r->wrap == 0;
	row = (struct meter_row){ .run = m->run,
		.series = &s->id,
		.t0 = s->t,
		.t1 = t,
		.dt = RAPL_NO_TIME,
		.counters = r->counters,
		.flags = r->flags,
		.count = r->count };
	if (t != RAPL_NO_TIME && s->t != RAPL_NO_TIME)
		row.dt = t - s->t;
	if (!first)
		judge_register(&row, r, s->count, m->opt.max_watts);
	s->t = t;
	s->count = r->count;
	s->wrapped = r->wrap != 0 && (s->wrapped || (row.flags & RAPL_WRAP) != 0);
	m->touched = true;
	if (!first)
		mirror_row(&m->mirror, &row);
	return was_wide ? "the register has 64 bits: what was taken for a wrap was a reset" : NULL;
}

static const char *
add_reading(struct meter *m, const struct rapl_reading *r, int64_t t)
{
	switch (r->value) {
	case RAPL_COUNT:
		return add_count(m, r, t);
	case RAPL_TOTAL:
		return add_total(m, r, t);
	default:
		return add_interval(m, r, t);
	}
}

void
meter_line(struct meter *m, struct rapl_line *l)
{
	const char *fault = NULL, *f;
	unsigned i;

	if (l->t != RAPL_NO_TIME && (l->n == 0 || l->reading[0].value != RAPL_COUNT))
		advance(m, l->t, l->no_zero);
	switch (l->kind) {
	case RAPL_RUN:
		if (m->touched)
			next_run(m);
		break;
	case RAPL_BLOCK:
		start_block(m);
		break;
	case RAPL_ELAPSED:
		m->elapsed = l->ns;
		if (m->mode == BLOCK)
			close_block(m);
		break;
	default:
		for (i = 0; i < l->n; i++)
			if ((f = add_reading(m, &l->reading[i], l->t)) != NULL)
				fault = f;
	}
	if (fault != NULL)
		rapl_bad(l, fault, STR(""));
}

/* --- remarks */

uint64_t
meter_remark(const struct meter *m, unsigned i, const char **what, bool *doubt)
{
	static const struct {
		unsigned flag;
		bool doubt;
		const char *what;
	} flags[] = { { RAPL_RESET, true, "reset: the energy since the last reading is not known" },
		{ RAPL_AMBIGUOUS, true, "ambig: the counter may have wrapped more often" },
		{ RAPL_IMPLAUSIBLE, true, "implausible: more than --max-watts" },
		{ RAPL_TOO_LONG, true,
		    "long: in more than 163.84 s perf may miss a wrap, above 200 W" },
		{ RAPL_MIRROR, true,
		    "mirror: a second view of a counter, not in totals and wide tables" },
		{ RAPL_UNNAMED, true,
		    "unnamed: taken for a package, may be psys; use --zone=ID=NAME" },
		{ RAPL_NODT, false,
		    "nodt: no time, hence no power, or no energy if power was recorded; use "
		    "--elapsed, --counters or --interval" },
		{ RAPL_MEAN, false, "mean of the runs of perf stat -r" } };
	const unsigned n = sizeof flags / sizeof *flags;
	uint64_t count;

	if (i < n) {
		count = m->flagged[__builtin_ctz(flags[i].flag)];
		*what = flags[i].what;
		*doubt |= flags[i].doubt && count > 0;
		return count;
	}
	*what = i == n ? "running totals, as perf stat report 6.12 prints them: differences are "
			 "taken"
		       : "mirror, but with a different energy";
	*doubt |= i > n && m->mirror.contradictions > 0;
	return i == n ? m->running_totals : m->mirror.contradictions;
}
