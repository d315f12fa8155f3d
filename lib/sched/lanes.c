/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "rec/pairs.h"
#include "states_int.h"

/* Interrupts disable one another: few kernels nest them, and none deeply. */
enum { DEPTH = 4 };

/* A handler that runs. */
struct handler {
	int64_t t, number;
	uint32_t name;
	int32_t pid, tid;
	uint8_t begin; /* enum edge */
	bool other;    /* the interrupt was another device's */
};

struct lane {
	struct handler open[DEPTH]; /* those that run, the innermost last */
	int n;
	bool seen;     /* an entry, or an exit */
	int64_t since; /* the recording's start, or the end of the last loss */
};

struct lanes {
	struct lane lane[LANES];
	struct done done;
};

static const struct str lane_names[] = { STR_INIT("irq"), STR_INIT("softirq") };

static void
put(struct cpus *cs, const struct cpu *c, enum lane_kind kind, const struct handler *h, int64_t end)
{
	char digits[TEXT_NUMBER + 1];
	struct rec r = {
		.kind = REC_CPUSTATE, .t = h->t, .machine = c->machine->name, .cpu = c->n
	};

	r.pid = h->pid;
	r.tid = h->tid;
	r.cpustate = (struct rec_cpustate){ .end = end,
		.lane = lane_names[kind],
		.state = { digits, text_put_s64(digits, h->number) },
		.info = strbuf_field(&cs->info) };
	cs->emit(cs->arg, &r);
	strbuf_clear(&cs->info);
}

/* Write the innermost handler. */
static void
pop(struct cpus *cs, const struct cpu *c, enum lane_kind kind, int64_t end, enum edge edge)
{
	struct lane *l = &c->lanes->lane[kind];
	const struct handler *h = &l->open[--l->n];

	if (h->name != INTERN_NONE)
		pairs_add(&cs->info, STR("name"), intern_str(cs->names, h->name));
	if (h->other)
		pairs_add(&cs->info, STR("handled"), STR("no"));
	edge_pairs(&cs->info, (enum edge)h->begin, edge);
	put(cs, c, kind, h, end > h->t ? end : h->t);
}

static struct lane *
lane_of(struct cpu *c, enum lane_kind kind)
{
	const struct machine *m = c->machine;
	int64_t since = m->lost > m->start ? m->lost : m->start;
	int i;

	if (c->lanes == NULL) {
		c->lanes = mem_alloc(sizeof *c->lanes);
		for (i = 0; i < LANES; i++)
			c->lanes->lane[i].since = since;
	}
	return &c->lanes->lane[kind];
}

/* When the innermost handler began that runs. */
static int64_t
entry(const struct lanes *ls)
{
	int64_t t = REC_NO_NS;
	int i;

	for (i = 0; i < LANES; i++)
		if (ls->lane[i].n > 0 && ls->lane[i].open[ls->lane[i].n - 1].t > t)
			t = ls->lane[i].open[ls->lane[i].n - 1].t;
	return t;
}

void
lanes_done(struct cpu *c, const struct done *done)
{
	lane_of(c, LANE_IRQ);
	c->lanes->done = *done;
	c->lanes->done.set = true;
	c->lanes->done.entry = entry(c->lanes);
	c->lanes->done.inside = c->lanes->done.entry != REC_NO_NS;
}

struct done
lanes_last(const struct cpu *c)
{
	struct done done = { .set = false };

	if (c->lanes == NULL)
		return done;
	done = c->lanes->done;
	done.set = done.set && done.entry == entry(c->lanes);
	return done;
}

void
lanes_enter(struct cpus *cs, struct cpu *c, enum lane_kind kind, const struct rec *r,
    int64_t number, uint32_t name)
{
	struct lane *l = lane_of(c, kind);
	int keep = kind == LANE_SOFTIRQ || l->n == DEPTH ? 0 : l->n, i;

	for (i = 0; i < keep; i++)
		if (l->open[i].number == number)
			keep = i;
	while (l->n > keep)
		pop(cs, c, kind, r->t, EDGE_INFERRED);
	l->open[l->n++] = (struct handler){
		.t = r->t, .number = number, .name = name, .pid = r->pid, .tid = r->tid
	};
	l->seen = true;
}

bool
lanes_exit(struct cpus *cs, struct cpu *c, enum lane_kind kind, const struct rec *r, int64_t number,
    uint32_t name)
{
	struct lane *l = lane_of(c, kind);
	int i = l->n;

	while (i > 0 && l->open[i - 1].number != number)
		i--;
	if (i == 0 && (l->seen || (!c->fresh && c->since >= l->since)))
		return false;
	l->seen = true;
	if (i == 0) {
		l->open[l->n++] = (struct handler){ l->since, number, name, r->pid, r->tid,
			.begin = EDGE_UNKNOWN };
		i = l->n;
	}
	while (l->n > i)
		pop(cs, c, kind, r->t, EDGE_INFERRED);
	l->open[i - 1].other = r->kind == REC_IRQ && str_eq(r->irq.handled, STR("unhandled"));
	pop(cs, c, kind, r->t, EDGE_SEEN);
	return true;
}

void
lanes_switch(struct cpus *cs, const struct cpu *c, int64_t t)
{
	c->lanes->done.set = false;
	while (c->lanes->lane[LANE_IRQ].n > 0)
		pop(cs, c, LANE_IRQ, t, EDGE_INFERRED);
}

void
lanes_close(struct cpus *cs, const struct cpu *c, int64_t t, enum edge edge)
{
	struct lane *l;
	int kind;

	if (c->lanes == NULL)
		return;
	c->lanes->done.set = false;
	for (kind = 0; kind < LANES; kind++) {
		l = &c->lanes->lane[kind];
		while (l->n > 0)
			pop(cs, c, (enum lane_kind)kind, t, edge);
		l->seen = false;
		l->since = c->machine->lost;
	}
}
