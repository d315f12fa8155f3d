/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "meter.h"

void
meter_init(struct meter *m, const struct meter_options *opt,
    void (*emit)(void *, const struct meter_row *), void *arg)
{
	*m = (struct meter){ .opt = *opt, .emit = emit, .arg = arg, .run = 1 };
	memset(m->zeros, 0xff, sizeof m->zeros);
}

static bool bad(struct meter *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool
bad(struct meter *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m->why, sizeof m->why, fmt, ap);
	va_end(ap);
	return false;
}

/* --- runs and blocks */

/* The series as it is in this run. */
static void
enter_run(struct meter *m, struct meter_series *s)
{
	if (s->run == m->run)
		return;
	s->run = m->run;
	s->t = RAPL_NO_TIME;
	s->t0 = s->t1 = RAPL_NO_TIME;
	s->count = 0;
	s->wrapped = false;
	s->total = s->total_err = s->last = (struct energy){ 0 };
	s->last_counters = s->last_runtime = 0;
	s->same = 0;
	s->mirror = METER_APART;
	meter_may_mirror(m, s);
}

static void
finish_all(struct meter *m)
{
	size_t i;

	for (i = 0; i < m->npending; i++)
		meter_finish(m, &m->pending[i]);
	m->npending = 0;
}

/* Whether the pending block repeats what the intervals of this run summed up to. */
static bool
sums_up(const struct meter *m)
{
	const struct meter_series *s;
	struct energy apart, err;
	size_t i;

	for (i = 0; i < m->npending; i++) {
		s = m->series[m->pending[i].series];
		apart = m->pending[i].energy;
		err = m->pending[i].err;
		if (m->pending[i].flags & RAPL_SUMMARY || m->pending[i].value == RAPL_NOTHING)
			continue;
		if (s->t == RAPL_NO_TIME || !energy_sub(&apart, s->total) ||
		    !energy_add(&err, s->total_err))
			return false;
		apart.n = apart.n < 0 ? -apart.n : apart.n;
		if (energy_cmp(apart, err) > 0)
			return false;
	}
	return true;
}

static void
new_run(struct meter *m)
{
	m->run++;
	hash_free(&m->dies);
	m->mode = METER_EMPTY;
	m->touched = m->closed = m->may_sum_up = m->settled = m->totals = false;
	m->stamp = m->before = 0;
	m->stamps = 0;
	m->elapsed = 0;
}

/* The block is whole: it is a run of its own, or the summary of the intervals before it. */
static void
close_block(struct meter *m)
{
	bool summary = m->may_sum_up && sums_up(m);
	int64_t elapsed = m->elapsed;
	size_t i;

	if (m->may_sum_up && !summary) {
		meter_decide(m);
		new_run(m);
		m->elapsed = elapsed;
	}
	for (i = 0; i < m->npending; i++) {
		if (summary)
			m->pending[i].flags |= RAPL_SUMMARY;
		else
			enter_run(m, m->series[m->pending[i].series]);
	}
	finish_all(m);
	m->closed = m->touched = true;
}

/* Finish what is pending of the run, whatever it is. */
static void
close_run(struct meter *m)
{
	if (m->mode == METER_BLOCK)
		close_block(m);
	else if (m->mode == METER_TIMED)
		meter_settle(m);
	meter_decide(m);
}

static void
next_run(struct meter *m)
{
	close_run(m);
	new_run(m);
}

static void
start_block(struct meter *m)
{
	if (m->mode == METER_TIMED)
		m->may_sum_up = true;
	else if (m->touched)
		next_run(m);
	m->touched = true;
}

/* --- the clock */

/* Time is t now. Where it went back, another run began. */
static void
advance(struct meter *m, int64_t t, bool no_zero)
{
	if (m->mode == METER_BLOCK || (m->mode == METER_TIMED && t < m->stamp))
		next_run(m);
	if (m->mode == METER_TIMED && t == m->stamp)
		return;
	if (m->stamps == METER_HOLD && !m->settled)
		meter_settle(m);
	if (m->mode == METER_EMPTY) {
		m->before = no_zero ? RAPL_NO_TIME : 0;
		if (no_zero && m->opt.interval > 0)
			m->before = t - m->opt.interval;
		m->settled = no_zero;
	} else {
		m->before = m->stamp;
	}
	m->mode = METER_TIMED;
	m->touched = true;
	m->stamp = t;
	if (m->stamps < METER_HOLD)
		m->first[m->stamps] = t;
	m->stamps++;
}

/* A reading without a time: the first of a block, or one more. */
static void
enter_block(struct meter *m, const struct rapl_reading *r)
{
	bool summary = m->may_sum_up || (r->flags & RAPL_SUMMARY) != 0;

	if (m->mode == METER_TIMED) {
		meter_settle(m);
		if (!summary)
			next_run(m);
		m->may_sum_up = summary;
	} else if (m->closed) {
		next_run(m);
	}
	if (m->mode != METER_BLOCK)
		m->block++;
	m->mode = METER_BLOCK;
}

/* --- readings */

static void
add_pending(struct meter *m, const struct rapl_reading *r, const struct meter_pending *p)
{
	m->pending = mem_grow(m->pending, m->npending, &m->cap_pending, sizeof *m->pending);
	m->pending[m->npending] = *p;
	m->pending[m->npending].counters = r->counters;
	m->pending[m->npending].runtime = r->runtime;
	m->pending[m->npending].flags = r->flags;
	m->pending[m->npending].perf = r->perf;
	m->pending[m->npending].value = r->value;
	m->npending++;
	if (m->mode == METER_TIMED && m->settled)
		finish_all(m);
}

/* An amount of energy, or of power. */
static bool
add_interval(struct meter *m, const struct rapl_reading *r, int64_t t)
{
	struct meter_pending p = {
		.t0 = RAPL_NO_TIME, .t1 = t, .energy = r->energy, .err = r->err
	};
	struct meter_series *s;

	if ((r->flags & RAPL_NOTCOUNTED) != 0 && r->counters == 0)
		return true; /* a core that does not have the package's counter */
	if (t == RAPL_NO_TIME)
		enter_block(m, r);
	else
		p.t0 = m->before;
	if ((s = meter_find(m, r)) == NULL)
		return bad(m, "more than %d counters", METER_SERIES);
	if (m->mode == METER_BLOCK && s->block == m->block) {
		if (r->counters == 0)
			return true;
		next_run(m);
		m->block++;
		m->mode = METER_BLOCK;
	}
	enter_run(m, s);
	if (m->mode == METER_BLOCK)
		s->block = m->block;
	m->touched = true;
	p.series = s->index;
	add_pending(m, r, &p);
	return true;
}

/* A perf count since the start. */
static bool
add_total(struct meter *m, const struct rapl_reading *r, int64_t t)
{
	struct meter_pending p = { .t1 = t };
	struct meter_series *s = meter_find(m, r);
	unsigned zeros = r->count == 0 ? 64 : (unsigned)__builtin_ctzll(r->count);

	if (s == NULL)
		return bad(m, "more than %d counters", METER_SERIES);
	enter_run(m, s);
	if (s->t != RAPL_NO_TIME && t <= s->t)
		return bad(m, "time does not advance");
	p.series = s->index;
	p.t0 = s->t == RAPL_NO_TIME ? 0 : s->t;
	p.energy = (struct energy){ (int64_t)(r->count - s->count), 32, 0 };
	s->t = t;
	s->count = r->count;
	if (zeros < m->zeros[r->domain])
		m->zeros[r->domain] = zeros;
	add_pending(m, r, &p);
	return true;
}

/* A poll of a register. */
static bool
add_count(struct meter *m, const struct rapl_reading *r, int64_t t)
{
	struct meter_series *s = meter_find(m, r);
	struct meter_row row;
	bool first, was_wide;

	if (s == NULL)
		return bad(m, "more than %d counters", METER_SERIES);
	first = s->run != m->run;
	enter_run(m, s);
	if (!first && t != RAPL_NO_TIME && t <= s->t)
		return bad(m, "time does not advance");
	was_wide = s->wrapped && r->wrap == 0;
	row = (struct meter_row){ .run = m->run,
		.series = s,
		.t0 = s->t,
		.t1 = t,
		.dt = RAPL_NO_TIME,
		.counters = r->counters,
		.flags = r->flags };
	if (t != RAPL_NO_TIME && s->t != RAPL_NO_TIME)
		row.dt = t - s->t;
	if (!first)
		meter_register(m, r, s->count, &row);
	s->t = t;
	s->count = r->count;
	s->wrapped = r->wrap != 0 && (s->wrapped || (row.flags & RAPL_WRAP) != 0);
	m->touched = true;
	if (!first)
		meter_row(m, &row);
	return !was_wide || bad(m, "the register has 64 bits: what was called a wrap was a reset");
}

static bool
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

bool
meter_line(struct meter *m, const struct rapl_line *l)
{
	bool good = true;
	unsigned i;

	if (l->t != RAPL_NO_TIME && (l->n == 0 || l->reading[0].value != RAPL_COUNT))
		advance(m, l->t, l->no_zero);
	switch (l->is) {
	case RAPL_RUN:
		if (m->touched)
			next_run(m);
		break;
	case RAPL_BLOCK:
		start_block(m);
		break;
	case RAPL_ELAPSED:
		m->elapsed = l->ns;
		if (m->mode == METER_BLOCK)
			close_block(m);
		break;
	default:
		for (i = 0; i < l->n; i++)
			good = add_reading(m, &l->reading[i], l->t) && good;
	}
	return good;
}

void
meter_end(struct meter *m)
{
	close_run(m);
}

void
meter_free(struct meter *m)
{
	while (m->nseries > 0) {
		free((char *)m->series[--m->nseries]->event.p);
		free(m->series[m->nseries]);
	}
	free(m->series);
	free(m->pending);
	free(m->queue);
	hash_free(&m->names);
	hash_free(&m->dies);
}
