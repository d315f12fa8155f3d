/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "base/sum.h"
#include "ids.h"
#include "rec/pairs.h"
#include "rec/place.h"
#include "rec/stack.h"
#include "tab_int.h"

/* --- rows and tasks */

enum { FUNCTION_NAME = 1024 /* bytes of a function's name that are kept */ };

/* Give the sums that the table shows their places in a row. */
static void
place_sums(struct tab *t)
{
	const enum tab_value *v;

	t->nsum = 1;
	for (v = tab_tables[t->by].value; *v != V_END; v++)
		if (*v < SUMS)
			t->place[*v] = t->nsum++;
}

static uint64_t *
sum_at(const struct tab *t, struct tab_row *row, enum tab_value v)
{
	return &row->sum[t->place[v]];
}

static void
add_to(struct tab *t, struct tab_row *row, enum tab_value v, uint64_t n)
{
	sum_add(sum_at(t, row, v), n, UINT64_MAX, &t->overflows);
}

struct tab_task {
	int64_t birth;
	int32_t pid;    /* of its last state */
	uint32_t row;   /* 1 + the last one that it counted in, 0: none yet */
	int32_t cpu;    /* where it ran last, -1: not known */
	uint32_t waker; /* 1 + the row of the arrow that woke it last, at woken; 0: none */
	int64_t woken;
	enum tab_wait waits; /* its last state, from since to t, if it was a whole wait for a CPU */
	uint32_t last;       /* 1 + the row of that state, 0: none */
	int64_t since, t;
	bool counts; /* that state ended in the window */
};

static uint32_t
number_text(struct tab *t, int64_t v)
{
	char d[TEXT_NUMBER + 1] = "-";
	size_t n = v < 0 ? 1 : text_put_u64(d, (uint64_t)v);

	return intern_put(&t->texts, (struct str){ d, n });
}

/* The row of these texts, of which the table's first nkey identify it. */
static struct tab_row *
row_of(struct tab *t, const uint32_t *cell)
{
	size_t n = t->keys.n;
	struct str key = { (const char *)cell, tab_tables[t->by].nkey * sizeof *cell };
	uint32_t i = intern_put(&t->keys, key);

	if (i == n) {
		if (n == 0)
			place_sums(t);
		t->row = mem_grow(t->row, n, &t->cap_row, sizeof(struct tab_row *));
		t->row[i] = mem_alloc(sizeof **t->row + t->nsum * sizeof t->row[i]->sum[0]);
		memcpy(t->row[i]->cell, cell, sizeof t->row[i]->cell);
		t->row[i]->number = i;
	}
	return t->row[i];
}

static struct tab_task *
task_of(struct tab *t, struct str machine, int32_t tid, int64_t birth)
{
	size_t n = t->ids.n;
	uint64_t *recent =
	    hash_recent(&t->recent, hash_pair(ids_text(&t->texts, machine), (uint32_t)tid));
	uint32_t i;

	if (*recent > 0 && t->task[*recent - 1].birth == birth)
		return &t->task[*recent - 1];
	i = ids_task(&t->ids, &t->texts, machine, tid, birth);
	if (i == n) {
		t->task = mem_grow(t->task, n, &t->cap_task, sizeof *t->task);
		t->task[i] =
		    (struct tab_task){ .birth = birth, .pid = -1, .cpu = -1, .waits = WAIT_NONE };
	}
	*recent = i + 1;
	return &t->task[i];
}

static void
add_wait(struct tab_waits *w, uint64_t ns, int64_t t)
{
	if (w->ns.n == 0 || ns > w->ns.max || (ns == w->ns.max && t < w->max_t))
		w->max_t = t;
	percentiles_add(&w->ns, ns);
}

/* The length of an interval, which counts in whole in percentiles. */
static uint64_t
length(const struct rec *r)
{
	int64_t end = cut_end(r);

	return end > r->t ? (uint64_t)end - (uint64_t)r->t : 0;
}

/* Count a whole interval that ends in the window. */
static void
add_whole(const struct tab *t, const struct rec *r, struct tab_row *row)
{
	if (t->part.counts)
		add_wait(&row->wait[WAIT_LATENCY], length(r), r->t);
}

/* --- states */

/* Is a part of a record in the window, or does it start when the window ends? The wait before such
 * a run counts. */
static bool
touches(const struct tab *t, const struct rec *r)
{
	return !cut_is_empty(&t->part) || r->t == t->time.to;
}

static bool
is_whole(struct str info)
{
	return pairs_get(info, STR("begin")).p == NULL && pairs_get(info, STR("end")).p == NULL;
}

/* The innermost function of a stack that says what the task was doing, as a text. */
static uint32_t
function_in(struct tab *t, struct str stack)
{
	struct str function = place_function(stack);

	if (stack.n == 0 || str_none(stack)) {
		t->bare = true;
	} else if (!t->named) {
		t->named = memchr(stack.p, '<', stack.n) != NULL;
		t->unnamed = true;
	}
	return ids_text(&t->texts, function.n == 0 ? STR("-") : text_cut(function, FUNCTION_NAME));
}

/* The same; a stack that is defined elsewhere is looked through once. */
static uint32_t
function_of(struct tab *t, struct str stack)
{
	uint64_t hash, *known;
	struct str frames;
	uint32_t text;

	if (!stack_is_ref(stack, &hash))
		return function_in(t, stack);
	if ((known = hash_get(&t->functions, hash)) != NULL)
		return (uint32_t)*known;
	frames = stackdefs_get(&t->stacks, hash, NULL);
	text = function_in(t, frames);
	if (frames.n > 0)
		*hash_put(&t->functions, hash) = text;
	return text;
}

/* Take in the definition of a stack. */
static void
add_stack(struct tab *t, const struct rec *r)
{
	stackdefs_put(&t->stacks, r->stack.hash, r->stack.frames);
	if (t->functions.n > 0)
		hash_remove(&t->functions, r->stack.hash);
}

/* The row of the state's task, process, name, CPU or function. */
static struct tab_row *
row_of_state(struct tab *t, const struct rec *r)
{
	const struct rec_state *s = &r->state;
	uint32_t cell[TAB_CELLS] = { ids_text(&t->texts, r->machine) };
	struct tab_row *row;

	switch (t->by) {
	case TAB_TASK:
		cell[1] = number_text(t, r->tid);
		cell[2] = number_text(t, s->birth);
		break;
	case TAB_PROCESS:
		cell[1] = number_text(t, r->pid);
		break;
	case TAB_NAME:
		cell[1] = ids_text(&t->texts, s->comm);
		break;
	case TAB_CPU:
		cell[1] = number_text(t, r->cpu);
		break;
	default:
		cell[1] = ids_text(&t->texts, s->state);
		cell[2] = function_of(t, s->stack);
	}
	row = row_of(t, cell);
	if (t->by == TAB_PROCESS && (!row->led || r->tid == r->pid)) {
		row->led = row->led || r->tid == r->pid;
		row->cell[2] = ids_text(&t->texts, s->comm);
	}
	return row;
}

/* The row of a task, which has one, with the pid and name of its last state. */
static struct tab_row *
row_of_task(struct tab *t, const struct rec *r, struct tab_task *task)
{
	bool first = task->row == 0;
	struct tab_row *row = first ? row_of_state(t, r) : t->row[task->row - 1];

	if (first || task->pid != r->pid)
		row->cell[3] = number_text(t, r->pid);
	if (first || !str_eq(intern_str(&t->texts, row->cell[4]), r->state.comm))
		row->cell[4] = ids_text(&t->texts, r->state.comm);
	task->pid = r->pid;
	return row;
}

static const struct sum {
	struct str state;
	enum tab_value ns, count;
} sums[] = { { STR_INIT("running"), V_RUN, V_RUNS }, { STR_INIT("runnable"), V_WAIT, V_WAITS },
	{ STR_INIT("preempted"), V_PREEMPTED, V_PREEMPTIONS },
	{ STR_INIT("sleeping"), V_SLEEP, V_SLEEPS },
	{ STR_INIT("uninterruptible"), V_BLOCK, V_BLOCKS },
	{ STR_INIT("unknown"), V_UNKNOWN, V_END }, { STR_INIT(""), V_OTHER, V_END } };

static const struct sum *
sum_of(struct str state)
{
	const struct sum *s = sums;

	while (s->state.n > 0 && !str_eq(s->state, state))
		s++;
	return s;
}

/* Count the wait before a run: in the row of the run's CPU, of the pair of the wake, or of the
 * wait, which may have another name than the run. */
static void
add_delay(struct tab *t, const struct rec *r, const struct tab_task *task, struct tab_row *row)
{
	if (task->waits == WAIT_NONE || task->t != r->t || !task->counts)
		return;
	if (t->by == TAB_WAKER)
		row =
		    task->waits == WAIT_LATENCY && task->waker > 0 ? t->row[task->waker - 1] : NULL;
	else if (t->by != TAB_CPU)
		row = task->last > 0 ? t->row[task->last - 1] : NULL;
	if (row != NULL)
		add_wait(&row->wait[task->waits], (uint64_t)task->t - (uint64_t)task->since,
		    task->since);
}

/* Count a run in a row, NULL if it has none: how it ended, where it was, what it followed. */
static void
add_run(struct tab *t, const struct rec *r, struct tab_task *task, struct tab_row *row)
{
	bool moved = task->cpu >= 0 && r->cpu >= 0 && task->cpu != r->cpu;

	if (row != NULL && t->part.counts) {
		*sum_at(t, row, V_SWITCHES) += pairs_get(r->state.info, STR("out")).p != NULL;
		*sum_at(t, row, V_MIGRATIONS) += moved;
	}
	task->cpu = r->cpu >= 0 ? r->cpu : task->cpu;
	add_delay(t, r, task, row);
}

/* Count a task in a row, once. */
static void
add_task(struct tab *t, struct tab_task *task, struct tab_row *row)
{
	uint32_t number = row->number + 1;
	uint64_t *seen;

	if (task->row == number)
		return;
	task->row = number;
	seen = hash_put(&t->seen, hash_pair((uint32_t)(task - t->task), number));
	*sum_at(t, row, V_TASKS) += *seen == 0;
	*seen = 1;
}

/* The row that a state counts in: of its task, process or name, or of its CPU if it has it. NULL if
 * the table has none. */
static struct tab_row *
count_state(struct tab *t, const struct rec *r, struct tab_task *task, const struct sum *s)
{
	struct tab_row *row;

	if (t->by > TAB_CPU || (t->by == TAB_CPU && s->ns != V_RUN && s->ns != V_PREEMPTED))
		return NULL;
	row = t->by == TAB_TASK ? row_of_task(t, r, task) : row_of_state(t, r);
	add_to(t, row, s->ns, cut_length(&t->part));
	if (s->count != V_END)
		*sum_at(t, row, s->count) += t->part.counts;
	if (!cut_is_empty(&t->part))
		add_task(t, task, row);
	return row;
}

/* Take in a state, or if it is outside the window, what it says of the next ones. */
static void
add_state(struct tab *t, const struct rec *r, struct tab_task *task)
{
	const struct sum *s = sum_of(r->state.state);
	struct tab_row *row = touches(t, r) ? count_state(t, r, task, s) : NULL;

	if (s->ns == V_RUN)
		add_run(t, r, task, row);
	task->waits = !is_whole(r->state.info) ? WAIT_NONE
		      : s->ns == V_WAIT        ? WAIT_LATENCY
		      : s->ns == V_PREEMPTED   ? WAIT_PREEMPTED
					       : WAIT_NONE;
	task->last = row == NULL ? 0 : row->number + 1;
	task->since = r->t;
	task->t = r->state.end;
	task->counts = t->part.counts;
	if (task->waits == WAIT_LATENCY && task->woken != r->t)
		task->waker = 0;
}

/* Does the stack of a state show where the task waited? That of runnable is the waker's. */
static bool
waited_in(struct str state)
{
	const struct sum *s = sum_of(state);

	return s->ns != V_RUN && s->ns != V_WAIT && s->ns != V_UNKNOWN;
}

/* Count a wait for anything but a CPU by the function that the task waited in. */
static void
add_function(struct tab *t, const struct rec *r)
{
	struct tab_row *row;

	if (!waited_in(r->state.state) || cut_is_empty(&t->part))
		return;
	row = row_of_state(t, r);
	*sum_at(t, row, V_COUNT) += t->part.counts;
	add_to(t, row, V_TOTAL, cut_length(&t->part));
	if (is_whole(r->state.info))
		add_whole(t, r, row);
}

/* --- other records */

static void
add_cpu(struct tab *t, const struct rec *r)
{
	const struct rec_cpustate *s = &r->cpustate;
	uint32_t cell[TAB_CELLS] = { ids_text(&t->texts, r->machine), number_text(t, r->cpu) };
	bool idle = str_eq(s->state, STR("idle"));

	if (str_eq(s->lane, STR("cpu")) && cut_length(&t->part) > 0)
		add_to(t, row_of(t, cell), idle ? V_IDLE : V_UNKNOWN, cut_length(&t->part));
}

static void
add_wake(struct tab *t, const struct rec *r)
{
	const struct rec_arrow *a = &r->arrow;
	uint32_t cell[TAB_CELLS] = { ids_text(&t->texts, r->machine), number_text(t, r->tid),
		ids_text(&t->texts, a->comm), ids_text(&t->texts, a->context),
		number_text(t, a->wakee), ids_text(&t->texts, a->wakee_comm) };
	struct tab_row *row = row_of(t, cell);
	struct tab_task *task = task_of(t, r->machine, a->wakee, a->wakee_birth);

	*sum_at(t, row, V_WAKES) += t->part.counts;
	*sum_at(t, row, V_ENDED) += t->part.counts && a->waited != 0;
	if (a->waited > 0 && t->part.counts)
		add_to(t, row, V_WAITED, (uint64_t)a->waited);
	task->waker = row->number + 1;
	task->woken = r->t;
}

/* An interval of a table's row: its texts after the machine, and what is counted of it. */
struct interval {
	struct str cell[2];
	int64_t error;
	uint64_t bytes, count;
	struct str info;
};

/* One that lacks an end is counted, but has no time. */
static void
add_interval(struct tab *t, const struct rec *r, const struct interval *i)
{
	uint32_t cell[TAB_CELLS] = { ids_text(&t->texts, r->machine),
		ids_text(&t->texts, i->cell[0]), ids_text(&t->texts, i->cell[1]) };
	struct tab_row *row;
	uint64_t count = t->part.counts ? i->count : 0;

	if (cut_is_empty(&t->part))
		return;
	t->used++;
	row = row_of(t, cell);
	add_to(t, row, V_COUNT, count);
	if (t->part.counts && i->bytes != REC_NO_U64)
		add_to(t, row, V_BYTES, i->bytes);
	if (i->error != REC_NO_INT)
		add_to(t, row, V_ERRORS, count);
	if (!is_whole(i->info))
		return;
	add_to(t, row, V_TOTAL, cut_length(&t->part));
	add_whole(t, r, row);
}

static void
add_interrupt(struct tab *t, const struct rec *r)
{
	struct interval i = { .cell = { r->cpustate.state,
				  pairs_get(r->cpustate.info, STR("name")) },
		.error = REC_NO_INT,
		.bytes = REC_NO_U64,
		.count = 1,
		.info = r->cpustate.info };

	if (i.cell[1].p == NULL)
		i.cell[1] = STR_NONE;
	if (str_eq(r->cpustate.lane, str_of(tab_tables[t->by].name)))
		add_interval(t, r, &i);
}

/* A file's row has a type, and what is done without a descriptor has no file. */
static void
add_call(struct tab *t, const struct rec *r)
{
	const struct rec_iostate *c = &r->iostate;
	struct str merged = pairs_get(c->info, STR("merged"));
	struct interval i = { .cell = { c->call, STR_NONE },
		.error = c->error,
		.bytes = c->bytes,
		.count = 1,
		.info = c->info };

	if (merged.p != NULL)
		text_u64(merged.p, merged.p + merged.n, &i.count);
	if (t->by == TAB_FILE) {
		i.cell[0] = c->file;
		i.cell[1] = c->type;
	}
	if (t->by == TAB_SYSCALL || c->fd != REC_NO_INT || !str_none(c->file))
		add_interval(t, r, &i);
}

static void
add_request(struct tab *t, const struct rec *r)
{
	const struct rec_request *q = &r->request;
	struct interval i = { { q->device, q->op }, q->error, q->bytes, 1, q->info };

	add_interval(t, r, &i);
}

/* Count a piece of a critical path, which has all the time that it shows. Its stack is where the
 * task waited if it did, else the switch or the wake that ended the piece. */
static void
add_path(struct tab *t, const struct rec *r)
{
	const struct rec_path *p = &r->path;
	bool waits = waited_in(p->state);
	uint32_t cell[TAB_CELLS] = { ids_text(&t->texts, r->machine), ids_text(&t->texts, p->comm),
		ids_text(&t->texts, p->state), ids_text(&t->texts, p->why),
		waits ? function_of(t, p->stack) : ids_text(&t->texts, STR("-")) };
	struct tab_row *row;

	if (cut_is_empty(&t->part))
		return;
	t->used++;
	row = row_of(t, cell);
	*sum_at(t, row, V_COUNT) += t->part.counts;
	add_to(t, row, V_TOTAL, cut_length(&t->part));
	add_whole(t, r, row);
}

/* Take in a record of a table of states, or of what connects them. */
static void
add_to_states(struct tab *t, const struct rec *r)
{
	bool known;

	if (r->kind == REC_STATE && t->by == TAB_FUNCTION)
		add_function(t, r);
	else if (r->kind == REC_STATE)
		add_state(t, r, task_of(t, r->machine, r->tid, r->state.birth));
	else if (r->kind == REC_STACK && t->by == TAB_FUNCTION)
		add_stack(t, r);
	else if (r->kind == REC_CPUSTATE && t->by == TAB_CPU)
		add_cpu(t, r);
	else if (r->kind == REC_ARROW && t->by == TAB_WAKER)
		add_wake(t, r);
	known = r->kind == REC_STATE && !str_eq(r->state.state, STR("unknown"));
	t->switched |= known;
	if (cut_is_empty(&t->part))
		return;
	t->used += r->kind == (t->by == TAB_WAKER ? REC_ARROW : REC_STATE);
	t->states += r->kind == REC_STATE;
	t->known += known;
}

void
tab_add(struct tab *t, const struct rec *r)
{
	t->part = cut_of(&t->time, r);
	t->lost |= cut_is_loss(&t->time, r);
	switch (t->by) {
	case TAB_IRQ:
	case TAB_SOFTIRQ:
		if (r->kind == REC_CPUSTATE)
			add_interrupt(t, r);
		break;
	case TAB_SYSCALL:
	case TAB_FILE:
		if (r->kind == REC_IOSTATE)
			add_call(t, r);
		break;
	case TAB_DEVICE:
		if (r->kind == REC_REQUEST)
			add_request(t, r);
		break;
	case TAB_PATH:
		if (r->kind == REC_PATH)
			add_path(t, r);
		else if (r->kind == REC_STACK)
			add_stack(t, r);
		break;
	default:
		add_to_states(t, r);
	}
}

void
tab_free(struct tab *t)
{
	size_t i;

	for (i = 0; i < t->keys.n; i++) {
		percentiles_free(&t->row[i]->wait[WAIT_LATENCY].ns);
		percentiles_free(&t->row[i]->wait[WAIT_PREEMPTED].ns);
		free(t->row[i]);
	}
	free(t->row);
	free(t->sort.at);
	free(t->show.at);
	free(t->task);
	intern_free(&t->texts);
	intern_free(&t->keys);
	intern_free(&t->ids);
	hash_free(&t->seen);
	hash_free(&t->functions);
	stackdefs_free(&t->stacks);
}
