/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "perflost.h"

enum { MISC_BPF = 1 << 15, CPUS_MAX = 64 * 1024 };

/* On one CPU, -1: on one that is not known. */
struct perf_loss {
	int32_t cpu;
	uint64_t told, counted; /* by the kernel in time; by the counters that perf read */
};

void
perf_losses_free(struct perf_losses *l)
{
	hash_free(&l->cpus);
	hash_free(&l->index);
	free(l->loss);
}

void
perf_losses_learn(struct perf_losses *l, struct bytes b)
{
	uint64_t n = bytes_u64(&b), id, cpu;

	for (; n > 0 && bytes_left(&b) >= 32; n--) {
		id = bytes_u64(&b);
		bytes_u64(&b); /* which of the event's rings */
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

/* Did perf read it from the event's counter? */
static bool
is_read(const struct perf_record *pr)
{
	return pr->type == PERF_R_LOST_SAMPLES && pr->time == 0 && !(pr->misc & MISC_BPF) &&
	       pr->event != NULL && pr->event->read_format & PERF_READ_LOST;
}

bool
perf_losses_add(struct perf_losses *l, struct perf_clock *clock, const struct perf_record *pr,
    uint64_t id, struct rec *r)
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
		add(&loss_on(l, r->cpu)->told, r->lost.count);
	if (pr->time != 0)
		r->lost.since = perf_clock_heard(clock, r->cpu, r->t);
	return true;
}

static int
by_cpu(const void *a, const void *b)
{
	const struct perf_loss *x = a, *y = b;

	return (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

/* Counts of no known CPU may be of any whose records told more than its own counts. */
static void
settle(struct perf_losses *l)
{
	uint64_t spare = 0;
	size_t i;

	loss_on(l, REC_NO_ID);
	qsort(l->loss, l->n, sizeof *l->loss, by_cpu);
	for (i = 1; i < l->n; i++)
		if (l->loss[i].told > l->loss[i].counted)
			add(&spare, l->loss[i].told - l->loss[i].counted);
	add(&l->loss[0].told, spare);
}

void
perf_losses_end(
    struct perf_losses *l, struct perf_clock *clock, struct str machine, struct out *out)
{
	struct rec r = {
		.kind = REC_LOST, .t = clock->t, .machine = machine, .pid = -1, .tid = -1
	};
	const struct perf_loss *k;

	settle(l);
	for (k = l->loss; k < l->loss + l->n; k++) {
		if (k->counted <= k->told)
			continue;
		r.cpu = k->cpu;
		r.lost.count = k->counted - k->told;
		r.lost.what = STR("samples dropped");
		r.lost.since = k->told > 0 ? perf_clock_heard(clock, r.cpu, clock->t) : REC_NO_NS;
		rec_put(out, &r);
	}
}
