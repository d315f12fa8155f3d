/* SPDX-License-Identifier: MIT */

#include "states_wake.h"

/* Keep the waker: it may be told of only later, when its line is gone. */
static void
remember(struct states *s, struct machine *m, struct task *k, const struct rec *r)
{
	struct wake *w = &k->wake;
	struct task *waker;

	w->t = r->t;
	w->cpu = r->cpu;
	w->pid = r->pid;
	w->tid = r->tid;
	w->target = r->wakeup.target;
	w->birth = r->tid < 0 ? REC_NO_NS : 0;
	keep_clear(&w->comm);
	keep_set(&w->context, r->wakeup.context);
	keep_set(&w->stack, r->wakeup.stack);
	if (r->tid > 0) {
		waker = states_task(s, m, r->tid, r->t);
		task_called(waker, STR_NONE, REC_NO_INT, r->pid);
		keep_set(&w->comm, keep_str(&waker->comm));
		w->birth = waker->birth;
		w->pid = waker->pid;
	} else if (r->tid == 0) {
		keep_set(&w->comm, keep_str(&cpus_get(&s->cpus, m, r->cpu)->name));
	}
}

static void
put_arrow(struct states *s, const struct task *k, int64_t t, struct str type, int64_t waited)
{
	const struct wake *w = &k->wake;
	struct rec r;

	r.kind = REC_ARROW;
	r.more = (struct str){ 0 };
	r.t = t;
	r.machine = k->machine->name;
	r.cpu = w->cpu;
	r.pid = w->pid;
	r.tid = w->tid;
	r.arrow = (struct rec_arrow){ .birth = w->birth,
		.comm = keep_str(&w->comm),
		.type = type,
		.context = keep_str(&w->context),
		.wakee_pid = k->pid,
		.wakee = k->tid,
		.wakee_birth = k->birth,
		.wakee_comm = keep_str(&k->comm),
		.target = w->target,
		.waited = waited,
		.stack = keep_str(&w->stack) };
	s->cpus.emit(s->cpus.arg, &r);
}

/* The usual is not said. */
static void
add_unless(struct keep *info, struct str key, struct str value, struct str usual)
{
	if (!str_eq(value, usual))
		keep_pair(info, key, value);
}

static void
add_waker(struct keep *info, const struct wake *w, struct str type)
{
	keep_pair_id(info, STR("waker"), w->tid);
	keep_pair(info, STR("waker_comm"), keep_str(&w->comm));
	add_unless(info, STR("context"), keep_str(&w->context), STR("task"));
	add_unless(info, STR("wake"), type, STR("wakeup"));
}

/* The wake ends what the task did until t, if it did not run or wait for a CPU. */
static void
wake(struct states *s, struct task *k, int64_t t, int64_t arrow_t, struct str type)
{
	bool first = k->state == TASK_NEW && str_eq(type, STR("new"));
	int64_t waited = 0;

	if (k->state == TASK_UNKNOWN || (k->state == TASK_NEW && !first))
		waited = REC_NO_NS;
	else if (k->state >= TASK_SLEEPING)
		waited = machine_span(k->since, t);
	put_arrow(s, k, arrow_t, type, waited);
	s->count.wakeups++;
	if (k->state == TASK_RUNNING || k->state == TASK_RUNNABLE || k->state == TASK_PREEMPTED) {
		s->count.idle_wakeups++;
		return;
	}
	if (!first) {
		if (k->state >= TASK_SLEEPING)
			add_waker(&k->info, &k->wake, type);
		states_put(s, k, t, EDGE_SEEN);
	}
	states_begin(k, TASK_RUNNABLE, t);
	add_waker(&k->info, &k->wake, type);
	keep_swap(&k->stack, &k->wake.stack);
	if (k->wake.target >= 0)
		task_at(k, &cpus_get(&s->cpus, k->machine, k->wake.target)->home);
	else if (k->home == NULL)
		task_at(k, &k->machine->tasks);
}

/* A waking that came while the task still ran is of no account when it slept on until another. */
static bool
is_stale(const struct task *k)
{
	return k->state >= TASK_SLEEPING && k->wake.t < k->since;
}

void
states_settle(struct states *s, struct task *k)
{
	if (!k->waking)
		return;
	k->waking = false;
	wake(s, k, k->wake.t > k->since ? k->wake.t : k->since, k->wake.t, STR("waking"));
}

static void
waking(struct states *s, struct machine *m, struct task *k, const struct rec *r)
{
	if (k->waking && is_stale(k)) {
		put_arrow(s, k, k->wake.t, STR("waking"), 0);
		s->count.wakeups++;
		s->count.idle_wakeups++;
	} else {
		states_settle(s, k);
	}
	remember(s, m, k, r);
	k->waking = true;
}

/* The waking happened in the waker; the wakeup may be told of by an interrupt on the target. */
static void
wakeup(struct states *s, struct machine *m, struct task *k, const struct rec *r)
{
	if (k->waking)
		k->wake.target = r->wakeup.target;
	else
		remember(s, m, k, r);
	k->waking = false;
	wake(s, k, r->t, r->t, r->wakeup.type);
}

/* What runs stays where it runs: then the move is of a later wait. */
void
states_migrated(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *k = states_task(s, m, r->migrate.task, r->t);

	k->known = true;
	if (k->home != NULL && k->on == NULL && r->migrate.to >= 0)
		task_at(k, &cpus_get(&s->cpus, m, r->migrate.to)->home);
}

void
states_wakeup(struct states *s, struct machine *m, const struct rec *r)
{
	const struct rec_wakeup *w = &r->wakeup;
	struct task *k = states_task(s, m, w->wakee, r->t);

	task_called(k, w->comm, w->prio, REC_NO_ID);
	if (str_eq(w->type, STR("waking")))
		waking(s, m, k, r);
	else
		wakeup(s, m, k, r);
	k->known = true;
}
