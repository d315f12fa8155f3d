/* SPDX-License-Identifier: MIT */
/*
 * meter_mirror - two dies of a package that show one counter
 *
 * Some kernels take the chiplets of an AMD package for dies (6.9 to 6.11.5 in perf's PMU, powercap
 * on Zen 1 and 2): each shows the whole package's energy, and their sum is several times the truth.
 */

#include "base/mem.h"
#include "meter.h"

static bool
is_die(const struct meter_series *s)
{
	return s->domain == RAPL_PKG && s->place.socket != RAPL_NOWHERE &&
	       s->place.die != RAPL_NOWHERE && s->place.core == RAPL_NOWHERE;
}

/* A die of a socket that has another one before it may be the other's mirror. */
void
meter_may_mirror(struct meter *m, struct meter_series *s)
{
	uint64_t *first;

	if (!is_die(s))
		return;
	first = hash_put(&m->dies, (uint64_t)m->run << 32 | (uint32_t)s->place.socket);
	if (*first == 0) {
		*first = s->index + 1;
		return;
	}
	s->mirror = METER_UNDECIDED;
	s->like = (uint32_t)*first - 1;
	m->undecided++;
}

static void
count_and_emit(struct meter *m, const struct meter_row *row)
{
	unsigned i;

	m->rows++;
	for (i = 0; i < RAPL_FLAGS; i++)
		m->flagged[i] += row->flags >> i & 1;
	m->emit(m->arg, row);
}

static void
flush(struct meter *m)
{
	size_t i;

	for (i = 0; i < m->nqueue; i++)
		count_and_emit(m, &m->queue[i]);
	m->nqueue = 0;
}

static void
decide(struct meter *m, struct meter_series *s, enum meter_mirror mirror)
{
	size_t i;

	s->mirror = mirror;
	m->undecided--;
	for (i = 0; mirror == METER_SAME_COUNTER && i < m->nqueue; i++)
		if (m->queue[i].series == s)
			m->queue[i].flags |= RAPL_MIRROR;
}

void
meter_decide(struct meter *m)
{
	size_t i;

	for (i = 0; m->undecided > 0 && i < m->nseries; i++)
		if (m->series[i]->mirror == METER_UNDECIDED)
			decide(m, m->series[i],
			    m->series[i]->same >= 2 ? METER_SAME_COUNTER : METER_APART);
	flush(m);
}

/* Equal within their errors; or registers that show the same count, but for what was used between
 * reading one and the other. */
static bool
equal(const struct meter_series *s, const struct meter_series *o, const struct meter_row *row)
{
	static const struct energy lag = { 1, 0, 0 };
	struct energy apart = row->energy, err = row->err;

	if (!energy_sub(&apart, o->energy) || !energy_add(&err, o->err))
		return false;
	apart.n = apart.n < 0 ? -apart.n : apart.n;
	if (energy_cmp(apart, err) <= 0)
		return true;
	apart = row->err;
	return s->count != 0 && o->count != 0 &&
	       energy_times(
		   &apart, s->count > o->count ? s->count - o->count : o->count - s->count) &&
	       energy_cmp(apart, lag) <= 0;
}

/* What this row says about its die's being a mirror. */
static void
compare(struct meter *m, struct meter_series *s, const struct meter_row *row)
{
	const struct meter_series *o = m->series[s->like];

	if (!row->known || o->t1 != row->t1 || o->t0 != row->t0)
		return;
	if (!equal(s, o, row)) {
		m->contradictions += s->mirror == METER_SAME_COUNTER;
		if (s->mirror == METER_UNDECIDED)
			decide(m, s, METER_APART);
	} else if (row->energy.n > 0 && ++s->same == METER_SAME && s->mirror == METER_UNDECIDED) {
		decide(m, s, METER_SAME_COUNTER);
	}
}

void
meter_row(struct meter *m, struct meter_row *row)
{
	struct meter_series *s = m->series[row->series->index];

	if (is_die(s) && row->t1 != RAPL_NO_TIME) {
		s->t0 = row->known ? row->t0 : RAPL_NO_TIME;
		s->t1 = row->known ? row->t1 : RAPL_NO_TIME;
		s->energy = row->energy;
		s->err = row->err;
		if (s->mirror != METER_APART)
			compare(m, s, row);
		if (s->mirror == METER_SAME_COUNTER)
			row->flags |= RAPL_MIRROR;
	}
	if (m->undecided == 0 && m->nqueue == 0) {
		count_and_emit(m, row);
		return;
	}
	m->queue = mem_grow(m->queue, m->nqueue, &m->cap_queue, sizeof *m->queue);
	m->queue[m->nqueue++] = *row;
	if (m->undecided == 0)
		flush(m);
}
