/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "mirror.h"

enum {
	LEAST = 2, /* equal samples needed to call a die a mirror when the run ends or the queue is
		      full */
	ENOUGH = 16,     /* ... at once */
	QUEUE = 1 << 16, /* the most rows that are held back */
};

struct die {
	uint32_t run; /* the run that the other members belong to */
	enum { APART, UNDECIDED, MIRROR } state;
	uint32_t like;  /* the series that it may mirror */
	unsigned same;  /* the number of samples in which they were equal */
	int64_t t0, t1; /* of the last row */
	struct energy energy, err;
	uint64_t count;
};

static bool
is_die(const struct meter_series *s)
{
	return s->domain == RAPL_PKG && s->place.socket != RAPL_NOWHERE &&
	       s->place.die != RAPL_NOWHERE && s->place.core == RAPL_NOWHERE;
}

/* Start a die in a run: it may mirror the first one of its socket. */
static void
start(struct mirror *m, struct die *d, const struct meter_row *row)
{
	uint64_t *first = hash_put(&m->first, (uint32_t)row->series->place.socket);

	*d = (struct die){ .run = row->run, .t0 = RAPL_NO_TIME, .t1 = RAPL_NO_TIME };
	if (*first == 0) {
		*first = row->series->index + 1;
		return;
	}
	d->state = UNDECIDED;
	d->like = (uint32_t)*first - 1;
	m->candidate =
	    mem_grow(m->candidate, m->ncandidates, &m->cap_candidates, sizeof *m->candidate);
	m->candidate[m->ncandidates++] = row->series->index;
	m->undecided++;
}

static struct die *
die_of(struct mirror *m, const struct meter_row *row)
{
	struct die *d;

	m->die = mem_grow_zeroed(m->die, row->series->index, &m->cap_die, sizeof *m->die);
	d = &m->die[row->series->index];
	if (d->run != row->run)
		start(m, d, row);
	return d;
}

static void
decide(struct mirror *m, struct die *d, bool mirror)
{
	d->state = mirror ? MIRROR : APART;
	m->undecided--;
}

/* Emit the rows held back, once all dies are decided. */
static void
flush(struct mirror *m)
{
	struct meter_row *row;
	size_t i;

	for (i = 0; i < m->nqueue; i++) {
		row = &m->queue[i];
		if (is_die(row->series) && m->die[row->series->index].state == MIRROR)
			row->flags |= RAPL_MIRROR;
		m->emit(m->arg, row);
	}
	m->nqueue = 0;
}

static void
decide_all(struct mirror *m)
{
	struct die *d;
	size_t i;

	for (i = 0; i < m->ncandidates && m->undecided > 0; i++) {
		d = &m->die[m->candidate[i]];
		if (d->state == UNDECIDED)
			decide(m, d, d->same >= LEAST);
	}
	flush(m);
}

void
mirror_end_run(struct mirror *m)
{
	decide_all(m);
	m->ncandidates = 0;
	hash_free(&m->first);
}

/* Are two samples equal within their errors? Registers may differ by what was used between reading
 * one and reading the other. */
static bool
is_equal(const struct die *d, const struct die *o)
{
	static const struct energy lag = { 1, 0, 0 };
	struct energy err = d->err, apart = d->err;

	if (!energy_add(&err, o->err))
		return false;
	if (energy_near(d->energy, o->energy, err))
		return true;
	return d->count != 0 && o->count != 0 &&
	       energy_times(
		   &apart, d->count > o->count ? d->count - o->count : o->count - d->count) &&
	       energy_cmp(apart, lag) <= 0;
}

/* Compare a die's latest sample with that of the die that it may mirror. */
static void
compare(struct mirror *m, struct die *d)
{
	const struct die *o = &m->die[d->like];

	if (d->t1 == RAPL_NO_TIME || o->t1 != d->t1 || o->t0 != d->t0)
		return;
	if (!is_equal(d, o)) {
		m->contradictions += d->state == MIRROR;
		if (d->state == UNDECIDED)
			decide(m, d, false);
	} else if (d->energy.n > 0 && ++d->same == ENOUGH && d->state == UNDECIDED) {
		decide(m, d, true);
	}
}

/* Take note of a die's row; true if it is known to be a mirror's. */
static bool
note(struct mirror *m, const struct meter_row *row)
{
	struct die *d = die_of(m, row);

	if (row->t1 == RAPL_NO_TIME)
		return false;
	d->t0 = row->known ? row->t0 : RAPL_NO_TIME;
	d->t1 = row->known ? row->t1 : RAPL_NO_TIME;
	d->energy = row->energy;
	d->err = row->err;
	d->count = row->count;
	if (d->state != APART)
		compare(m, d);
	return d->state == MIRROR;
}

void
mirror_row(struct mirror *m, const struct meter_row *row)
{
	struct meter_row *copy;
	bool mirror = is_die(row->series) && note(m, row);

	m->queue = mem_grow(m->queue, m->nqueue, &m->cap_queue, sizeof *m->queue);
	copy = &m->queue[m->nqueue++];
	*copy = *row;
	copy->flags |= mirror ? RAPL_MIRROR : 0;
	if (m->nqueue == QUEUE)
		decide_all(m);
	else if (m->undecided == 0)
		flush(m);
}

void
mirror_free(struct mirror *m)
{
	free(m->die);
	free(m->candidate);
	free(m->queue);
	hash_free(&m->first);
}
