/* SPDX-License-Identifier: MIT */

#include "states_switch.h"
#include "states_life.h"
#include "states_wake.h"

/* What prev did since the CPU's last switch is not known, but that it ended up here. */
static void
lose_track(struct states *s, const struct cpu *c, struct task *prev, int64_t now)
{
	if (prev->on != NULL)
		states_vacate(s, prev->on, now);
	if (prev->state == TASK_UNKNOWN)
		return;
	if (prev->since < c->since && prev->state != TASK_NEW) {
		states_put(s, prev, c->since, EDGE_INFERRED);
		states_begin(prev, TASK_UNKNOWN, c->since);
	} else {
		states_begin(prev, TASK_UNKNOWN, prev->since);
	}
}

static void
put_on(struct cpu *c, struct task *k, int64_t t)
{
	states_begin(k, TASK_RUNNING, t);
	k->cpu = c->n;
	k->on = c;
	c->task = k;
}

/* The first switch of a CPU: a task not heard of before has been running all the time. */
static void
first_switch(struct states *s, struct cpu *c, struct task *prev, const struct rec *r)
{
	c->begin = EDGE_INFERRED;
	if (r->tid == 0) {
		c->state = CPU_IDLE;
	} else if (prev != NULL && !prev->known && prev->state == TASK_UNKNOWN &&
		   prev->since == c->since) {
		c->state = CPU_RUNNING;
		put_on(c, prev, c->since);
		prev->begin = EDGE_INFERRED;
	} else {
		c->begin = EDGE_UNKNOWN;
		if (prev != NULL)
			lose_track(s, c, prev, r->t);
	}
}

/* A switch is missing. A task that was woken while the CPU idled was switched to then. */
static void
missing_switch(struct states *s, struct cpu *c, struct task *prev, const struct rec *r)
{
	struct task *old = c->task;

	if (prev != NULL && prev->state != TASK_RUNNING)
		states_settle(s, prev);
	if (prev != NULL && c->state == CPU_IDLE && prev->since >= c->since &&
	    (prev->state == TASK_RUNNABLE || prev->state == TASK_NEW)) {
		states_put_gap(s, c, r->t);
		cpu_begin(&s->cpus, c, prev->since, CPU_RUNNING, EDGE_INFERRED);
		put_on(c, prev, prev->since);
		prev->begin = EDGE_INFERRED;
		return;
	}
	states_vacate(s, c, r->t);
	if (old != NULL && old->exited)
		states_end_life(s, old, r->t);
	if (prev != NULL)
		lose_track(s, c, prev, r->t);
}

/* prev leaves the CPU, where it was running or nobody knows since when: its next state begins. */
static void
leave(struct states *s, struct cpu *c, struct task *prev, const struct rec *r)
{
	const struct rec_switch *w = &r->switch_;

	prev->cpu = c->n;
	pairs_add(&prev->info, STR("out"), w->state);
	states_put_stack(s, prev, r->t, w->stack);
	prev->known = true;
	prev->on = NULL;
	c->task = NULL;
	states_begin(prev, task_state_of(w->state), r->t);
	if (prev->state == TASK_DEAD) {
		states_settle(s, prev);
		tasks_drop(&s->tasks, prev);
		return;
	}
	task_link_cpu(prev, &c->home);
	if (prev->state == TASK_PREEMPTED)
		pairs_add_task(&prev->info, STR("next"), w->next_tid, w->next_comm);
	strbuf_set_field(&prev->stack, w->stack);
}

/* A newborn that gets a CPU has waited for one since its fork, unless events are missing. */
static void
newborn(struct task *k)
{
	if (k->state != TASK_NEW || k->since < k->machine->lost)
		return;
	k->state = TASK_RUNNABLE;
	k->begin = EDGE_INFERRED;
}

/* next gets the CPU: what it did until now ends. */
static void
arrive(struct states *s, struct cpu *c, struct task *next, const struct rec *r)
{
	enum edge end = EDGE_SEEN;

	if (next->on != NULL)
		states_vacate(s, next->on, r->t);
	states_settle(s, next);
	if (next->state >= TASK_SLEEPING)
		end = EDGE_INFERRED;
	newborn(next);
	if (next->state == TASK_RUNNABLE || next->state == TASK_PREEMPTED)
		pairs_add_task(&next->info, STR("prev"), r->tid, r->switch_.comm);
	states_put(s, next, r->t, end);
	next->known = true;
	task_link_cpu(next, &c->home);
	put_on(c, next, r->t);
}

/* Who leaves by its tid, NULL for the idle task, and where not even that is known. */
static struct task *
leaving(struct states *s, struct cpu *c, const struct rec *r)
{
	struct task *prev = c->task;

	if (r->tid == 0)
		strbuf_set_field(&c->name, r->switch_.comm);
	if (r->tid <= 0)
		return NULL;
	if (prev == NULL || prev->tid != r->tid)
		prev = states_task(s, c->machine, r->tid, r->t);
	task_called(prev, r->switch_.comm, r->switch_.prio, r->pid);
	return prev;
}

void
states_switch(struct states *s, struct machine *m, const struct rec *r)
{
	const struct rec_switch *w = &r->switch_;
	struct cpu *c = cpus_get(&s->cpus, m, r->cpu);
	struct task *prev = leaving(s, c, r), *next;
	bool expected = prev != NULL ? c->task == prev : r->tid == 0 && c->state == CPU_IDLE;

	m->switched = true;
	s->count.switches++;
	if (c->fresh)
		first_switch(s, c, prev, r);
	else if (!expected)
		missing_switch(s, c, prev, r);
	if (prev != NULL)
		leave(s, c, prev, r);
	cpu_begin(&s->cpus, c, r->t, w->next_tid == 0 ? CPU_IDLE : CPU_RUNNING, EDGE_SEEN);
	if (w->next_tid == 0) {
		strbuf_set_field(&c->name, w->next_comm);
		return;
	}
	next = states_task(s, m, w->next_tid, r->t);
	task_called(next, w->next_comm, w->next_prio, REC_NO_ID);
	arrive(s, c, next, r);
}
