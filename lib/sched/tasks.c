/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "tasks.h"

static uint64_t
key_of(const struct machine *m, int32_t tid)
{
	return (uint64_t)m->id << 32 | (uint32_t)tid;
}

struct task *
tasks_find(const struct tasks *ts, const struct machine *m, int32_t tid)
{
	const uint64_t *index = hash_get(&ts->of, key_of(m, tid));

	return index == NULL || *index == 0 ? NULL : ts->all[*index - 1];
}

/* A task nobody uses: its buffers stay. */
static struct task *
take_spare(struct tasks *ts)
{
	struct task *k = ts->spare;

	if (k != NULL) {
		ts->spare = k->behind;
		return k;
	}
	k = mem_alloc(sizeof *k);
	k->index = ts->n;
	ts->all = mem_grow(ts->all, ts->n, &ts->cap, sizeof(struct task *));
	ts->all[ts->n++] = k;
	return k;
}

static void
begin(struct task *k, struct machine *m, int32_t tid)
{
	*k = (struct task){ .machine = m,
		.index = k->index,
		.tid = tid,
		.pid = REC_NO_ID,
		.cpu = REC_NO_ID,
		.prio = REC_NO_INT,
		.state = TASK_UNKNOWN,
		.since = m->begun ? m->start : INT64_MIN,
		.begin = EDGE_UNKNOWN,
		.comm = k->comm,
		.info = k->info,
		.stack = k->stack,
		.wake_text = k->wake_text };
	strbuf_clear(&k->comm);
	strbuf_clear(&k->info);
	strbuf_clear(&k->stack);
}

struct task *
tasks_get(struct tasks *ts, struct machine *m, int32_t tid, int64_t t)
{
	struct task **near = &ts->near[(uint32_t)tid % TASKS_NEAR], *k = *near;
	const uint64_t *old;

	if (k != NULL && k->tid == tid && k->machine == m)
		return k;
	old = hash_get(&ts->of, key_of(m, tid));
	if (old != NULL && *old > 0)
		return *near = ts->all[*old - 1];
	k = *near = take_spare(ts);
	begin(k, m, tid);
	if (old != NULL) {
		k->again = true;
		k->birth = k->since = m->begun && t < m->last ? m->last : t;
		k->begin = EDGE_SEEN;
	}
	*hash_put(&ts->of, key_of(m, tid)) = k->index + 1;
	return k;
}

/*
 * A task whose fork was seen leaves nothing behind: the next one of its tid will have a fork too.
 * Of another one the tid is remembered, lest the next one is taken to be there from the beginning.
 */
void
tasks_drop(struct tasks *ts, struct task *k)
{
	if (!k->forked || k->again)
		*hash_put(&ts->of, key_of(k->machine, k->tid)) = 0;
	else
		hash_remove(&ts->of, key_of(k->machine, k->tid));
	task_unlink(k);
	k->tid = REC_NO_ID;
	k->behind = ts->spare;
	ts->spare = k;
}

void
tasks_free(struct tasks *ts)
{
	struct task *k;
	size_t i;

	for (i = 0; i < ts->n; i++) {
		k = ts->all[i];
		strbuf_free(&k->comm);
		strbuf_free(&k->info);
		strbuf_free(&k->stack);
		strbuf_free(&k->wake_text);
		free(k);
	}
	free(ts->all);
	hash_free(&ts->of);
	machines_free(&ts->machines);
	*ts = (struct tasks){ 0 };
}

/* A kernel worker's name in /proc, and so in its comm record, has its work behind a -, in events it
 * has not. */
static bool
is_short_for(struct str comm, const struct strbuf *name)
{
	return comm.n < name->n && name->p[comm.n] == '-' && memcmp(comm.p, name->p, comm.n) == 0;
}

void
task_called(struct task *k, struct str comm, int64_t prio, int32_t pid)
{
	if (comm.n > 0 && !str_eq(comm, strbuf_field(&k->comm)) && !str_none(comm) &&
	    !is_short_for(comm, &k->comm))
		strbuf_set_field(&k->comm, comm);
	if (prio != REC_NO_INT)
		k->prio = prio;
	if (pid >= 0)
		k->pid = pid;
}

void
task_unlink(struct task *k)
{
	if (k->home == NULL)
		return;
	if (k->before != NULL)
		k->before->behind = k->behind;
	else
		*k->home = k->behind;
	if (k->behind != NULL)
		k->behind->before = k->before;
	k->home = NULL;
}

void
task_link_cpu(struct task *k, struct task **home)
{
	if (k->home == home)
		return;
	task_unlink(k);
	k->home = home;
	k->before = NULL;
	k->behind = *home;
	if (*home != NULL)
		(*home)->before = k;
	*home = k;
}

enum task_state
task_state_of(struct str s)
{
	/* of several letters the one in front counts */
	static const char letters[] = "+XxZDSItTPR";
	static const uint8_t states[] = { TASK_PREEMPTED, TASK_DEAD, TASK_DEAD, TASK_DEAD,
		TASK_UNINTERRUPTIBLE, TASK_SLEEPING, TASK_IDLE, TASK_TRACED, TASK_STOPPED,
		TASK_PARKED, TASK_PREEMPTED };
	size_t i, j;

	for (i = 0; i < sizeof states; i++)
		for (j = 0; j < s.n; j++)
			if (s.p[j] == letters[i])
				return states[i];
	return TASK_UNKNOWN;
}

struct str
task_state_name(enum task_state state)
{
	static const struct str names[] = { { "unknown", 7 }, { "unknown", 7 }, { "runnable", 8 },
		{ "preempted", 9 }, { "running", 7 }, { "sleeping", 8 }, { "uninterruptible", 15 },
		{ "idle", 4 }, { "stopped", 7 }, { "traced", 6 }, { "parked", 6 }, { "dead", 4 } };

	return names[state];
}
