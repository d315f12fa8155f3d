/* SPDX-License-Identifier: MIT */
/* meter_settle - what the first intervals of a run say about it, and how long each row's interval
 * is */

#include "meter.h"

/* How long an interval usually is: the upper median of those behind the first. */
static int64_t
usual(const struct meter *m)
{
	int64_t dt[METER_HOLD] = { 0 }, v;
	unsigned n = 0, i, j;

	for (i = 1; i < METER_HOLD && i < m->stamps; i++) {
		v = m->first[i] - m->first[i - 1];
		for (j = n++; j > 0 && dt[j - 1] > v; j--)
			dt[j] = dt[j - 1];
		dt[j] = v;
	}
	return dt[n / 2];
}

/* A recording that was cut out of a longer one: its first interval did not start at 0. */
static void
tell_cut(struct meter *m)
{
	size_t i;

	if (m->stamps < 3 || (energy_int)2 * m->first[0] <= (energy_int)3 * usual(m))
		return;
	for (i = 0; i < m->npending; i++) {
		if (m->pending[i].t1 != m->first[0] || m->pending[i].value == RAPL_TOTAL)
			continue;
		m->pending[i].t0 = RAPL_NO_TIME;
		m->pending[i].flags |= RAPL_CUT_OUT;
	}
}

static unsigned
stamp_number(const struct meter *m, int64_t t)
{
	unsigned i;

	for (i = 0; i + 1 < METER_HOLD && m->first[i] != t; i++)
		;
	return i + 1;
}

/* Whether v is near enough to a * b / c. */
static bool
near(int64_t v, int64_t a, int64_t b, int64_t c)
{
	energy_int is = (energy_int)v * c, want = (energy_int)a * b;

	return is <= want + want / 10 && is >= want - want / 10;
}

/* Whether a row, not its counter's first, looks like a running total beside that first. */
static bool
looks_total(const struct meter *m, const struct meter_series *s, const struct meter_pending *p)
{
	int64_t n = stamp_number(m, p->t1);

	if (energy_cmp(p->energy, s->last) < 0)
		return false;
	if (p->counters > 0 && s->place.cpu == RAPL_NOWHERE)
		return p->counters == n * s->last_counters;
	return p->runtime > 0 && p->runtime / 3 >= s->last_runtime / 2 &&
	       near(p->runtime, s->last_runtime, p->t1, m->first[0]);
}

/*
 * perf stat report of 6.12 prints the totals since the start where it means intervals. Its column
 * of counters gives it away, which grows 1 2 3; or the run time, which grows with the time stamp.
 */
static bool
are_totals(const struct meter *m)
{
	const struct meter_pending *p;
	struct meter_series *s;
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

/* Forget what are_totals() noted. */
static void
forget(struct meter *m)
{
	struct meter_series *s;
	size_t i;

	for (i = 0; i < m->npending; i++) {
		s = m->series[m->pending[i].series];
		s->last = (struct energy){ 0 };
		s->last_counters = s->last_runtime = 0;
	}
}

void
meter_settle(struct meter *m)
{
	size_t i;

	if (!m->settled) {
		tell_cut(m);
		m->totals = are_totals(m);
		forget(m);
	}
	m->settled = true;
	for (i = 0; i < m->npending; i++)
		meter_finish(m, &m->pending[i]);
	m->npending = 0;
}

/* The interval's share of a running total. */
static void
take_difference(struct meter_series *s, struct meter_pending *p)
{
	struct meter_pending was = *p;

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
	s->last_counters = s->place.cpu == RAPL_NOWHERE ? was.counters : 0;
	s->last_runtime = was.runtime;
}

/* a / b, to the nearest, half to even. */
static int64_t
divide(int64_t a, int64_t b)
{
	int64_t q = a / b, rest = a % b;

	return q + (rest > b - rest || (rest == b - rest && (q & 1) != 0));
}

/* From when to when: by time stamps, by the block's own length, by the user's word, by run time. */
static void
set_times(const struct meter *m, const struct meter_pending *p, struct meter_row *row)
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

static void
set_counters(struct meter_row *row, const struct meter_pending *p)
{
	if (row->counters >= 0 || row->dt == RAPL_NO_TIME || p->runtime <= 0 ||
	    (row->flags & RAPL_DTRUN) != 0)
		return;
	row->counters = divide(p->runtime, row->dt);
	if (row->counters == 0)
		row->counters = -1;
}

/* One count of perf's is a multiple of the register's unit: the largest that all of them are. */
static struct energy
unit_of(unsigned zeros)
{
	if (zeros >= 32 && zeros < 64)
		return (struct energy){ 1, 0, 0 };
	if (zeros >= 18)
		return (struct energy){ 1, 14, 0 };
	return (struct energy){ 1, zeros >= 16 ? 16 : (uint8_t)(32 - zeros), 0 };
}

void
meter_finish(struct meter *m, const struct meter_pending *pending)
{
	struct meter_pending p = *pending;
	struct meter_series *s = m->series[p.series];
	struct meter_row row = { .run = m->run, .series = s, .flags = p.flags };

	if (m->totals && m->mode == METER_TIMED) {
		take_difference(s, &p);
		m->running_totals++;
	}
	row.counters = p.counters;
	set_times(m, &p, &row);
	set_counters(&row, &p);
	if (p.value == RAPL_TOTAL)
		p.err = unit_of(m->zeros[s->domain]);
	meter_judge(m, &p, &row);
	if (m->mode == METER_TIMED) {
		s->t = p.t1;
		if (row.known) {
			energy_add(&s->total, row.energy);
			energy_add(&s->total_err, row.err);
		}
	}
	meter_row(m, &row);
}
