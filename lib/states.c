/* SPDX-License-Identifier: MIT */

#include "states_fold.h"

void
states_open(struct states *s, void (*emit)(void *arg, const struct rec *), void *arg)
{
	*s = (struct states){ .cpus = { .emit = emit, .arg = arg } };
}

/* What came before the first event is of an older task: unknown since then. */
struct task *
states_task(struct states *s, struct machine *m, int32_t tid, int64_t t)
{
	struct task *k = tasks_get(&s->tasks, m, tid, t);

	if (k->since < m->start) {
		states_begin(k, TASK_UNKNOWN, m->start);
		k->begin = EDGE_UNKNOWN;
	}
	return k;
}

static void
put(struct states *s, struct task *k, int64_t t, struct str stack)
{
	struct rec r;

	if (t <= k->since || !k->machine->begun || k->since < k->machine->start)
		return;
	r.kind = REC_STATE;
	r.more = (struct str){ 0 };
	r.t = k->since;
	r.machine = keep_str(&k->machine->name);
	r.cpu = k->cpu;
	r.pid = k->pid;
	r.tid = k->tid;
	r.state = (struct rec_state){ .end = t,
		.birth = k->birth,
		.comm = keep_str(&k->comm),
		.prio = k->prio,
		.state = task_state_name(k->state),
		.info = keep_str(&k->info),
		.stack = stack };
	s->cpus.emit(s->cpus.arg, &r);
}

void
states_put(struct states *s, struct task *k, int64_t t, enum edge end)
{
	edge_pairs(&k->info, k->begin, end);
	put(s, k, t, keep_str(&k->stack));
}

void
states_put_stack(struct states *s, struct task *k, int64_t t, struct str stack)
{
	edge_pairs(&k->info, k->begin, EDGE_SEEN);
	put(s, k, t, stack);
}

void
states_begin(struct task *k, enum task_state state, int64_t t)
{
	k->state = state;
	k->since = t;
	k->begin = EDGE_SEEN;
	keep_clear(&k->info);
	keep_clear(&k->stack);
}

void
states_end_life(struct states *s, struct task *k, const struct rec *now)
{
	int64_t t = k->exited ? k->exit_t : now->t;

	states_settle(s, k);
	if (k->on != NULL)
		states_vacate(s, k->on, now);
	states_begin(k, TASK_UNKNOWN, k->since);
	states_put(s, k, t, EDGE_INFERRED);
	tasks_drop(&s->tasks, k);
}

static void
named(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *k;

	if (r->tid <= 0)
		return;
	k = tasks_get(&s->tasks, m, r->tid, r->t);
	keep_set(&k->comm, r->comm.name);
	task_called(k, STR_NONE, REC_NO_INT, r->pid);
}

/*
 * The fork of a tid that is alive: told of twice, as perf does in a record and in an event; or a
 * description of the tasks that were there when the recording began; or the end of the old one was
 * not seen.
 */
static bool
is_same_life(const struct task *k, const struct machine *m, int64_t t)
{
	if (t <= 0 || (m->begun && t < m->start))
		return true;
	return k->state == TASK_NEW && !k->exited && k->birth > 0;
}

static void
forked(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *parent = r->tid > 0 ? tasks_find(&s->tasks, m, r->tid) : NULL;
	struct task *k = tasks_find(&s->tasks, m, r->fork.child_tid);

	if (r->fork.child_tid == 0)
		return;
	if (k != NULL && !is_same_life(k, m, r->t)) {
		states_end_life(s, k, r);
		k = NULL;
	}
	if (k == NULL) {
		k = tasks_get(&s->tasks, m, r->fork.child_tid, r->t);
		k->birth = r->t;
		states_begin(k, TASK_NEW, m->begun && r->t < m->last ? m->last : r->t);
	}
	task_called(k, STR_NONE, REC_NO_INT, r->fork.child_pid);
	if (parent != NULL && k->comm.n == 0)
		task_called(k, keep_str(&parent->comm), parent->prio, REC_NO_ID);
}

static void
exited(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *k = r->tid > 0 ? tasks_find(&s->tasks, m, r->tid) : NULL;

	if (k == NULL)
		return;
	k->exited = true;
	k->exit_t = r->t;
}

static void
lose_tasks(struct states *s, struct task **home, int64_t from)
{
	struct task *k;
	int64_t t;

	while ((k = *home) != NULL) {
		states_settle(s, k);
		task_nowhere(k);
		k->on = NULL;
		if (k->state == TASK_UNKNOWN)
			continue;
		t = from > k->since ? from : k->since;
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

/* Those that the states replace. */
static bool
add_event(struct states *s, struct machine *m, const struct rec *r)
{
	switch (r->kind) {
	case REC_SWITCH:
		states_switch(s, m, r);
		return true;
	case REC_WAKEUP:
		states_wakeup(s, m, r);
		return true;
	case REC_MIGRATE:
		states_task(s, m, r->migrate.task, r->t)->known = true;
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
		named(s, m, r);
	else if (r->kind == REC_FORK)
		forked(s, m, r);
	else if (r->kind == REC_EXIT)
		exited(s, m, r);
	else if (r->kind == REC_LOST)
		lost(s, m, r, r->lost.since, r->lost.count);
	else if (r->kind == REC_GAP && r->gap.since != REC_NO_NS)
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
		return add_event(s, m, r) ? STATES_TAKEN : STATES_COPY;
	}
	if (r->kind >= REC_LOST && r->kind <= REC_EXIT)
		add_fact(s, machines_get(&s->tasks.machines, r->machine), r);
	return STATES_COPY;
}

/* The recording's end; of a task that had exited the last switch is missing. */
static void
close_task(struct states *s, struct task *k)
{
	const struct machine *m = k->machine;

	if (k->tid < 0 || !m->begun || k->since < m->start)
		return;
	states_settle(s, k);
	if (k->state == TASK_UNKNOWN && k->exited)
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
