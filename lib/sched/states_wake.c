/* SPDX-License-Identifier: MIT */

#include "states_wake.h"

/* What a wakeup record, and the waker itself, tell: while both stay as they are. */
static struct wake
wake_of(struct states *s, struct machine *m, const struct rec *r)
{
	struct wake w = { .t = r->t,
		.cpu = r->cpu,
		.pid = r->pid,
		.tid = r->tid,
		.target = r->wakeup.target,
		.birth = r->tid < 0 ? REC_NO_NS : 0,
		.comm = STR_NONE,
		.context = r->wakeup.context,
		.stack = r->wakeup.stack };
	struct task *waker;

	if (r->tid > 0) {
		waker = states_task(s, m, r->tid, r->t);
		task_called(waker, STR_NONE, REC_NO_INT, r->pid);
		w.comm = strbuf_field(&waker->comm);
		w.birth = waker->birth;
		w.pid = waker->pid;
	} else if (r->tid == 0) {
		w.comm = strbuf_field(&cpus_get(&s->cpus, m, r->cpu)->name);
	}
	return w;
}

/* It may be told of only later, when its record is gone. */
static void
remember(struct task *k, struct wake w)
{
	strbuf_clear(&k->wake_text);
	strbuf_add(&k->wake_text, w.comm);
	strbuf_add(&k->wake_text, w.context);
	strbuf_add(&k->wake_text, w.stack);
	w.comm.p = k->wake_text.p;
	w.context.p = w.comm.p + w.comm.n;
	w.stack.p = w.context.p + w.context.n;
	k->wake = w;
	k->waking = true;
}

static void
put_arrow(struct states *s, const struct task *k, const struct wake *w, int64_t t, struct str type,
    int64_t waited)
{
	struct rec r;

	r.kind = REC_ARROW;
	r.more = (struct str){ 0 };
	r.t = t;
	r.machine = k->machine->name;
	r.cpu = w->cpu;
	r.pid = w->pid;
	r.tid = w->tid;
	r.arrow.birth = w->birth;
	r.arrow.comm = w->comm;
	r.arrow.type = type;
	r.arrow.context = w->context;
	r.arrow.wakee_pid = k->pid;
	r.arrow.wakee = k->tid;
	r.arrow.wakee_birth = k->birth;
	r.arrow.wakee_comm = strbuf_field(&k->comm);
	r.arrow.target = w->target;
	r.arrow.waited = waited;
	r.arrow.stack = w->stack;
	s->cpus.emit(s->cpus.arg, &r);
}

/* The usual is not said. */
static void
add_unless(struct strbuf *info, struct str key, struct str value, struct str usual)
{
	if (!str_eq(value, usual))
		pairs_add(info, key, value);
}

static void
add_waker(struct strbuf *info, const struct wake *w, struct str type)
{
	pairs_add_task(info, STR("waker"), w->tid, w->comm);
	add_unless(info, STR("context"), w->context, STR("task"));
	add_unless(info, STR("wake"), type, STR("wakeup"));
}

/* The wake ends what the task did until t, if it did not run or wait for a CPU. */
static void
wake(struct states *s, struct task *k, const struct wake *w, int64_t t, int64_t arrow_t,
    struct str type)
{
	bool first = k->state == TASK_NEW && str_eq(type, STR("new"));
	int64_t waited = 0;

	if (k->state == TASK_UNKNOWN || (k->state == TASK_NEW && !first))
		waited = REC_NO_NS;
	else if (k->state >= TASK_SLEEPING)
		waited = machine_span(k->since, t);
	put_arrow(s, k, w, arrow_t, type, waited);
	s->count.wakeups++;
	if (k->state == TASK_RUNNING || k->state == TASK_RUNNABLE || k->state == TASK_PREEMPTED) {
		s->count.idle_wakeups++;
		return;
	}
	if (!first) {
		if (k->state >= TASK_SLEEPING)
			add_waker(&k->info, w, type);
		states_put(s, k, t, EDGE_SEEN);
	}
	states_begin(k, TASK_RUNNABLE, t);
	add_waker(&k->info, w, type);
	strbuf_set_field(&k->stack, w->stack);
	if (w->target >= 0)
		task_link_cpu(k, &cpus_get(&s->cpus, k->machine, w->target)->home);
	else if (k->home == NULL)
		task_link_cpu(k, &k->machine->tasks);
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
	wake(s, k, &k->wake, k->wake.t > k->since ? k->wake.t : k->since, k->wake.t, STR("waking"));
}

static void
waking(struct states *s, struct machine *m, struct task *k, const struct rec *r)
{
	if (k->waking && is_stale(k)) {
		put_arrow(s, k, &k->wake, k->wake.t, STR("waking"), 0);
		s->count.wakeups++;
		s->count.idle_wakeups++;
	} else {
		states_settle(s, k);
	}
	remember(k, wake_of(s, m, r));
}

/* The waking happened in the waker; the wakeup may be told of by an interrupt on the target. */
static void
wakeup(struct states *s, struct machine *m, struct task *k, const struct rec *r)
{
	struct wake w;

	if (k->waking) {
		w = k->wake;
		w.target = r->wakeup.target;
		k->waking = false;
	} else {
		w = wake_of(s, m, r);
	}
	wake(s, k, &w, r->t, r->t, r->wakeup.type);
}

/* What runs stays where it runs: then the move is of a later wait. */
void
states_migrated(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *k = states_task(s, m, r->migrate.task, r->t);

	k->known = true;
	if (k->home != NULL && k->on == NULL && r->migrate.to >= 0)
		task_link_cpu(k, &cpus_get(&s->cpus, m, r->migrate.to)->home);
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
