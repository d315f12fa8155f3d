/* SPDX-License-Identifier: MIT */

#include "states_life.h"
#include "states_wake.h"

void
states_end_life(struct states *s, struct task *k, int64_t now)
{
	int64_t t = k->exited && k->exit_t < now ? k->exit_t : now;

	states_settle(s, k);
	if (k->on != NULL)
		states_vacate(s, k->on, now);
	states_begin(k, TASK_UNKNOWN, k->since);
	states_put(s, k, t, EDGE_INFERRED);
	tasks_drop(&s->tasks, k);
}

void
states_named(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *k;

	if (r->tid <= 0)
		return;
	k = tasks_get(&s->tasks, m, r->tid, r->t);
	strbuf_set_field(&k->comm, r->comm.name);
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

void
states_forked(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *parent = r->tid > 0 ? tasks_find(&s->tasks, m, r->tid) : NULL;
	struct task *k = tasks_find(&s->tasks, m, r->fork.child_tid);
	int64_t t = m->begun && r->t < m->last ? m->last : r->t;

	if (r->fork.child_tid == 0)
		return;
	if (k != NULL && !is_same_life(k, m, r->t)) {
		states_end_life(s, k, t);
		k = NULL;
	}
	if (k == NULL) {
		k = tasks_get(&s->tasks, m, r->fork.child_tid, r->t);
		k->birth = r->t;
		k->forked = r->t != 0;
		states_begin(k, TASK_NEW, t);
	}
	task_called(k, STR_NONE, REC_NO_INT, r->fork.child_pid);
	if (parent != NULL && k->comm.n == 0)
		task_called(k, strbuf_field(&parent->comm), parent->prio, REC_NO_ID);
}

void
states_exited(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *k = r->tid > 0 ? tasks_find(&s->tasks, m, r->tid) : NULL;

	if (k == NULL)
		return;
	k->exited = true;
	k->exit_t = r->t;
}

/* Where the fork was not told of, nor was the end of an older task of the tid, this begins the
 * life. */
void
states_born(struct states *s, struct machine *m, const struct rec *r)
{
	struct task *k = tasks_find(&s->tasks, m, r->wakeup.wakee);

	if (k != NULL && !k->known && !k->exited)
		return;
	if (k != NULL)
		states_end_life(s, k, r->t);
	k = tasks_get(&s->tasks, m, r->wakeup.wakee, r->t);
	k->birth = r->t;
	k->forked = true;
	states_begin(k, TASK_NEW, r->t);
}
