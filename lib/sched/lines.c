/* SPDX-License-Identifier: MIT */

#include "lines.h"
#include "rec/fields.h"

enum {
	IDS = 2 * (1 + 10),       /* bytes of the fields pid and tid, at most */
	NUMBER = 1 + TEXT_NUMBER, /* of another number */
	PART = 64,                /* bytes that are copied at once */
	MAX_COMM = sizeof(((struct lines_task *)0)->text) - IDS - 2 * NUMBER - 1,
	REST =
	    5 * NUMBER + PART + sizeof "state\t\t\t\t\t\n" /* of a line besides tasks and texts */
};

/* Write a time, from 0, that is likely to be the one in x, which it becomes. May write a few bytes
 * more. */
static inline char *
put_time(struct out *o, char *d, struct lines_time *x, int64_t t)
{
	if (x->t != t || x->n == 0) {
		x->t = t;
		*x->text = '\t';
		x->n = (uint32_t)(out_put_near(o, x->text + 1, (uint64_t)t) - x->text);
	}
	memcpy(d, x->text, sizeof x->text);
	return d + x->n;
}

static void
set_prio(struct lines_task *x, int64_t prio)
{
	x->prio = prio;
	x->all = (uint8_t)(put_s64(x->text + x->who, prio) - x->text);
}

/* Kept out of text_of(), which is a few compares for most lines. */
static __attribute__((noinline)) void
set_task(struct lines_task *x, int32_t pid, int32_t tid, int64_t birth, struct str comm)
{
	char *d = put_id(put_id(x->text, pid), tid);

	x->ids = (uint8_t)(d - x->text);
	d = put_str(put_s64(d, birth), comm);
	x->who = (uint8_t)(d - x->text);
	x->pid = pid;
	x->tid = tid;
	x->birth = birth;
	x->comm = comm.p;
	set_prio(x, REC_NO_INT);
}

/* The text of a task; NULL if it is too long. */
static inline struct lines_task *
text_of(struct lines *l, int32_t pid, int32_t tid, int64_t birth, struct str comm)
{
	struct lines_task *x = &l->task[(uint32_t)tid % LINES_TASKS];

	if (comm.n > MAX_COMM)
		return NULL;
	if (x->comm != comm.p || x->tid != tid || x->pid != pid || x->birth != birth)
		set_task(x, pid, tid, birth, comm);
	return x;
}

/* Copy the ids of a task's text. May write a few bytes more. */
static inline char *
put_ids(char *d, const struct lines_task *x)
{
	memcpy(d, x->text, IDS);
	return d + x->ids;
}

/* Copy a part of a task's text. May write PART bytes more. */
static inline char *
put_part(char *d, const struct lines_task *x, size_t from, size_t to)
{
	memcpy(d, x->text + from, PART);
	if (to - from > PART)
		memcpy(d + PART, x->text + from + PART, to - from - PART);
	return d + (to - from);
}

static void
put_state(struct lines *l, struct out *o, const struct rec *r)
{
	const struct rec_state *s = &r->state;
	struct lines_task *x = text_of(l, r->pid, r->tid, s->birth, s->comm);
	char *d;

	if (x == NULL || r->t < 0 || s->end < 0) {
		rec_put(o, r);
		return;
	}
	if (x->prio != s->prio)
		set_prio(x, s->prio);
	d = out_room(o, REST + r->machine.n + sizeof x->text + s->state.n + s->info.n + s->stack.n);
	d = put_time(o, str_put(d, STR("state")), &x->ended, r->t);
	d = put_id(put_str(d, r->machine), r->cpu);
	d = put_ids(d, x);
	d = put_time(o, d, &l->now, s->end);
	x->ended = l->now;
	d = put_str(put_part(d, x, x->ids, x->all), s->state);
	d = put_str(put_str(d, s->info), s->stack);
	*d++ = '\n';
	o->n = (size_t)(d - o->buf);
}

static void
put_arrow(struct lines *l, struct out *o, const struct rec *r)
{
	const struct rec_arrow *a = &r->arrow;
	const struct lines_task *waker = text_of(l, r->pid, r->tid, a->birth, a->comm);
	const struct lines_task *wakee =
	    text_of(l, a->wakee_pid, a->wakee, a->wakee_birth, a->wakee_comm);
	char *d;

	if (waker == NULL || wakee == NULL || waker == wakee || r->t < 0) {
		rec_put(o, r);
		return;
	}
	d = out_room(o,
	    REST + r->machine.n + 2 * sizeof waker->text + a->type.n + a->context.n + a->stack.n);
	d = put_time(o, str_put(d, STR("arrow")), &l->now, r->t);
	d = put_id(put_str(d, r->machine), r->cpu);
	d = put_part(d, waker, 0, waker->who);
	d = put_str(put_str(d, a->type), a->context);
	d = put_part(d, wakee, 0, wakee->who);
	d = put_s64(put_id(d, a->target), a->waited);
	d = put_str(d, a->stack);
	*d++ = '\n';
	o->n = (size_t)(d - o->buf);
}

void
lines_put(struct lines *l, struct out *o, const struct rec *r)
{
	if (r->kind == REC_STATE)
		put_state(l, o, r);
	else if (r->kind == REC_ARROW)
		put_arrow(l, o, r);
	else
		rec_put(o, r);
}
