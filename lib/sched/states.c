/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "rec/pairs.h"
#include "states_int.h"
#include "syscalls.h"

/* How the text of a gap starts that the fold itself writes. */
#define MISSING_SWITCH "missing switch"
#define MISSING_MANY "missing switches, "
#define SILENT "no switch after a wakeup"

/* A task that waits longer than this for an idle CPU, or for one that another task has, waits for a
 * CPU whose switches are not recorded. The kernel gives tasks that are not real-time ones a
 * twentieth of each second, whatever else runs (sched_rt_runtime_us). */
enum { IDLE_WAIT = 100000000, BUSY_WAIT = 1000000000 };

/* Words of wakeups, which are the first of tasks.names. */
enum { WORD_TASK, WORD_WAKEUP };

struct states {
	struct tasks tasks;
	struct cpus cpus;
	struct calls calls;
	struct requests requests;
	struct states_count count;
	struct strbuf info; /* the pairs of the record that is being written */
	struct strbuf many; /* the text of the last gap for many missing switches */
};

/* --- the open intervals of tasks */

static void
emit(struct states *s, const struct rec *r)
{
	s->cpus.emit(s->cpus.arg, r);
}

static void
begin(struct task *task, enum task_state state, int64_t t)
{
	task->state = (uint8_t)state;
	task->since = t;
	task->begin = EDGE_SEEN;
	task->reason = NO_REASON;
	strbuf_clear(&task->stack);
}

/* The task that an event at t names. If it is older than the machine's first event, all before that
 * is forgotten. */
static struct task *
get_task(struct states *s, struct machine *m, int32_t tid, int64_t t)
{
	struct task *task = tasks_get(&s->tasks, m, tid, t);

	if (task->since < m->start) {
		begin(task, TASK_UNKNOWN, m->start);
		task->begin = EDGE_UNKNOWN;
	}
	return task;
}

/* It is not known after all what the task did in the interval that is open. */
static void
mark_unknown(struct task *task)
{
	uint8_t edge = task->begin;

	begin(task, TASK_UNKNOWN, task->since);
	task->begin = edge;
}

/* End the life of a task. */
static void
drop(struct states *s, struct task *task, int64_t t)
{
	calls_end_task(&s->calls, task, t, EDGE_INFERRED);
	calls_free_task(task);
	tasks_drop(&s->tasks, task);
}

static void
add_task(struct states *s, struct str key, int32_t tid, uint32_t name)
{
	pairs_add_task(&s->info, key, tid, tasks_name_str(&s->tasks, name));
}

/* What is usual is not written. */
static void
add_unless(struct states *s, struct str key, uint32_t word, uint32_t usual)
{
	if (word != usual)
		pairs_add(&s->info, key, tasks_name_str(&s->tasks, word));
}

/* Start the pairs of the record of the open interval; put() completes them. */
static void
start_info(struct states *s, const struct task *task)
{
	static const struct str io_words[] = { STR_INIT("-"), STR_INIT("stat"), STR_INIT("request"),
		STR_INIT("completion") };
	const struct reason *why = &task->reason;

	strbuf_clear(&s->info);
	if (why->next_tid >= 0)
		add_task(s, STR("next"), why->next_tid, why->next);
	if (why->waker_tid >= 0)
		add_task(s, STR("waker"), why->waker_tid, why->waker);
	add_unless(s, STR("context"), why->context, WORD_TASK);
	add_unless(s, STR("wake"), why->type, WORD_WAKEUP);
	if (why->io != IO_NONE)
		pairs_add(&s->info, STR("io"), io_words[why->io]);
	if (why->device != INTERN_NONE)
		pairs_add(&s->info, STR("device"), tasks_name_str(&s->tasks, why->device));
}

/* Write the open interval, up to t. */
static void
put(struct states *s, struct task *task, int64_t t, enum edge end, struct str stack)
{
	struct rec r; /* filled in place: it is large */

	if (t <= task->since || !task->machine->begun || task->since < task->machine->start)
		return;
	edge_pairs(&s->info, (enum edge)task->begin, end);
	r.kind = REC_STATE;
	r.more = (struct str){ 0 };
	r.t = task->since;
	r.machine = task->machine->name;
	r.cpu = task->cpu;
	r.pid = task->pid;
	r.tid = task->tid;
	r.state.end = t;
	r.state.birth = task->birth;
	r.state.comm = tasks_name_str(&s->tasks, task->name);
	r.state.prio = task->prio;
	r.state.state = task_state_name((enum task_state)task->state);
	r.state.info = strbuf_field(&s->info);
	r.state.stack = stack;
	emit(s, &r);
}

static void
put_state(struct states *s, struct task *task, int64_t t, enum edge end)
{
	start_info(s, task);
	put(s, task, t, end, strbuf_field(&task->stack));
}

/* --- missing switches */

static void
put_gap(struct states *s, const struct machine *m, int32_t cpu, int64_t since, int64_t t,
    struct str what)
{
	struct rec r = { .kind = REC_GAP, .t = t, .machine = m->name, .cpu = cpu };

	r.pid = r.tid = REC_NO_ID;
	r.gap = (struct rec_gap){ .since = since, .bytes = REC_NO_U64, .what = what };
	emit(s, &r);
}

static void
put_missing(struct states *s, const struct cpu *c, int64_t now)
{
	struct machine *m = c->machine;
	uint32_t from = c->task == NULL ? INTERN_NONE : c->task->name;

	s->count.missing++;
	m->missing++;
	if (m->lead == 0)
		m->from = from;
	m->lead = from == m->from ? m->lead + 1 : m->lead - 1;
	put_gap(s, m, c->n, c->since, now, STR(MISSING_SWITCH));
}

/* A switch to or on the CPU shows now that the one from its current task is missing: both are
 * unknown since the last one. */
static void
vacate(struct states *s, struct cpu *c, int64_t now)
{
	struct task *task = c->task;

	if (c->state == CPU_UNKNOWN)
		return;
	put_missing(s, c, now);
	c->state = CPU_UNKNOWN;
	c->task = NULL;
	if (task != NULL) {
		task->on = NULL;
		begin(task, TASK_UNKNOWN, task->since);
	}
}

/* --- wakes */

/* The task of a record's tid, which is above 0: most events are of the one that runs on their CPU.
 */
static struct task *
current_task(struct states *s, struct machine *m, const struct cpu *c, const struct rec *r)
{
	struct task *task = c == NULL ? NULL : c->task;

	return task != NULL && task->tid == r->tid ? task : get_task(s, m, r->tid, r->t);
}

/* Set *w to a wakeup record and what is known about the waker; its stack is the record's. */
static void
set_wake(struct states *s, struct machine *m, const struct rec *r, struct wake *w)
{
	const struct cpu *c = cpus_find(&s->cpus, m, r->cpu);
	struct task *waker;

	w->t = r->t;
	w->birth = r->tid < 0 ? REC_NO_NS : 0;
	w->cpu = r->cpu;
	w->pid = r->pid;
	w->tid = r->tid;
	w->target = r->wakeup.target;
	w->comm = INTERN_NONE;
	w->context = tasks_name(&s->tasks, r->wakeup.context);
	w->stack = r->wakeup.stack;
	w->done.set = false;
	if (s->requests.any && c != NULL)
		w->done = lanes_last(c);
	if (r->tid > 0) {
		waker = current_task(s, m, c, r);
		if (r->pid >= 0)
			waker->pid = r->pid;
		w->comm = waker->name;
		w->birth = waker->birth;
		w->pid = waker->pid;
	} else if (r->tid == 0) {
		w->comm = cpus_get(&s->cpus, m, r->cpu)->idle_name;
	}
}

/* b - a for b >= a, REC_NO_NS if that is too much. */
static int64_t
span(int64_t a, int64_t b)
{
	uint64_t n = (uint64_t)b - (uint64_t)a;

	return n > INT64_MAX ? REC_NO_NS : (int64_t)n;
}

static void
put_arrow(struct states *s, const struct task *task, const struct wake *w, int64_t t,
    struct str type, int64_t waited)
{
	struct rec r;

	r.kind = REC_ARROW;
	r.more = (struct str){ 0 };
	r.t = t;
	r.machine = task->machine->name;
	r.cpu = w->cpu;
	r.pid = w->pid;
	r.tid = w->tid;
	r.arrow.birth = w->birth;
	r.arrow.comm = tasks_name_str(&s->tasks, w->comm);
	r.arrow.type = type;
	r.arrow.context = tasks_name_str(&s->tasks, w->context);
	r.arrow.wakee_pid = task->pid;
	r.arrow.wakee = task->tid;
	r.arrow.wakee_birth = task->birth;
	r.arrow.wakee_comm = tasks_name_str(&s->tasks, task->name);
	r.arrow.target = w->target;
	r.arrow.waited = waited;
	r.arrow.stack = w->stack;
	emit(s, &r);
	s->count.wakeups++;
}

static void
woken_by(struct task *task, const struct wake *w, uint32_t type)
{
	task->reason.waker_tid = w->tid;
	task->reason.waker = w->comm;
	task->reason.context = w->context;
	task->reason.type = type;
}

/* Does a task in D wait for I/O? It does if the completion of a request wakes it: of its own, while
 * it waits, or of any if that is all that the waker's interrupt did. */
static void
judge_wait(struct task *task, const struct done *done)
{
	bool own = done->set && done->tid == task->tid && done->birth == task->birth &&
		   done->t >= task->since;

	if (task->state != TASK_UNINTERRUPTIBLE || !(own || (done->set && done->inside)))
		return;
	if (task->reason.io == IO_NONE)
		task->reason.io = own ? IO_REQUEST : IO_COMPLETION;
	task->reason.device = done->device;
}

/* End by a wake what the task did until t, unless it runs or waits for a CPU. */
static void
wake(struct states *s, struct task *task, const struct wake *w, int64_t t, int64_t arrow_t,
    struct str type)
{
	bool first = task->state == TASK_NEW && str_eq(type, STR("new"));
	int64_t waited = 0;
	uint32_t word;

	if (task->state == TASK_UNKNOWN || (task->state == TASK_NEW && !first))
		waited = REC_NO_NS;
	else if (task->state >= TASK_SLEEPING)
		waited = span(task->since, t);
	put_arrow(s, task, w, arrow_t, type, waited);
	if (task->state == TASK_RUNNING || task->state == TASK_RUNNABLE ||
	    task->state == TASK_PREEMPTED) {
		s->count.idle_wakeups++;
		return;
	}
	word = tasks_name(&s->tasks, type);
	if (task->state >= TASK_SLEEPING)
		woken_by(task, w, word);
	judge_wait(task, &w->done);
	if (!first)
		put_state(s, task, t, EDGE_SEEN);
	begin(task, TASK_RUNNABLE, t);
	woken_by(task, w, word);
	strbuf_set_field(&task->stack, w->stack);
	if (w->target >= 0)
		task_link(task, &cpus_get(&s->cpus, task->machine, w->target)->home);
	else if (task->home == NULL)
		task_link(task, &task->machine->homeless);
}

/* Keep a waking until its wakeup comes. */
static void
set_waking(struct tasks *ts, struct task *task, const struct wake *w)
{
	struct waking *waking = ts->spare_waking;

	if (waking == NULL)
		waking = mem_alloc(sizeof *waking);
	else
		ts->spare_waking = waking->next;
	waking->wake = *w;
	strbuf_clear(&waking->stack);
	strbuf_add(&waking->stack, w->stack);
	waking->wake.stack = strbuf_str(&waking->stack);
	task->waking = waking;
}

/* Its stack's text remains valid until the next set_waking(). */
static struct wake
take_waking(struct tasks *ts, struct task *task)
{
	struct waking *waking = task->waking;

	task->waking = NULL;
	waking->next = ts->spare_waking;
	ts->spare_waking = waking;
	return waking->wake;
}

/* The task's waking, if there was one, will have no wakeup: the task has been runnable since then,
 * or since it was switched out after that. */
static void
settle(struct states *s, struct task *task)
{
	struct wake w;

	if (task->waking == NULL)
		return;
	w = take_waking(&s->tasks, task);
	wake(s, task, &w, w.t > task->since ? w.t : task->since, w.t, STR("waking"));
}

/* A waking from before the task slept, when it then slept on until another one, changed nothing. */
static void
drop_stale_waking(struct states *s, struct task *task)
{
	struct wake w;

	if (task->waking == NULL || task->state < TASK_SLEEPING ||
	    task->waking->wake.t >= task->since)
		return;
	w = take_waking(&s->tasks, task);
	put_arrow(s, task, &w, w.t, STR("waking"), 0);
	s->count.idle_wakeups++;
}

/* The waking happened in the waker; an interrupt on the target may have reported the wakeup. */
static void
add_wakeup(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *task = get_task(s, m, r->wakeup.wakee, r->t);
	struct wake w;

	task_called(&s->tasks, task, r->wakeup.comm, r->wakeup.prio, REC_NO_ID);
	if (str_eq(r->wakeup.type, STR("waking"))) {
		drop_stale_waking(s, task);
		settle(s, task);
		set_wake(s, m, r, &w);
		set_waking(&s->tasks, task, &w);
	} else {
		if (task->waking != NULL)
			w = take_waking(&s->tasks, task);
		else
			set_wake(s, m, r, &w);
		w.target = r->wakeup.target;
		wake(s, task, &w, r->t, r->t, r->wakeup.type);
	}
	task->known = true;
}

/* A task that waits, or will wait, for another CPU. One that runs stays: the move is of a later
 * wait. */
static void
add_migrate(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *task = get_task(s, m, r->migrate.task, r->t);

	task->known = true;
	if (task->home != NULL && task->on == NULL && r->migrate.to >= 0)
		task_link(task, &cpus_get(&s->cpus, m, r->migrate.to)->home);
}

/* --- lives */

/* The task must have ended by now, or when it exited; how is not known. */
static void
end_life(struct states *s, struct task *task, int64_t now)
{
	int64_t t = task->exited && task->exit_t < now ? task->exit_t : now;

	settle(s, task);
	if (task->on != NULL)
		vacate(s, task->on, now);
	begin(task, TASK_UNKNOWN, task->since);
	put_state(s, task, t, EDGE_INFERRED);
	drop(s, task, t);
}

static void
put_on(struct cpu *c, struct task *task, int64_t t)
{
	begin(task, TASK_RUNNING, t);
	task->cpu = c->n;
	task->on = c;
	c->task = task;
}

/* The task on whose CPU it runs has called exec, and so took the tid of its process's first thread:
 * from now on that is its own tid. */
static struct task *
take_tid(struct states *s, struct machine *m, const struct rec *r)
{
	struct cpu *c = r->cpu < 0 ? NULL : cpus_find(&s->cpus, m, r->cpu);
	struct task *task = c == NULL ? NULL : c->task, *first, old;

	if (!str_eq(r->comm.how, STR("exec")) || task == NULL || task->tid == r->tid ||
	    task->pid != r->pid || r->tid != r->pid || r->t < m->last)
		return NULL;
	put_state(s, task, r->t, EDGE_SEEN);
	task->on = NULL;
	c->task = NULL;
	old = (struct task){ .machine = m, .name = task->name };
	calls_move(task, &old);
	calls_free_task(task);
	tasks_drop(&s->tasks, task);
	if ((first = tasks_find(&s->tasks, m, r->tid)) != NULL) {
		old.fds = fds_share(first->fds);
		old.fds_losses = first->fds_losses;
		end_life(s, first, r->t);
	}
	task = tasks_get(&s->tasks, m, r->tid, r->t);
	calls_move(&old, task);
	task->fds = old.fds;
	task->fds_losses = old.fds_losses;
	task->birth = r->t;
	task->forked = task->known = true;
	task->name = old.name;
	task_link(task, &c->home);
	put_on(c, task, r->t);
	return task;
}

static void
add_comm(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *task;

	if (r->tid <= 0)
		return;
	task = take_tid(s, m, r);
	if (task == NULL)
		task = tasks_get(&s->tasks, m, r->tid, r->t);
	task->name = tasks_name(&s->tasks, r->comm.name);
	task_called(&s->tasks, task, STR_NONE, REC_NO_INT, r->pid);
	if (str_eq(r->comm.how, STR("exec")))
		fds_exec(&task->fds);
}

/*
 * The fork of a tid that lives: perf reports it in a record and in an event; or it describes a task
 * that was there when the recording began; or the end of the old task was not seen.
 */
static bool
is_same_life(const struct task *task, int64_t t)
{
	if (t <= 0)
		return true;
	return task->state == TASK_NEW && !task->exited && task->birth > 0;
}

static void
add_fork(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *parent = r->tid > 0 ? tasks_find(&s->tasks, m, r->tid) : NULL;
	struct task *child = tasks_find(&s->tasks, m, r->fork.child_tid);
	int64_t t = m->begun && r->t < m->last ? m->last : r->t;

	if (r->fork.child_tid == 0)
		return;
	if (child != NULL && !is_same_life(child, r->t)) {
		end_life(s, child, t);
		child = NULL;
	}
	if (child == NULL) {
		child = tasks_get(&s->tasks, m, r->fork.child_tid, r->t);
		child->birth = r->t;
		child->forked = r->t != 0;
		begin(child, TASK_NEW, t);
	}
	task_called(&s->tasks, child, STR_NONE, REC_NO_INT, r->fork.child_pid);
	if (parent != NULL && child->name == INTERN_NONE) {
		child->name = parent->name;
		task_called(&s->tasks, child, STR_NONE, parent->prio, REC_NO_ID);
	}
	if (parent != NULL)
		calls_fork(&s->calls, parent, child);
}

static void
add_exit(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *task = r->tid > 0 ? tasks_find(&s->tasks, m, r->tid) : NULL;

	if (task == NULL)
		return;
	task->exited = true;
	task->exit_t = r->t;
	calls_end_task(&s->calls, task, r->t, EDGE_INFERRED);
	if (task->state == TASK_RUNNING && task->on == NULL) { /* and no switch out will follow */
		put_state(s, task, r->t, EDGE_SEEN);
		drop(s, task, r->t);
	}
}

/* A first wakeup begins a life, if neither its fork nor the end of an older task was reported. A
 * task that only has a name has not lived until now: ftrace lists the names that tasks have when
 * the recording ends. */
static void
add_birth(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *task = tasks_find(&s->tasks, m, r->wakeup.wakee);
	bool named = task != NULL && !task->known && !task->exited;

	if (named && task->state == TASK_NEW)
		return;
	if (task != NULL && !named)
		end_life(s, task, r->t);
	task = tasks_get(&s->tasks, m, r->wakeup.wakee, r->t);
	task->birth = r->t;
	task->forked = true;
	begin(task, TASK_NEW, r->t);
}

/* --- switches */

/* It is unknown what prev did since the CPU's last switch, except that it ended up here: a waking
 * that is pending was for this run. */
static void
lose_track(struct states *s, const struct cpu *c, struct task *prev, int64_t now)
{
	if (prev->on != NULL)
		vacate(s, prev->on, now);
	settle(s, prev);
	if (prev->state == TASK_UNKNOWN)
		return;
	if (prev->since < c->since && prev->state != TASK_NEW) {
		put_state(s, prev, c->since, EDGE_INFERRED);
		begin(prev, TASK_UNKNOWN, c->since);
	} else {
		begin(prev, TASK_UNKNOWN, prev->since);
	}
}

/* The first switch of a CPU: a task that was not named before has been running all the time. */
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

	c->machine->missing_idle +=
	    c->state == CPU_IDLE || (r->tid == 0 && c->state != CPU_UNKNOWN);
	if (prev != NULL && prev->state != TASK_RUNNING)
		settle(s, prev);
	if (prev != NULL && c->state == CPU_IDLE && prev->since >= c->since &&
	    prev->since <= r->t && (prev->state == TASK_RUNNABLE || prev->state == TASK_NEW)) {
		put_missing(s, c, r->t);
		cpu_begin(&s->cpus, c, prev->since, CPU_RUNNING, EDGE_INFERRED);
		put_on(c, prev, prev->since);
		prev->begin = EDGE_INFERRED;
		return;
	}
	vacate(s, c, r->t);
	if (old != NULL && old->exited)
		end_life(s, old, r->t);
	if (prev != NULL)
		lose_track(s, c, prev, r->t);
}

/* prev leaves the CPU, where it ran or came at an unknown time: its next state begins. */
static void
leave(struct states *s, struct cpu *c, struct task *prev, const struct rec *r)
{
	const struct rec_switch *w = &r->switch_;

	prev->cpu = c->n;
	strbuf_clear(&s->info);
	pairs_add(&s->info, STR("out"), w->state);
	put(s, prev, r->t, EDGE_SEEN, w->stack);
	prev->known = true;
	prev->on = NULL;
	c->task = NULL;
	begin(prev, task_state_of(w->state), r->t);
	if (prev->state == TASK_DEAD) {
		settle(s, prev);
		drop(s, prev, r->t);
		return;
	}
	task_link(prev, &c->home);
	if (prev->state == TASK_PREEMPTED) {
		prev->reason.next_tid = w->next_tid;
		prev->reason.next = tasks_name(&s->tasks, w->next_comm);
	}
	strbuf_set_field(&prev->stack, w->stack);
}

/* A new task that gets a CPU has waited for one since its fork, unless events are missing. */
static void
end_new(struct task *task)
{
	if (task->state != TASK_NEW || task->since < task->machine->lost)
		return;
	task->state = TASK_RUNNABLE;
	task->begin = EDGE_INFERRED;
}

/* next gets the CPU: what it did until now ends. */
static void
arrive(struct states *s, struct cpu *c, struct task *next, const struct rec *r)
{
	enum edge end = EDGE_SEEN;

	if (next->on != NULL)
		vacate(s, next->on, r->t);
	settle(s, next);
	if (next->state >= TASK_SLEEPING)
		end = EDGE_INFERRED;
	end_new(next);
	start_info(s, next);
	if (next->state == TASK_RUNNABLE || next->state == TASK_PREEMPTED)
		pairs_add_task(&s->info, STR("prev"), r->tid, r->switch_.comm);
	put(s, next, r->t, end, strbuf_field(&next->stack));
	next->known = true;
	task_link(next, &c->home);
	put_on(c, next, r->t);
}

/* The task that leaves; NULL for the idle task, and if not even the tid is known. */
static struct task *
leaving(struct states *s, struct cpu *c, const struct rec *r)
{
	struct task *prev = c->task;

	if (r->tid == 0)
		c->idle_name = tasks_name(&s->tasks, r->switch_.comm);
	if (r->tid <= 0)
		return NULL;
	if (prev == NULL || prev->tid != r->tid)
		prev = get_task(s, c->machine, r->tid, r->t);
	task_called(&s->tasks, prev, r->switch_.comm, r->switch_.prio, r->pid);
	return prev;
}

/* Is only one task of a switch known? */
static bool
is_half(const struct rec *r)
{
	return r->switch_.next_tid < 0 || (r->tid < 0 && str_eq(r->switch_.state, STR("?")));
}

/* A task gets a CPU or leaves it, and the other task is not known: nothing is known about the CPU.
 */
static void
add_half_switch(struct states *s, struct machine *m, const struct rec *r)
{
	const struct rec_switch *w = &r->switch_;
	bool out = w->next_tid < 0;
	int32_t tid = out ? r->tid : w->next_tid;
	struct task *task;

	s->count.switches++;
	m->switched = true;
	m->switches++;
	if (tid <= 0)
		return;
	task = get_task(s, m, tid, r->t);
	if (task->on != NULL)
		vacate(s, task->on, r->t);
	settle(s, task);
	end_new(task);
	start_info(s, task);
	if (out) {
		task_called(&s->tasks, task, w->comm, w->prio, r->pid);
		strbuf_clear(&s->info);
		pairs_add(&s->info, STR("out"), w->state);
	}
	put(s, task, r->t, EDGE_SEEN, strbuf_field(&task->stack));
	begin(task, out ? task_state_of(w->state) : TASK_RUNNING, r->t);
	task->known = true;
	task->cpu = r->cpu;
	task_link(task, &m->homeless);
}

static void
add_switch(struct states *s, struct machine *m, const struct rec *r)
{
	const struct rec_switch *w = &r->switch_;
	struct cpu *c = cpus_get(&s->cpus, m, r->cpu);
	struct task *prev = leaving(s, c, r), *next;
	bool expected = prev != NULL ? c->task == prev : r->tid == 0 && c->state == CPU_IDLE;

	m->switched = true;
	m->switches++;
	s->count.switches++;
	if (c->fresh)
		first_switch(s, c, prev, r);
	else if (!expected)
		missing_switch(s, c, prev, r);
	if (c->lanes != NULL)
		lanes_switch(&s->cpus, c, r->t);
	if (prev != NULL)
		leave(s, c, prev, r);
	cpu_begin(&s->cpus, c, r->t, w->next_tid == 0 ? CPU_IDLE : CPU_RUNNING, EDGE_SEEN);
	if (w->next_tid == 0) {
		c->idle_name = tasks_name(&s->tasks, w->next_comm);
		return;
	}
	next = get_task(s, m, w->next_tid, r->t);
	task_called(&s->tasks, next, w->next_comm, w->next_prio, REC_NO_ID);
	arrive(s, c, next, r);
}

/* The scheduler accounts for the wait of a task that is about to be woken as one for I/O. */
static void
add_iowait(struct states *s, const struct machine *m, const struct rec *r)
{
	int64_t tid = info_number(r->tracepoint.info, STR("pid"));
	struct task *task =
	    tid <= 0 || tid > INT32_MAX ? NULL : tasks_find(&s->tasks, m, (int32_t)tid);

	if (task != NULL && task->state == TASK_UNINTERRUPTIBLE)
		task->reason.io = IO_STAT;
}

/* --- interrupts */

/* False if the record does not begin or end an interval. */
static bool
add_interrupt(struct states *s, struct machine *m, const struct rec *r)
{
	bool hard = r->kind == REC_IRQ;
	enum lane_kind kind = hard ? LANE_IRQ : LANE_SOFTIRQ;
	int64_t number = hard ? r->irq.irq : (int64_t)r->softirq.vec;
	struct str edge = hard ? r->irq.edge : r->softirq.edge;
	uint32_t name = tasks_name(&s->tasks, hard ? r->irq.name : r->softirq.name);
	struct cpu *c;

	if (r->cpu < 0 || !(str_eq(edge, STR("entry")) || str_eq(edge, STR("exit"))))
		return false;
	c = cpus_get(&s->cpus, m, r->cpu);
	if (str_eq(edge, STR("entry")))
		lanes_enter(&s->cpus, c, kind, r, number, name);
	else if (!lanes_exit(&s->cpus, c, kind, r, number, name))
		s->count.stray++;
	return true;
}

/* --- losses */

/* Without a single switch, the length of a wait is unknown. */
static void
doubt_wait(struct task *task)
{
	if (!task->machine->switched && task->state != TASK_UNKNOWN)
		mark_unknown(task);
}

static void
lose_tasks(struct states *s, struct task **home, int64_t from)
{
	struct task *task;
	int64_t t;

	while ((task = *home) != NULL) {
		settle(s, task);
		task_unlink(task);
		task->on = NULL;
		if (task->state == TASK_UNKNOWN)
			continue;
		t = from > task->since ? from : task->since;
		doubt_wait(task);
		put_state(s, task, t, EDGE_LOST);
		begin(task, TASK_UNKNOWN, t);
	}
}

static void
lose_cpu(struct states *s, struct cpu *c, int64_t since)
{
	const struct machine *m = c->machine;
	int64_t from = since == REC_NO_NS ? c->since : since;

	from = from < m->last ? from : m->last;
	lose_tasks(s, &c->home, from);
	cpu_lose(&s->cpus, c, from);
}

static int
by_index(const void *va, const void *vb)
{
	const struct cpu *a = *(struct cpu *const *)va, *b = *(struct cpu *const *)vb;

	return a->index < b->index ? -1 : a->index > b->index;
}

/* Those that had no event since the last such loss have nothing to lose. */
static void
lose_cpus(struct states *s, struct machine *m, int64_t since)
{
	struct cpus *cs = &s->cpus;
	size_t i, n = 0;

	for (; m->heard != NULL; m->heard = m->heard->next) {
		cs->heard = mem_grow(cs->heard, n, &cs->cap_heard, sizeof(struct cpu *));
		cs->heard[n++] = m->heard;
		m->heard->heard = false;
	}
	if (n > 0)
		qsort(cs->heard, n, sizeof(struct cpu *), by_index);
	for (i = 0; i < n; i++)
		lose_cpu(s, cs->heard[i], since);
}

/* Events are missing on a CPU, or on any: what is known about it ends with them. */
static void
add_loss(struct states *s, struct machine *m, const struct rec *r, int64_t since, uint64_t count)
{
	struct cpu *c = r->cpu < 0 ? NULL : cpus_find(&s->cpus, m, r->cpu);

	s->count.losses++;
	calls_lose(&s->calls, m, since == REC_NO_NS || since > m->last ? m->last : since);
	requests_cut(
	    &s->requests, m, since == REC_NO_NS || since > m->last ? m->last : since, EDGE_LOST);
	if (r->t > m->lost)
		m->lost = r->t;
	if (c != NULL)
		lose_cpu(s, c, since);
	if (r->cpu < 0)
		lose_cpus(s, m, since);
	if (r->cpu < 0 && m->begun)
		lose_tasks(s, &m->homeless, since < m->last ? since : m->last);
	cpus_lost(&s->cpus, m, r->cpu, since == REC_NO_NS ? r->t : since, r->t, count);
}

/* When the first of the tasks was woken that wait for a CPU since its last switch; REC_NO_NS if
 * none does. */
static int64_t
first_wait(const struct cpu *c)
{
	int64_t first = REC_NO_NS;
	const struct task *task;

	for (task = c->home; task != NULL; task = task->next)
		if (task->state == TASK_RUNNABLE && task->since >= c->since &&
		    (first == REC_NO_NS || task->since < first))
			first = task->since;
	return first;
}

/* The end of a recording: nothing is known about a CPU that should have switched to a task, but did
 * not; it went offline, or only some CPUs were recorded. */
static void
doubt_cpus(struct states *s)
{
	int64_t t, wait;
	struct cpu *c;
	size_t i;

	for (i = 0; i < s->cpus.n; i++) {
		c = s->cpus.all[i];
		t = c->machine->switched && c->machine->begun && c->n >= 0 ? first_wait(c)
									   : REC_NO_NS;
		wait = t == REC_NO_NS ? 0 : span(t, c->machine->last);
		if (wait != REC_NO_NS && wait <= (c->state == CPU_RUNNING ? BUSY_WAIT : IDLE_WAIT))
			continue;
		s->count.silent++;
		put_gap(s, c->machine, c->n, t, c->machine->last, STR(SILENT));
		lose_cpu(s, c, t);
	}
}

/* --- records */

/* Does the record have a time and a CPU or task of its own? Then it is within the machine's span.
 */
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

/* The kinds that the fold makes: a machine that has them and nothing to fold is copied as it is. */
static bool
is_folded(enum rec_kind kind)
{
	return kind == REC_STATE || kind == REC_CPUSTATE || kind == REC_ARROW ||
	       kind == REC_IOSTATE || kind == REC_REQUEST;
}

/* Fold an event; false if it is none of those that states replace. */
static bool
add_event(struct states *s, struct machine *m, const struct rec *r)
{
	switch (r->kind) {
	case REC_SWITCH:
		if (is_half(r))
			add_half_switch(s, m, r);
		else
			add_switch(s, m, r);
		return true;
	case REC_WAKEUP:
		if (r->wakeup.wakee == 0) /* no CPU's idle task ever waits */
			return true;
		if (str_eq(r->wakeup.type, STR("new")))
			add_birth(s, m, r);
		add_wakeup(s, m, r);
		return true;
	case REC_MIGRATE:
		add_migrate(s, m, r);
		return true;
	case REC_IDLE:
		cpu_idle(&s->cpus, cpus_get(&s->cpus, m, r->idle.target), r->t, r->idle.state);
		return true;
	case REC_FREQ:
		cpu_freq(&s->cpus, cpus_get(&s->cpus, m, r->freq.target), r->t, r->freq.khz);
		return true;
	case REC_IRQ:
	case REC_SOFTIRQ:
		return add_interrupt(s, m, r);
	case REC_SYSENTER:
	case REC_SYSEXIT:
		return calls_add(&s->calls, m, r);
	case REC_TRACEPOINT:
		if (str_eq(r->tracepoint.name, STR("sched:sched_stat_iowait")))
			add_iowait(s, m, r);
		return calls_add(&s->calls, m, r) || requests_add(&s->requests, m, r);
	default:
		return false;
	}
}

static void
add_fact(struct states *s, struct machine *m, const struct rec *r)
{
	if (r->kind == REC_COMM)
		add_comm(s, m, r);
	else if (r->kind == REC_FORK)
		add_fork(s, m, r);
	else if (r->kind == REC_EXIT)
		add_exit(s, m, r);
	else if (r->kind == REC_LOST)
		add_loss(s, m, r, r->lost.since, r->lost.count);
	else if (r->kind == REC_GAP && r->gap.since != REC_NO_NS && r->t != REC_NO_NS &&
		 !str_starts(r->gap.what, MISSING_SWITCH) && !str_eq(r->gap.what, STR(SILENT)))
		add_loss(s, m, r, r->gap.since, REC_NO_U64);
}

enum states_verdict
states_add(struct states *s, const struct rec *r)
{
	struct machine *m;

	if (is_event(r->kind)) {
		m = machines_get(&s->tasks.machines, r->machine);
		if (!machine_event(m, r->t))
			return STATES_ORDER;
		if (!add_event(s, m, r))
			return STATES_COPY;
		m->scheduled = true;
		m->folded = false;
		s->count.intervals |= r->kind >= REC_SYSENTER;
		return STATES_TAKEN;
	}
	if (is_folded(r->kind)) {
		m = machines_get(&s->tasks.machines, r->machine);
		m->folded = !m->scheduled;
		s->count.folded = true;
	} else if (r->kind == REC_META && str_eq(r->meta.key, STR("arch"))) {
		m = machines_get(&s->tasks.machines, r->machine);
		m->arch = syscalls_arch(r->meta.value);
	} else if (r->kind >= REC_LOST && r->kind <= REC_EXIT) {
		m = machines_get(&s->tasks.machines, r->machine);
		if (m->folded)
			return STATES_COPY;
		if (r->kind >= REC_COMM && !machine_process(m, r->t))
			return STATES_ORDER;
		add_fact(s, m, r);
	}
	return STATES_COPY;
}

/* --- both ends */

struct states *
states_new(void (*emit_rec)(void *arg, const struct rec *), void *arg)
{
	struct states *s = mem_alloc(sizeof *s);

	s->cpus.emit = emit_rec;
	s->cpus.arg = arg;
	s->cpus.names = &s->tasks.names;
	intern_put(&s->tasks.names, STR("task"));
	intern_put(&s->tasks.names, STR("wakeup"));
	s->requests = (struct requests){ .out = &s->cpus, .tasks = &s->tasks };
	s->calls = (struct calls){ .out = &s->cpus, .tasks = &s->tasks, .merge = -1 };
	return s;
}

void
states_merge_calls(struct states *s, int64_t apart)
{
	s->calls.merge = apart;
}

void
states_free(struct states *s)
{
	size_t i;

	for (i = 0; i < s->tasks.n; i++)
		calls_free_task(s->tasks.all[i]);
	cpus_free(&s->cpus);
	calls_free(&s->calls);
	requests_free(&s->requests);
	tasks_free(&s->tasks);
	strbuf_free(&s->info);
	strbuf_free(&s->many);
	free(s);
}

void
states_stop(struct states *s, const struct rec *r)
{
	const struct machine *m = machines_get(&s->tasks.machines, r->machine);
	int64_t t = m->begun ? m->last : m->latest;

	put_gap(s, m, REC_NO_ID, t, t, STR("out of order from here on"));
}

/*
 * The recording's end. If the task had exited its last switch is missing, if there were switches:
 * it did not wait on until now, but ran when it exited.
 */
static void
end_task(struct states *s, struct task *task)
{
	const struct machine *m = task->machine;

	if (task->tid < 0 || !m->begun || m->folded || task->since < m->start)
		return;
	settle(s, task);
	doubt_wait(task);
	if (task->exited && task->state != TASK_RUNNING && task->since < task->exit_t)
		mark_unknown(task);
	if (task->state <= TASK_NEW && task->exited)
		put_state(s, task, task->exit_t < m->last ? task->exit_t : m->last, EDGE_INFERRED);
	else if (task->known || task->state == TASK_NEW)
		put_state(s, task, m->last, EDGE_OPEN);
}

/* Whether too many switches are missing to tell what tasks without events did: more than half, or 8
 * and more than a twentieth. */
static bool
is_partial(uint64_t switches, uint64_t missing)
{
	return missing > switches / 2 || (missing >= 8 && missing > switches / 20);
}

/* Emit a gap for a machine that misses many switches. Some kernels leave out switches of idle tasks
 * or those from a task: then most of the missing ones are theirs. In a part of a recording these
 * may be most, too, but more than half of all switches are missing. */
static void
put_many(struct states *s, const struct machine *m)
{
	bool few = m->missing <= m->switches / 2;
	bool idle = few && m->missing_idle > m->missing / 2;
	bool one = few && !idle && m->from != INTERN_NONE && m->lead > m->missing / 2;

	strbuf_clear(&s->many);
	if (idle)
		strbuf_add(&s->many, STR(MISSING_MANY "most to or from an idle task"));
	else if (one)
		strbuf_add(&s->many, STR(MISSING_MANY "most from "));
	else
		strbuf_add(&s->many, STR(MISSING_MANY "as in a part of a recording"));
	if (one)
		strbuf_add(&s->many, tasks_name_str(&s->tasks, m->from));
	s->count.part = !idle && !one;
	s->count.why = (struct str){ s->many.p + sizeof MISSING_MANY - 1,
		s->many.n - (sizeof MISSING_MANY - 1) };
	put_gap(s, m, REC_NO_ID, m->start, m->last, strbuf_str(&s->many));
}

void
states_end(struct states *s)
{
	struct machine *m;
	size_t i;

	doubt_cpus(s);
	for (i = 0; i < s->tasks.n; i++) {
		if (s->tasks.all[i]->tid >= 0)
			calls_end_task(
			    &s->calls, s->tasks.all[i], s->tasks.all[i]->machine->last, EDGE_OPEN);
		end_task(s, s->tasks.all[i]);
	}
	cpus_end(&s->cpus);
	for (i = 0; i < s->tasks.machines.names.n; i++) {
		m = s->tasks.machines.all[i];
		requests_cut(&s->requests, m, m->last, EDGE_OPEN);
		s->count.still += m->switches > 0 && m->start == m->last && !m->folded;
		if (is_partial(m->switches, m->missing))
			put_many(s, m);
	}
}

struct states_count
states_count(const struct states *s)
{
	struct states_count count = s->count;

	count.cut = s->tasks.cut;
	count.stray += s->calls.stray;
	return count;
}
