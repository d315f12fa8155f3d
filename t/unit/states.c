/* SPDX-License-Identifier: MIT */
/* What a small stream does not show of the fold: memory, extremes of time, names. */

#include <malloc.h>
#include <stdlib.h>

#include "rec/pairs.h"
#include "sched/lines.h"
#include "sched/states.h"
#include "tap.h"

enum { TASKS = 20000 };

struct seen {
	uint64_t states, arrows, lost;
	int64_t waited, end; /* of a CPU's last state */
	char comm[32];       /* of the last state, its prio and pid */
	int64_t prio;
	int32_t pid;
};

static void
count(void *arg, const struct rec *r)
{
	struct seen *seen = arg;

	seen->states += r->kind == REC_STATE;
	seen->arrows += r->kind == REC_ARROW;
	seen->lost +=
	    r->kind == REC_STATE && memmem(r->state.info.p, r->state.info.n, "end=lost", 8) != NULL;
	if (r->kind == REC_CPUSTATE)
		seen->end = r->cpustate.end;
	if (r->kind == REC_ARROW)
		seen->waited = r->arrow.waited;
	if (r->kind == REC_STATE) {
		snprintf(
		    seen->comm, sizeof seen->comm, "%.*s", (int)r->state.comm.n, r->state.comm.p);
		seen->prio = r->state.prio;
		seen->pid = r->pid;
	}
}

/* Bytes allocated; 0 under the address sanitizer. */
static size_t
allocated(void)
{
	return mallinfo2().uordblks;
}

static struct rec
event(enum rec_kind kind, int64_t t, int32_t tid)
{
	return (struct rec){
		.kind = kind, .t = t, .machine = STR("host"), .cpu = 0, .pid = tid, .tid = tid
	};
}

static void
add_switch(struct states *s, int64_t t, int32_t prev, struct str state, int32_t next)
{
	struct rec r = event(REC_SWITCH, t, prev);

	r.switch_ = (struct rec_switch){ .comm = STR("a"),
		.prio = 120,
		.state = state,
		.next_tid = next,
		.next_comm = STR("b"),
		.next_prio = 120,
		.stack = STR("k;1") };
	states_add(s, &r);
}

static void
add_wakeup(struct states *s, int64_t t, int32_t waker, int32_t wakee)
{
	struct rec r = event(REC_WAKEUP, t, waker);

	r.wakeup = (struct rec_wakeup){ .type = STR("wakeup"),
		.context = STR("task"),
		.wakee = wakee,
		.comm = STR_NONE,
		.prio = REC_NO_INT,
		.target = 0,
		.stack = STR_NONE };
	states_add(s, &r);
}

static void
add_fork(struct states *s, int64_t t, int32_t parent, int32_t child)
{
	struct rec r = event(REC_FORK, t, parent);

	r.fork = (struct rec_fork){ .child_pid = child, .child_tid = child, .how = STR_NONE };
	states_add(s, &r);
}

/* A shell's loop: one task after another is forked, runs and dies. */
static void
memory_is_that_of_the_living(struct tap *t)
{
	struct seen seen = { 0 };
	struct states *s = states_new(count, &seen);
	size_t before = 0;
	int32_t i;

	add_switch(s, 10, 9, STR("S"), 1);
	for (i = 2; i < TASKS; i++) {
		add_fork(s, 10 * i, 1, i);
		add_switch(s, 10 * i + 1, 1, STR("S"), i);
		add_wakeup(s, 10 * i + 2, i, 1);
		add_switch(s, 10 * i + 3, i, STR("Z"), 1);
		before = i == 100 ? allocated() : before;
	}
	tap_ok(t, allocated() <= before, "the dead leave their memory to the next");
	states_end(s);
	tap_ok(t, seen.arrows == TASKS - 2, "each wakeup is reported");
	tap_ok(t, states_count(s).missing == 0, "no switch is missing");
	states_free(s);
}

/* If a stream has no forks the tids of the dead are kept, and nothing else about them. */
static void
tids_of_the_dead_are_kept(struct tap *t)
{
	struct seen seen = { 0 };
	struct states *s = states_new(count, &seen);
	size_t before = allocated();
	int32_t i;

	add_switch(s, 10, 9, STR("S"), 1);
	for (i = 2; i < TASKS; i++) {
		add_switch(s, 10 * i + 1, 1, STR("S"), i);
		add_switch(s, 10 * i + 3, i, STR("Z"), 1);
	}
	tap_ok(t, allocated() - before < 64 * TASKS, "of the dead only the tid is kept");
	states_end(s);
	states_free(s);
}

static void
times_may_be_extreme(struct tap *t)
{
	struct seen seen = { 0 };
	struct states *s = states_new(count, &seen);

	add_switch(s, INT64_MIN + 1, 1, STR("S"), 2);
	add_wakeup(s, INT64_MAX, 2, 1);
	tap_ok(t, seen.waited == REC_NO_NS, "a wait that no number holds is unknown");
	add_switch(s, INT64_MAX, 2, STR("R"), 1);
	states_end(s);
	tap_ok(t, seen.states == 2, "and has its states all the same");
	states_free(s);
}

/* The clocks of two CPUs may differ: a task runs before its fork. */
static void
forks_may_come_late(struct tap *t)
{
	struct seen seen = { 0 };
	struct states *s = states_new(count, &seen);

	add_switch(s, 10, 1, STR("S"), 0);
	add_fork(s, 40, 2, 3);
	add_switch(s, 20, 3, STR("S"), 1);
	states_end(s);
	tap_ok(t, seen.end <= 20, "no CPU's state ends after the last event");
	states_free(s);
}

/* A loss that looked at every task or CPU would take minutes. */
static void
losses_cost_what_they_end(struct tap *t)
{
	struct rec r = event(REC_SWITCH, 0, 0), lost = event(REC_LOST, 0, -1);
	struct seen seen = { 0 };
	struct states *s = states_new(count, &seen);
	int32_t i;

	r.switch_ = (struct rec_switch){ STR_NONE, REC_NO_INT, STR("R"), 0, STR_NONE, REC_NO_INT,
		STR_NONE };
	for (i = 1; i < TASKS; i++) {
		r.t = r.cpu = r.switch_.next_tid = i;
		states_add(s, &r);
	}
	lost.lost = (struct rec_lost){ .since = TASKS, .count = 1, .what = STR("x") };
	for (i = 0; i < 10 * TASKS; i++) {
		lost.t = TASKS + i;
		lost.cpu = i % 2 == 0 ? -1 : i;
		states_add(s, &lost);
	}
	tap_ok(t, seen.lost == TASKS - 2, "the first loss ends all states, the others none");
	tap_ok(t, states_count(s).losses == 10 * TASKS, "losses are counted");
	states_end(s);
	states_free(s);
}

/* Task 44 runs for a moment as comm says. */
static void
run_as(struct states *s, int64_t t, struct str comm, int64_t prio, int32_t pid)
{
	struct rec r = event(REC_SWITCH, t, 44);

	r.pid = pid;
	r.switch_ = (struct rec_switch){ comm, prio, STR("S"), 0, STR("idle"), 0, STR_NONE };
	states_add(s, &r);
	r = event(REC_SWITCH, t + 1, 0);
	r.switch_ =
	    (struct rec_switch){ STR("idle"), 0, STR("R"), 44, STR_NONE, REC_NO_INT, STR_NONE };
	states_add(s, &r);
}

static bool
seen_as(const struct seen *seen, const char *comm, int64_t prio, int32_t pid)
{
	return strcmp(seen->comm, comm) == 0 && seen->prio == prio && seen->pid == pid;
}

static void
names(struct tap *t)
{
	struct rec comm = event(REC_COMM, 0, 44);
	struct seen seen = { 0 };
	struct states *s = states_new(count, &seen);

	comm.comm = (struct rec_comm){ .how = STR_NONE, .name = STR("kworker/1:1H-kb") };
	states_add(s, &comm);
	run_as(s, 10, STR("kworker/1:1H"), 100, -1);
	tap_ok(t, seen_as(&seen, "kworker/1:1H-kb", 100, 44), "a worker's work stays in its name");
	run_as(s, 20, STR("kworker/1:1"), REC_NO_INT, -1);
	tap_ok(t, seen_as(&seen, "kworker/1:1", 100, 44),
	    "another worker has another name, and what is not said stays");
	run_as(s, 30, STR_NONE, REC_NO_INT, 45);
	run_as(s, 40, STR(""), REC_NO_INT, -1);
	tap_ok(t, seen_as(&seen, "kworker/1:1", 100, 45), "no name changes nothing");
	states_end(s);
	states_free(s);
}

static void
pairs(struct tap *t)
{
	struct strbuf b = { 0 };

	pairs_add(&b, STR("a"), STR(" x  y "));
	pairs_add(&b, STR("none"), STR_NONE);
	pairs_add(&b, STR("empty"), STR(""));
	pairs_add_task(&b, STR("no"), -1, STR("a"));
	pairs_add_task(&b, STR("id"), INT32_MAX, STR_NONE);
	pairs_add_task(&b, STR("who"), 7, STR("a b"));
	pairs_add(&b, STR("last"), STR("sched-mes aging"));
	pairs_add(&b, STR("long"), STR("a program of many words"));
	tap_ok(t,
	    str_eq(strbuf_field(&b),
		STR("a=\\x20x\\x20\\x20y\\x20 empty= id=2147483647 who=7/a\\x20b "
		    "last=sched-mes\\x20aging long=a\\x20program\\x20of\\x20many\\x20words")),
	    "pairs have no blank inside");
	strbuf_set_field(&b, STR_NONE);
	tap_ok(t, str_none(strbuf_field(&b)), "no pairs are no field");
	strbuf_free(&b);
}

/* Write a state and an arrow in both ways; are the lines the same? */
static bool
same_lines(struct lines *l, int64_t t, int32_t tid, int64_t birth, struct str comm, int64_t prio)
{
	struct rec state = event(REC_STATE, t, tid), arrow = event(REC_ARROW, t, 7);
	struct out a, b;
	bool same;

	state.state = (struct rec_state){ t + 1, birth, comm, prio, STR("running"), STR("out=S"),
		STR("k;1") };
	arrow.arrow = (struct rec_arrow){ 5, STR("waker"), STR("wakeup"), STR("task"), tid, tid,
		birth, comm, 3, t, STR_NONE };
	out_open(&a, -1);
	out_open(&b, -1);
	rec_put(&a, &state);
	rec_put(&a, &arrow);
	rec_put(&a, &state);
	lines_put(l, &b, &state);
	lines_put(l, &b, &arrow);
	lines_put(l, &b, &state);
	same = a.n == b.n && memcmp(a.buf, b.buf, a.n) == 0;
	out_free(&a);
	out_free(&b);
	return same;
}

static void
lines_are_those_of_rec_put(struct tap *t)
{
	struct lines *l = calloc(1, sizeof *l);
	char name[200];

	memset(name, 'x', sizeof name);
	tap_ok(t, same_lines(l, 0, 1, 0, STR_NONE, REC_NO_INT), "of a task without a name");
	tap_ok(t,
	    same_lines(l, 99999999, 1, 1, STR("a"), 1) &&
		same_lines(l, 100000000, 1, 1, STR("a"), 2) &&
		same_lines(l, INT64_MAX - 1, INT32_MAX, INT64_MAX, STR("a"), INT64_MAX),
	    "of times and numbers of any length");
	tap_ok(t,
	    same_lines(l, -1, 1, 1, STR("a"), 1) &&
		same_lines(l, INT64_MIN + 1, 1, INT64_MIN + 1, STR("a"), -1),
	    "of times before 0");
	tap_ok(t,
	    same_lines(l, 1, 1, 1, STR("b"), 1) && same_lines(l, 1, 1, 2, STR("b"), 1) &&
		same_lines(l, 1, 1 + LINES_TASKS, 2, STR("b"), 1) &&
		same_lines(l, 1, -1, 2, STR("b"), 1),
	    "of tasks that take turns");
	tap_ok(t,
	    same_lines(l, 1, INT32_MAX, INT64_MIN + 1, (struct str){ name, 30 }, INT64_MIN + 1) &&
		same_lines(l, 1, INT32_MAX, 1, (struct str){ name + 1, sizeof name - 1 }, 1),
	    "of long names");
	tap_ok(t, same_lines(l, 1, 7, 5, STR("waker"), 1), "of a task that wakes itself");
	free(l);
}

int
main(void)
{
	struct tap t = { 0 };

	memory_is_that_of_the_living(&t);
	tids_of_the_dead_are_kept(&t);
	times_may_be_extreme(&t);
	forks_may_come_late(&t);
	losses_cost_what_they_end(&t);
	names(&t);
	pairs(&t);
	lines_are_those_of_rec_put(&t);
	return tap_end(&t);
}
