/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "states_int.h"

struct cpu *
cpus_find(const struct cpus *cs, const struct machine *m, int32_t n)
{
	struct cpu *recent = cs->recent[(uint32_t)n % CPUS_RECENT];
	const uint64_t *index;

	if (recent != NULL && recent->n == n && recent->machine == m)
		return recent;
	index = hash_get(&cs->of, hash_pair(m->id, (uint32_t)n));
	return index == NULL ? NULL : cs->all[*index - 1];
}

static struct cpu *
cpu_new(struct cpus *cs, struct machine *m, int32_t n)
{
	struct cpu *c = mem_alloc(sizeof *c);

	*c = (struct cpu){ .machine = m,
		.index = cs->n,
		.n = n,
		.fresh = true,
		.since = m->start,
		.begin = EDGE_UNKNOWN,
		.idle_name = INTERN_NONE,
		.cstate = REC_NO_INT,
		.khz = REC_NO_U64 };
	cs->all = mem_grow(cs->all, cs->n, &cs->cap, sizeof(struct cpu *));
	cs->all[cs->n++] = c;
	*hash_put(&cs->of, hash_pair(m->id, (uint32_t)n)) = cs->n;
	return c;
}

struct cpu *
cpus_get(struct cpus *cs, struct machine *m, int32_t n)
{
	struct cpu *c = cpus_find(cs, m, n);

	c = c != NULL ? c : cpu_new(cs, m, n);
	cs->recent[(uint32_t)n % CPUS_RECENT] = c;
	if (!c->heard) {
		c->heard = true;
		c->next = m->heard;
		m->heard = c;
	}
	return c;
}

/* Write an interval with the pairs in info. */
static void
put(struct cpus *cs, const struct machine *m, struct rec *r)
{
	r->kind = REC_CPUSTATE;
	r->machine = m->name;
	r->pid = r->tid = REC_NO_ID;
	r->cpustate.info = strbuf_field(&cs->info);
	cs->emit(cs->arg, r);
	strbuf_clear(&cs->info);
}

static void
put_lane(struct cpus *cs, const struct cpu *c, int64_t from, struct rec_cpustate what)
{
	struct rec r = { .t = from, .cpu = c->n, .cpustate = what };

	if (what.end > from)
		put(cs, c->machine, &r);
	strbuf_clear(&cs->info);
}

void
cpu_begin(struct cpus *cs, struct cpu *c, int64_t t, enum cpu_state next, enum edge end)
{
	struct rec_cpustate what = { .end = t, .lane = STR("cpu"), .state = STR("unknown") };

	if (c->state == CPU_IDLE)
		what.state = STR("idle");
	if (c->state != CPU_RUNNING) {
		edge_pairs(&cs->info, c->begin, end);
		put_lane(cs, c, c->since, what);
	}
	c->state = next;
	c->since = t;
	c->begin = EDGE_SEEN;
	c->task = NULL;
	c->fresh = false;
}

/* Write an interval of a lane whose state is a number; it starts at from. */
static void
put_number(struct cpus *cs, const struct cpu *c, int64_t from, uint64_t number, enum edge end,
    struct rec_cpustate what)
{
	char digits[TEXT_NUMBER];

	what.state = (struct str){ digits, text_put_u64(digits, number) };
	edge_pairs(&cs->info, EDGE_SEEN, end);
	put_lane(cs, c, from, what);
}

static void
put_cstate(struct cpus *cs, struct cpu *c, int64_t t, enum edge end)
{
	if (c->cstate != REC_NO_INT)
		put_number(cs, c, c->cstate_since, (uint64_t)c->cstate, end,
		    (struct rec_cpustate){ .end = t, .lane = STR("idle") });
	c->cstate = REC_NO_INT;
}

static void
put_khz(struct cpus *cs, struct cpu *c, int64_t t, enum edge end)
{
	if (c->khz != REC_NO_U64)
		put_number(cs, c, c->khz_since, c->khz, end,
		    (struct rec_cpustate){ .end = t, .lane = STR("freq") });
	c->khz = REC_NO_U64;
}

/* If the end of a C-state is missing, the beginning of the next one ends it. */
void
cpu_idle(struct cpus *cs, struct cpu *c, int64_t t, int64_t state)
{
	put_cstate(cs, c, t, state < 0 ? EDGE_SEEN : EDGE_INFERRED);
	if (state < 0)
		return;
	c->cstate = state;
	c->cstate_since = t;
}

void
cpu_freq(struct cpus *cs, struct cpu *c, int64_t t, uint64_t khz)
{
	if (khz == c->khz)
		return;
	put_khz(cs, c, t, EDGE_SEEN);
	c->khz = khz;
	c->khz_since = t;
}

void
cpu_lose(struct cpus *cs, struct cpu *c, int64_t t)
{
	if (c->state != CPU_UNKNOWN)
		cpu_begin(cs, c, t > c->since ? t : c->since, CPU_UNKNOWN, EDGE_LOST);
	c->fresh = false;
	put_cstate(cs, c, t, EDGE_LOST);
	put_khz(cs, c, t, EDGE_LOST);
	lanes_close(cs, c, t, EDGE_LOST);
}

void
cpus_lost(
    struct cpus *cs, const struct machine *m, int32_t n, int64_t from, int64_t to, uint64_t count)
{
	char digits[TEXT_NUMBER];
	struct rec r = { .t = from < to ? from : to, .cpu = n };

	r.cpustate = (struct rec_cpustate){ .end = to, .lane = STR("lost"), .state = STR_NONE };
	if (count != REC_NO_U64)
		r.cpustate.state = (struct str){ digits, text_put_u64(digits, count) };
	put(cs, m, &r);
}

void
cpus_end(struct cpus *cs)
{
	struct cpu *c;
	size_t i;

	for (i = 0; i < cs->n; i++) {
		c = cs->all[i];
		if (c->machine->switched)
			cpu_begin(cs, c, c->machine->last, CPU_UNKNOWN, EDGE_OPEN);
		put_cstate(cs, c, c->machine->last, EDGE_OPEN);
		put_khz(cs, c, c->machine->last, EDGE_OPEN);
		lanes_close(cs, c, c->machine->last, EDGE_OPEN);
	}
}

void
cpus_free(struct cpus *cs)
{
	size_t i;

	for (i = 0; i < cs->n; i++) {
		free(cs->all[i]->lanes);
		free(cs->all[i]);
	}
	free(cs->all);
	free(cs->heard);
	hash_free(&cs->of);
	strbuf_free(&cs->info);
}
