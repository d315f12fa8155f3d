/* SPDX-License-Identifier: MIT */
/* states - what of the fold no small stream shows: memory, extremes of time, names */

#include <stdio.h>

#include "sched/states.h"

enum { TASKS = 20000 };

static int tests;

static void
ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
}

struct seen {
	uint64_t states, arrows;
	int64_t waited;
};

static void
count(void *arg, const struct rec *r)
{
	struct seen *seen = arg;

	seen->states += r->kind == REC_STATE;
	seen->arrows += r->kind == REC_ARROW;
	if (r->kind == REC_ARROW)
		seen->waited = r->arrow.waited;
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
memory_is_of_the_living(void)
{
	struct seen seen = { 0 };
	struct states s;
	int32_t i;

	states_open(&s, count, &seen);
	add_switch(&s, 10, 9, STR("S"), 1);
	for (i = 2; i < TASKS; i++) {
		add_fork(&s, 10 * i, 1, i);
		add_switch(&s, 10 * i + 1, 1, STR("S"), i);
		add_wakeup(&s, 10 * i + 2, i, 1);
		add_switch(&s, 10 * i + 3, i, STR("Z"), 1);
	}
	ok(s.tasks.n < 8 && s.tasks.of.n < 8, "the dead leave their memory to the next");
	states_close(&s);
	ok(seen.arrows == TASKS - 2, "each wake was told of");
	ok(s.count.missing == 0, "no switch was missing");
}

/* Where a stream has no forks the tids of the dead are kept, and nothing else of them. */
static void
tids_of_the_dead_are_kept(void)
{
	struct seen seen = { 0 };
	struct states s;
	int32_t i;

	states_open(&s, count, &seen);
	add_switch(&s, 10, 9, STR("S"), 1);
	for (i = 2; i < TASKS; i++) {
		add_switch(&s, 10 * i + 1, 1, STR("S"), i);
		add_switch(&s, 10 * i + 3, i, STR("Z"), 1);
	}
	ok(s.tasks.n < 8 && s.tasks.of.n >= TASKS - 2, "the tids of the dead are kept");
	states_close(&s);
}

static void
times_may_be_extreme(void)
{
	struct seen seen = { 0 };
	struct states s;

	states_open(&s, count, &seen);
	add_switch(&s, INT64_MIN + 1, 1, STR("S"), 2);
	add_wakeup(&s, INT64_MAX, 2, 1);
	ok(seen.waited == REC_NO_NS, "a wait that no number holds is not known");
	add_switch(&s, INT64_MAX, 2, STR("R"), 1);
	states_close(&s);
	ok(seen.states == 2, "and has its states all the same");
}

/* Each loss looks at those only that were heard of since the one before. */
static void
losses_cost_what_they_end(void)
{
	struct rec lost = event(REC_LOST, 0, -1);
	struct seen seen = { 0 };
	struct states s;
	int32_t i;

	states_open(&s, count, &seen);
	for (i = 1; i < TASKS; i++)
		add_switch(&s, i, i, STR("S"), i + 1);
	lost.lost = (struct rec_lost){ .since = TASKS, .count = 1, .what = STR("x") };
	for (i = 0; i < TASKS; i++) {
		lost.t = TASKS + i;
		states_add(&s, &lost);
	}
	ok(s.cpus.all[0]->home == NULL, "after a loss nobody is known to be on the CPU");
	states_close(&s);
	ok(s.count.losses == TASKS, "losses are counted");
}

static void
names(void)
{
	struct task k = { .prio = REC_NO_INT, .pid = -1 };

	task_called(&k, STR("kworker/1:1H-kb"), REC_NO_INT, -1);
	task_called(&k, STR("kworker/1:1H"), 100, 44);
	ok(str_eq(strbuf_field(&k.comm), STR("kworker/1:1H-kb")) && k.prio == 100 && k.pid == 44,
	    "a worker's work stays in its name");
	task_called(&k, STR("kworker/1:1"), REC_NO_INT, -1);
	ok(str_eq(strbuf_field(&k.comm), STR("kworker/1:1")) && k.prio == 100 && k.pid == 44,
	    "another worker has another name, and what is not told stays");
	task_called(&k, STR_NONE, REC_NO_INT, -1);
	task_called(&k, (struct str){ "", 0 }, REC_NO_INT, -1);
	ok(str_eq(strbuf_field(&k.comm), STR("kworker/1:1")), "no name is no news");
	strbuf_free(&k.comm);
}

static void
pairs(void)
{
	struct strbuf k = { 0 };

	pairs_add(&k, STR("a"), STR(" x  y "));
	pairs_add(&k, STR("none"), STR_NONE);
	pairs_add(&k, STR("empty"), (struct str){ "", 0 });
	pairs_add_task(&k, STR("no"), -1, STR("a"));
	pairs_add_task(&k, STR("id"), INT32_MAX, STR_NONE);
	pairs_add_task(&k, STR("who"), 7, STR("a b"));
	ok(str_eq(strbuf_field(&k),
	       STR("a=\\x20x\\x20\\x20y\\x20 empty= id=2147483647 who=7/a\\x20b")),
	    "pairs have no blank inside");
	strbuf_set_field(&k, STR_NONE);
	ok(str_none(strbuf_field(&k)), "nothing kept is not known");
	strbuf_free(&k);
}

int
main(void)
{
	memory_is_of_the_living();
	tids_of_the_dead_are_kept();
	times_may_be_extreme();
	losses_cost_what_they_end();
	names();
	pairs();
	printf("1..%d\n", tests);
	return 0;
}
