/* SPDX-License-Identifier: MIT */

#include "states.h"
#include "states_life.h"
#include "states_switch.h"
#include "states_wake.h"

void
states_open(struct states *s, void (*emit)(void *arg, const struct rec *), void *arg)
{
	*s = (struct states){ .cpus = { .emit = emit, .arg = arg } };
}

static void
lose_tasks(struct states *s, struct task **home, int64_t from)
{
	struct task *k;
	int64_t t;

	while ((k = *home) != NULL) {
		states_settle(s, k);
		task_unlink(k);
		k->on = NULL;
		if (k->state == TASK_UNKNOWN)
			continue;
		t = from > k->since ? from : k->since;
		states_mark_unknown(k);
		states_put(s, k, t, EDGE_LOST);
		states_begin(k, TASK_UNKNOWN, t);
	}
}

/* Events are missing on a CPU, or nobody knows where: what is told of it ends with them. */
static void
lost(struct states *s, struct machine *m, const struct rec *r, int64_t since, uint64_t count)
{
	struct cpu *c;
	int64_t from;
	size_t i;

	s->count.losses++;
	if (r->t > m->lost)
		m->lost = r->t;
	for (i = 0; i < s->cpus.n; i++) {
		c = s->cpus.all[i];
		if (c->machine != m || (r->cpu >= 0 && c->n != r->cpu))
			continue;
		from = since == REC_NO_NS ? c->since : since;
		from = from < m->last ? from : m->last;
		lose_tasks(s, &c->home, from);
		cpu_lose(&s->cpus, c, from);
	}
	if (r->cpu < 0 && m->begun)
		lose_tasks(s, &m->tasks, since < m->last ? since : m->last);
	cpus_lost(&s->cpus, m, r->cpu, since == REC_NO_NS ? r->t : since, r->t, count);
}

/* An event of its own, with a CPU or a task as it then was: it is within the span. */
static bool
is_event(enum rec_kind kind)
{
	switch (kind) {
	case REC_SWITCH:
	case REC_WAKEUP:
	case REC_MIGRATE:
	case REC_IDLE:
	case REC_FREQ:
	case REC_SYSENTER:
	case REC_SYSEXIT:
	case REC_IRQ:
	case REC_SOFTIRQ:
	case REC_SAMPLE:
	case REC_TRACEPOINT:
		return true;
	default:
		return false;
	}
}

/* What the fold has made: with nothing to fold beside it, all of it is copied as it is. */
static bool
is_folded(enum rec_kind kind)
{
	return kind == REC_STATE || kind == REC_CPUSTATE || kind == REC_ARROW;
}

/* Those that the states replace. */
static bool
fold_event(struct states *s, struct machine *m, const struct rec *r)
{
	switch (r->kind) {
	case REC_SWITCH:
		states_switch(s, m, r);
		return true;
	case REC_WAKEUP:
		if (r->wakeup.wakee == 0) /* no CPU's idle task ever waits */
			return true;
		if (str_eq(r->wakeup.type, STR("new")))
			states_born(s, m, r);
		states_wakeup(s, m, r);
		return true;
	case REC_MIGRATE:
		states_migrated(s, m, r);
		return true;
	case REC_IDLE:
		cpu_idle(&s->cpus, cpus_get(&s->cpus, m, r->idle.target), r->t, r->idle.state);
		return true;
	case REC_FREQ:
		cpu_freq(&s->cpus, cpus_get(&s->cpus, m, r->freq.target), r->t, r->freq.khz);
		return true;
	default:
		return false;
	}
}

static void
add_fact(struct states *s, struct machine *m, const struct rec *r)
{
	if (r->kind == REC_COMM)
		states_named(s, m, r);
	else if (r->kind == REC_FORK)
		states_forked(s, m, r);
	else if (r->kind == REC_EXIT)
		states_exited(s, m, r);
	else if (r->kind == REC_LOST)
		lost(s, m, r, r->lost.since, r->lost.count);
	else if (r->kind == REC_GAP && r->gap.since != REC_NO_NS &&
		 !str_eq(r->gap.what, MISSING_SWITCH))
		lost(s, m, r, r->gap.since, REC_NO_U64);
}

enum states_verdict
states_add(struct states *s, const struct rec *r)
{
	struct machine *m;

	if (is_event(r->kind)) {
		m = machines_get(&s->tasks.machines, r->machine);
		if (!machine_event(m, r->t))
			return STATES_ORDER;
		if (!fold_event(s, m, r))
			return STATES_COPY;
		m->scheduled = true;
		m->folded = false;
		return STATES_TAKEN;
	}
	if (is_folded(r->kind)) {
		m = machines_get(&s->tasks.machines, r->machine);
		m->folded = !m->scheduled;
	} else if (r->kind >= REC_LOST && r->kind <= REC_EXIT) {
		m = machines_get(&s->tasks.machines, r->machine);
		if (!m->folded)
			add_fact(s, m, r);
	}
	return STATES_COPY;
}

void
states_stop(struct states *s, const struct rec *r)
{
	const struct machine *m = machines_get(&s->tasks.machines, r->machine);
	struct rec gap = { .kind = REC_GAP, .t = m->last, .machine = m->name };

	gap.cpu = gap.pid = gap.tid = REC_NO_ID;
	gap.gap = (struct rec_gap){ m->last, REC_NO_U64, STR("out of order from here on") };
	s->cpus.emit(s->cpus.arg, &gap);
}

/*
 * The recording's end. Of a task that had exited the last switch is missing, if there were
 * switches, and it did not wait on until now: it ran when it exited.
 */
static void
close_task(struct states *s, struct task *k)
{
	const struct machine *m = k->machine;

	if (k->tid < 0 || !m->begun || m->folded || k->since < m->start)
		return;
	states_settle(s, k);
	states_mark_unknown(k);
	if (k->exited && k->state != TASK_RUNNING && k->since < k->exit_t)
		states_unknown(k);
	if (k->state <= TASK_NEW && k->exited)
		states_put(s, k, k->exit_t < m->last ? k->exit_t : m->last, EDGE_INFERRED);
	else if (k->known || k->state == TASK_NEW)
		states_put(s, k, m->last, EDGE_OPEN);
}

void
states_close(struct states *s)
{
	size_t i;

	for (i = 0; i < s->tasks.n; i++)
		close_task(s, s->tasks.all[i]);
	cpus_end(&s->cpus);
	cpus_free(&s->cpus);
	tasks_free(&s->tasks);
}
