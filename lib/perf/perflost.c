/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "perfrec_int.h"

enum { MISC_BPF = 1 << 15, CPUS_MAX = 64 * 1024, CPUS_STEP = 64 };

/* Samples lost on one CPU; cpu is -1 if it is unknown. */
struct perf_loss {
	int32_t cpu;
	uint64_t reported; /* by the kernel, as they happened */
	uint64_t counted;  /* by the counters that perf read at the end */
};

void
perf_losses_free(struct perf_losses *l)
{
	hash_free(&l->cpus);
	hash_free(&l->index);
	free(l->loss);
	free(l->heard);
}

int64_t
perf_losses_heard(struct perf_losses *l, int32_t cpu, int64_t t)
{
	size_t want = (size_t)cpu + CPUS_STEP;
	int64_t before;

	if (cpu < 0 || cpu >= CPUS_MAX)
		return REC_NO_NS;
	if ((size_t)cpu >= l->nheard) {
		l->heard = mem_resize(l->heard, want, sizeof *l->heard);
		while (l->nheard < want)
			l->heard[l->nheard++] = REC_NO_NS;
	}
	before = l->heard[cpu];
	l->heard[cpu] = t;
	return before;
}

int64_t
perf_losses_first(const struct perf_losses *l, int64_t t)
{
	size_t i;

	for (i = 0; i < l->nheard; i++)
		if (l->heard[i] != REC_NO_NS && l->heard[i] < t)
			t = l->heard[i];
	return t;
}

void
perf_losses_index(struct perf_losses *l, struct bytes b)
{
	uint64_t n = bytes_u64(&b), id, cpu;

	for (; n > 0 && bytes_left(&b) >= 32; n--) {
		id = bytes_u64(&b);
		bytes_u64(&b); /* the number of the ring */
		cpu = bytes_u64(&b);
		bytes_u64(&b); /* tid */
		if (cpu < CPUS_MAX)
			*hash_put(&l->cpus, id) = cpu + 1;
	}
}

static int32_t
cpu_of(const struct perf_losses *l, uint64_t id)
{
	const uint64_t *cpu = hash_get(&l->cpus, id);

	return cpu == NULL ? REC_NO_ID : (int32_t)*cpu - 1;
}

static struct perf_loss *
loss_on(struct perf_losses *l, int32_t cpu)
{
	uint64_t *at = hash_put(&l->index, (uint64_t)cpu + 1);

	if (*at == 0) {
		l->loss = mem_grow(l->loss, l->n, &l->cap, sizeof *l->loss);
		l->loss[l->n++] = (struct perf_loss){ .cpu = cpu };
		*at = l->n;
	}
	return &l->loss[*at - 1];
}

static void
add(uint64_t *sum, uint64_t n)
{
	if (__builtin_add_overflow(*sum, n, sum))
		*sum = UINT64_MAX;
}

/* Is this a count that perf read from the event's counter, not a loss that the kernel reported? */
static bool
is_read(const struct perf_record *pr)
{
	return pr->type == PERF_R_LOST_SAMPLES && pr->time == 0 && !(pr->misc & MISC_BPF) &&
	       pr->event != NULL && pr->event->read_format & PERF_READ_LOST;
}

bool
perf_losses_add(struct perf_losses *l, const struct perf_record *pr, uint64_t id, struct rec *r)
{
	struct bytes body = pr->body;

	if (pr->type == PERF_R_LOST)
		id = bytes_u64(&body);
	if (r->cpu < 0)
		r->cpu = cpu_of(l, id);
	if (is_read(pr)) {
		add(&loss_on(l, r->cpu)->counted, r->lost.count);
		return false;
	}
	if (pr->type == PERF_R_LOST)
		add(&loss_on(l, r->cpu)->reported, r->lost.count);
	if (pr->type != PERF_R_LOST_SAMPLES || !(pr->misc & MISC_BPF))
		add(&l->total, r->lost.count);
	if (pr->time != 0)
		r->lost.since = perf_losses_heard(l, r->cpu, r->t);
	return true;
}

static int
by_cpu(const void *a, const void *b)
{
	const struct perf_loss *x = a, *y = b;

	return (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

/* Losses counted on an unknown CPU may already be among those reported on a CPU beyond its own
 * count: credit that excess to the unknown one. */
void
perf_losses_settle(struct perf_losses *l)
{
	uint64_t spare = 0;
	size_t i;

	loss_on(l, REC_NO_ID);
	qsort(l->loss, l->n, sizeof *l->loss, by_cpu);
	for (i = 1; i < l->n; i++)
		if (l->loss[i].reported > l->loss[i].counted)
			add(&spare, l->loss[i].reported - l->loss[i].counted);
	add(&l->loss[0].reported, spare);
}

bool
perf_losses_next(struct perf_losses *l, size_t *i, struct rec *r)
{
	const struct perf_loss *k;

	while (*i < l->n) {
		k = &l->loss[(*i)++];
		if (k->counted <= k->reported)
			continue;
		r->kind = REC_LOST;
		r->cpu = k->cpu;
		r->pid = r->tid = REC_NO_ID;
		r->lost.count = k->counted - k->reported;
		add(&l->total, r->lost.count);
		r->lost.what = STR("samples dropped");
		r->lost.since = k->reported > 0 ? perf_losses_heard(l, k->cpu, r->t) : REC_NO_NS;
		return true;
	}
	return false;
}
