/* SPDX-License-Identifier: MIT */

#include "states_fold.h"

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
	struct rec r; /* a literal would be made elsewhere, and copied */

	if (t <= k->since || !k->machine->begun || k->since < k->machine->start)
		return;
	r.kind = REC_STATE;
	r.more = (struct str){ 0 };
	r.t = k->since;
	r.machine = k->machine->name;
	r.cpu = k->cpu;
	r.pid = k->pid;
	r.tid = k->tid;
	r.state.end = t;
	r.state.birth = k->birth;
	r.state.comm = strbuf_field(&k->comm);
	r.state.prio = k->prio;
	r.state.state = task_state_name(k->state);
	r.state.info = strbuf_field(&k->info);
	r.state.stack = stack;
	s->cpus.emit(s->cpus.arg, &r);
}

void
states_put(struct states *s, struct task *k, int64_t t, enum edge end)
{
	edge_pairs(&k->info, k->begin, end);
	put(s, k, t, strbuf_field(&k->stack));
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
	strbuf_clear(&k->info);
	strbuf_clear(&k->stack);
}

void
states_unknown(struct task *k)
{
	enum edge begin = k->begin;

	states_begin(k, TASK_UNKNOWN, k->since);
	k->begin = begin;
}

void
states_mark_unknown(struct task *k)
{
	if (!k->machine->switched && k->state != TASK_UNKNOWN)
		states_unknown(k);
}

void
states_put_gap(struct states *s, const struct cpu *c, int64_t now)
{
	struct rec r = { .kind = REC_GAP, .t = now, .cpu = c->n, .pid = REC_NO_ID };

	r.machine = c->machine->name;
	r.tid = REC_NO_ID;
	r.gap = (struct rec_gap){ .since = c->since, .bytes = REC_NO_U64, .what = MISSING_SWITCH };
	s->count.missing++;
	s->cpus.emit(s->cpus.arg, &r);
}

void
states_vacate(struct states *s, struct cpu *c, int64_t now)
{
	struct task *k = c->task;

	if (c->state == CPU_UNKNOWN)
		return;
	states_put_gap(s, c, now);
	c->state = CPU_UNKNOWN;
	c->task = NULL;
	if (k != NULL) {
		k->on = NULL;
		states_begin(k, TASK_UNKNOWN, k->since);
	}
}
