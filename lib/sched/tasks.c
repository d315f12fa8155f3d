/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "states_int.h"

enum { MAXNAME = 1024 };

/* --- names */

uint32_t
tasks_name(struct tasks *ts, struct str field)
{
	if (str_none(field))
		return INTERN_NONE;
	if (field.n > MAXNAME) {
		field = text_cut(field, MAXNAME);
		ts->cut++;
	}
	return intern_put(&ts->names, field);
}

/* The name of a kernel worker in its comm record (from /proc) ends with a - and its work, in events
 * it does not. */
static bool
is_short_for(struct str comm, struct str name)
{
	return comm.n < name.n && name.p[comm.n] == '-' && memcmp(comm.p, name.p, comm.n) == 0;
}

void
task_called(struct tasks *ts, struct task *task, struct str comm, int64_t prio, int32_t pid)
{
	struct str name = tasks_name_str(ts, task->name);

	if (comm.n > 0 && !str_eq(comm, name) && !str_none(comm) && !is_short_for(comm, name))
		task->name = tasks_name(ts, comm);
	if (prio != REC_NO_INT)
		task->prio = prio;
	if (pid >= 0)
		task->pid = pid;
}

/* --- the table */

struct task *
tasks_find(const struct tasks *ts, const struct machine *m, int32_t tid)
{
	const uint64_t *index = hash_get(&ts->of, hash_pair(m->id, (uint32_t)tid));

	return index == NULL || *index == 0 ? NULL : ts->all[*index - 1];
}

/* A task that is not in use; its buffer stays. */
static struct task *
take_spare(struct tasks *ts)
{
	struct task *task = ts->spare;

	if (task != NULL) {
		ts->spare = task->next;
		return task;
	}
	task = mem_alloc(sizeof *task);
	task->index = (uint32_t)ts->n;
	ts->all = mem_grow(ts->all, ts->n, &ts->cap, sizeof(struct task *));
	ts->all[ts->n++] = task;
	return task;
}

static void
begin(struct task *task, struct machine *m, int32_t tid)
{
	*task = (struct task){ .machine = m,
		.tid = tid,
		.pid = REC_NO_ID,
		.cpu = REC_NO_ID,
		.index = task->index,
		.name = INTERN_NONE,
		.prio = REC_NO_INT,
		.state = TASK_UNKNOWN,
		.begin = EDGE_UNKNOWN,
		.since = m->begun ? m->start : INT64_MIN,
		.reason = NO_REASON,
		.stack = task->stack };
	strbuf_clear(&task->stack);
}

struct task *
tasks_get_other(struct tasks *ts, struct machine *m, int32_t tid, int64_t t)
{
	uint64_t key = hash_pair(m->id, (uint32_t)tid);
	const uint64_t *old = hash_get(&ts->of, key);
	struct task *task;

	if (old != NULL && *old > 0)
		return ts->all[*old - 1];
	task = take_spare(ts);
	begin(task, m, tid);
	if (old != NULL) {
		task->again = true;
		task->birth = task->since = m->begun && t < m->last ? m->last : t;
		task->begin = EDGE_SEEN;
	}
	*hash_put(&ts->of, key) = task->index + 1;
	return task;
}

/*
 * Keep the tid of a task whose birth was not reported: otherwise the next task of that tid would
 * seem to have lived from the beginning. If it was reported, the birth of the next one will be,
 * too.
 */
void
tasks_drop(struct tasks *ts, struct task *task)
{
	uint64_t key = hash_pair(task->machine->id, (uint32_t)task->tid);

	*tasks_recent(ts, task->tid) = NULL;
	if (!task->forked || task->again)
		*hash_put(&ts->of, key) = 0;
	else
		hash_remove(&ts->of, key);
	task_unlink(task);
	task->tid = REC_NO_ID;
	task->next = ts->spare;
	ts->spare = task;
}

void
tasks_free(struct tasks *ts)
{
	struct waking *w;
	size_t i;

	for (i = 0; i < ts->n; i++) {
		if ((w = ts->all[i]->waking) != NULL) {
			w->next = ts->spare_waking;
			ts->spare_waking = w;
		}
		strbuf_free(&ts->all[i]->stack);
		free(ts->all[i]);
	}
	while ((w = ts->spare_waking) != NULL) {
		ts->spare_waking = w->next;
		strbuf_free(&w->stack);
		free(w);
	}
	free(ts->all);
	hash_free(&ts->of);
	intern_free(&ts->names);
	machines_free(&ts->machines);
}

/* --- lists */

void
task_unlink(struct task *task)
{
	if (task->home == NULL)
		return;
	if (task->prev != NULL)
		task->prev->next = task->next;
	else
		*task->home = task->next;
	if (task->next != NULL)
		task->next->prev = task->prev;
	task->home = NULL;
}

void
task_link(struct task *task, struct task **home)
{
	if (task->home == home)
		return;
	task_unlink(task);
	task->home = home;
	task->prev = NULL;
	task->next = *home;
	if (*home != NULL)
		(*home)->prev = task;
	*home = task;
}

/* --- states */

static enum task_state
state_of_letter(char c)
{
	switch (c) {
	case '+':
	case 'R':
		return TASK_PREEMPTED;
	case 'X':
	case 'x':
	case 'Z':
		return TASK_DEAD;
	case 'D':
		return TASK_UNINTERRUPTIBLE;
	case 'S':
		return TASK_SLEEPING;
	case 'I':
		return TASK_IDLE;
	case 't':
		return TASK_TRACED;
	case 'T':
		return TASK_STOPPED;
	case 'P':
		return TASK_PARKED;
	default:
		return TASK_UNKNOWN;
	}
}

enum task_state
task_state_of(struct str s)
{
	static const char letters[] =
	    "+XxZDSItTPR"; /* the first of them that the field has counts */
	size_t i;

	if (s.n == 1)
		return state_of_letter(*s.p);
	for (i = 0; i < sizeof letters - 1; i++)
		if (memchr(s.p, letters[i], s.n) != NULL)
			return state_of_letter(letters[i]);
	return TASK_UNKNOWN;
}

struct str
task_state_name(enum task_state state)
{
	static const struct str names[] = { STR_INIT("unknown"), STR_INIT("unknown"),
		STR_INIT("runnable"), STR_INIT("preempted"), STR_INIT("running"),
		STR_INIT("sleeping"), STR_INIT("uninterruptible"), STR_INIT("idle"),
		STR_INIT("stopped"), STR_INIT("traced"), STR_INIT("parked"), STR_INIT("dead") };

	return names[state];
}
