/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "base/percentiles.h"
#include "ids.h"
#include "rec/pairs.h"
#include "rec/place.h"
#include "rec/stack.h"
#include "tab.h"

/* --- columns */

enum value {
	V_TASKS,
	V_RUN,
	V_WAIT,
	V_PREEMPTED,
	V_SLEEP,
	V_BLOCK,
	V_OTHER,
	V_IDLE,
	V_UNKNOWN,
	V_RUNS,
	V_SWITCHES,
	V_PREEMPTIONS,
	V_MIGRATIONS,
	V_WAITS,
	V_SLEEPS,
	V_BLOCKS,
	V_WAKES,
	V_WAITED,
	V_COUNT,
	V_TOTAL,
	V_BYTES,
	V_ERRORS,
	SUMS,
	V_WHOLE = SUMS, /* the number of values that the percentiles are of */
	V_P50,
	V_P95,
	V_P99,
	V_MAX,
	V_MAX_T,
	V_PREEMPTED_WHOLE, /* the same of the waits after a preemption, in the same order */
	V_PREEMPTED_P50,
	V_PREEMPTED_P95,
	V_PREEMPTED_P99,
	V_PREEMPTED_MAX,
	V_PREEMPTED_MAX_T,
	V_END
};

static const char *const value_names[] = { "tasks", "run_ns", "wait_ns", "preempted_ns", "sleep_ns",
	"block_ns", "other_ns", "idle_ns", "unknown_ns", "runs", "switches", "preemptions",
	"migrations", "waits", "sleeps", "blocks", "wakes", "waited_ns", "count", "total_ns",
	"bytes", "errors", "whole", "p50_ns", "p95_ns", "p99_ns", "max_ns", "max_t",
	"preempted_whole", "preempted_p50_ns", "preempted_p95_ns", "preempted_p99_ns",
	"preempted_max_ns", "preempted_max_t" };

#define OF_TASKS                                                                                   \
	V_RUN, V_WAIT, V_PREEMPTED, V_SLEEP, V_BLOCK, V_OTHER, V_UNKNOWN, V_RUNS, V_SWITCHES,      \
	    V_PREEMPTIONS, V_MIGRATIONS, V_WAITS, V_SLEEPS, V_BLOCKS, OF_WAITS, OF_PREEMPTIONS
#define OF_WAITS V_WHOLE, V_P50, V_P95, V_P99, V_MAX, V_MAX_T
#define OF_PREEMPTIONS                                                                             \
	V_PREEMPTED_WHOLE, V_PREEMPTED_P50, V_PREEMPTED_P95, V_PREEMPTED_P99, V_PREEMPTED_MAX,     \
	    V_PREEMPTED_MAX_T

static const struct table {
	const char *name;
	const char *cells[TAB_CELLS + 1]; /* the names of the texts */
	unsigned nkey;                    /* the first of them, which identify the row */
	enum value sort;                  /* V_END: by the texts */
	enum value value[V_END + 1];
} tables[TAB_BYS] = {
	{ "task", { "machine", "tid", "birth", "pid", "comm" }, 3, V_RUN, { OF_TASKS, V_END } },
	{ "process", { "machine", "pid", "comm" }, 2, V_RUN, { V_TASKS, OF_TASKS, V_END } },
	{ "name", { "machine", "comm" }, 2, V_RUN, { V_TASKS, OF_TASKS, V_END } },
	{ "cpu", { "machine", "cpu" }, 2, V_END,
	    { V_RUN, V_IDLE, V_UNKNOWN, V_RUNS, V_SWITCHES, V_PREEMPTIONS, V_MIGRATIONS, OF_WAITS,
		OF_PREEMPTIONS, V_END } },
	{ "waker", { "machine", "waker", "waker_comm", "context", "wakee", "wakee_comm" }, 6,
	    V_WAKES, { V_WAKES, V_WAITED, OF_WAITS, V_END } },
	{ "function", { "machine", "state", "function" }, 3, V_TOTAL,
	    { V_COUNT, V_TOTAL, OF_WAITS, V_END } },
	{ "irq", { "machine", "irq", "name" }, 3, V_TOTAL, { V_COUNT, V_TOTAL, OF_WAITS, V_END } },
	{ "softirq", { "machine", "vec", "name" }, 3, V_TOTAL,
	    { V_COUNT, V_TOTAL, OF_WAITS, V_END } },
	{ "syscall", { "machine", "call" }, 2, V_TOTAL,
	    { V_COUNT, V_TOTAL, V_BYTES, V_ERRORS, OF_WAITS, V_END } },
	{ "file", { "machine", "file", "type" }, 3, V_TOTAL,
	    { V_COUNT, V_TOTAL, V_BYTES, V_ERRORS, OF_WAITS, V_END } },
	{ "device", { "machine", "device", "op" }, 3, V_TOTAL,
	    { V_COUNT, V_TOTAL, V_BYTES, V_ERRORS, OF_WAITS, V_END } },
	{ "path", { "machine", "comm", "state", "why", "function" }, 5, V_TOTAL,
	    { V_COUNT, V_TOTAL, OF_WAITS, V_END } },
};

const char *
tab_source(enum tab_by by)
{
	switch (by) {
	case TAB_WAKER:
		return "arrow records; sched2states makes them from sched:sched_wakeup";
	case TAB_IRQ:
		return "cpustate records of the lane irq; sched2states makes them from irq:*";
	case TAB_SOFTIRQ:
		return "cpustate records of the lane softirq; sched2states makes them from irq:*";
	case TAB_SYSCALL:
	case TAB_FILE:
		return "iostate records; sched2states makes them from raw_syscalls:*";
	case TAB_DEVICE:
		return "request records; sched2states makes them from block:block_rq_*";
	case TAB_PATH:
		return "path records; states2path makes them";
	default:
		return "state records; sched2states makes them";
	}
}

void
tab_names(struct strbuf *b)
{
	int by;

	for (by = 0; by < TAB_BYS; by++) {
		if (by > 0)
			strbuf_putc(b, ' ');
		strbuf_add(b, str_of(tables[by].name));
	}
}

int
tab_by_named(const char *name)
{
	int by = TAB_BYS;

	while (--by >= 0 && strcmp(tables[by].name, name) != 0)
		;
	return by;
}

/* The number of a column: of a text, or TAB_CELLS + a value; -1 if the table has none of this name.
 */
static int
column_named(const struct table *table, struct str name, bool texts)
{
	const enum value *v = table->value;
	int i;

	for (i = 0; texts && table->cells[i] != NULL; i++)
		if (str_eq(name, str_of(table->cells[i])))
			return i;
	while (*v != V_END && !str_eq(name, str_of(value_names[*v])))
		v++;
	return *v == V_END ? -1 : TAB_CELLS + (int)*v;
}

static void
add_column(struct tab_columns *c, int column)
{
	c->at = mem_resize(c->at, c->n + 1, sizeof *c->at);
	c->at[c->n++] = column;
}

/* Set columns to those of a list of names, separated by a character. */
static bool
set_columns(struct tab_columns *c, const struct table *table, const char *list, char separator,
    struct str *wrong)
{
	const char *end;
	int column;

	for (c->n = 0;; list = end + 1) {
		end = strchrnul(list, separator);
		*wrong = (struct str){ list, (size_t)(end - list) };
		column = column_named(table, *wrong, c->texts);
		if (column < 0)
			return false;
		add_column(c, column);
		if (*end == '\0')
			return true;
	}
}

bool
tab_sort(struct tab *t, const char *list, struct str *wrong)
{
	return set_columns(&t->sort, &tables[t->by], list, '+', wrong);
}

static bool
is_time(int column)
{
	return column == TAB_CELLS + V_MAX_T || column == TAB_CELLS + V_PREEMPTED_MAX_T;
}

const char *
tab_sort_time(const struct tab *t)
{
	size_t i;

	for (i = 0; t->sort.n > 1 && i < t->sort.n; i++)
		if (is_time(t->sort.at[i]))
			return value_names[t->sort.at[i] - TAB_CELLS];
	return NULL;
}

bool
tab_show(struct tab *t, const char *list, struct str *wrong)
{
	t->show.texts = true;
	return set_columns(&t->show, &tables[t->by], list, ',', wrong);
}

void
tab_column_names(const struct tab *t, bool texts, struct strbuf *b)
{
	const struct table *table = &tables[t->by];
	const enum value *v;
	int i;

	for (i = 0; texts && table->cells[i] != NULL; i++) {
		strbuf_add(b, str_of(table->cells[i]));
		strbuf_putc(b, ' ');
	}
	for (v = table->value; *v != V_END; v++) {
		strbuf_add(b, str_of(value_names[*v]));
		if (v[1] != V_END)
			strbuf_putc(b, ' ');
	}
}

/* --- rows and tasks */

enum { FUNCTION_NAME = 1024 /* bytes of a function's name that are kept */ };

enum wait { WAIT_LATENCY, WAIT_PREEMPTED, WAITS, WAIT_NONE = WAITS };

/* Hostile input has a row for each short line: a row has no sums that its table does not show. */
struct tab_row {
	uint32_t cell[TAB_CELLS]; /* texts */
	uint32_t number;
	bool led; /* of a process: its first task has named it */
	struct waits {
		struct percentiles ns;
		int64_t max_t;                    /* when the longest began */
		uint64_t percentile[PERCENTILES]; /* known after the last record */
	} wait[WAITS];
	uint64_t sum[]; /* the first: of what the table has no column for */
};

_Static_assert((int)SUMS <= (int)TAB_SUMS, "a sum has no place");

/* Give the sums that the table shows their places in a row. */
static void
place_sums(struct tab *t)
{
	const enum value *v;

	t->nsum = 1;
	for (v = tables[t->by].value; *v != V_END; v++)
		if (*v < SUMS)
			t->place[*v] = t->nsum++;
}

static uint64_t *
sum_at(const struct tab *t, struct tab_row *row, enum value v)
{
	return &row->sum[t->place[v]];
}

struct tab_task {
	int64_t birth;
	int32_t pid;    /* of its last state */
	uint32_t row;   /* 1 + the last one that it counted in, 0: none yet */
	int32_t cpu;    /* where it ran last, -1: not known */
	uint32_t waker; /* 1 + the row of the arrow that woke it last, at woken; 0: none */
	int64_t woken;
	enum wait waits; /* its last state, from since to t, if it was a whole wait for a CPU */
	int64_t since, t;
};

static void
add(uint64_t *sum, uint64_t v)
{
	if (__builtin_add_overflow(*sum, v, sum))
		*sum = UINT64_MAX;
}

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
	struct str key = { (const char *)cell, tables[t->by].nkey * sizeof *cell };
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
add_wait(struct waits *w, uint64_t ns, int64_t t)
{
	if (w->ns.n == 0 || ns > w->ns.max || (ns == w->ns.max && t < w->max_t))
		w->max_t = t;
	percentiles_add(&w->ns, ns);
}

/* --- states */

static bool
is_whole(struct str info)
{
	return pairs_get(info, STR("begin")).p == NULL && pairs_get(info, STR("end")).p == NULL;
}

static uint64_t
length(const struct rec *r, int64_t end)
{
	return end > r->t ? (uint64_t)end - (uint64_t)r->t : 0;
}

/* The innermost function of a stack that says what the task was doing, as a text. */
static uint32_t
function_in(struct tab *t, struct str stack)
{
	struct str function = place_function(stack);

	if (!t->named && stack.n > 0 && !str_none(stack)) {
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
	enum value ns, count;
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

/* Count the wait before a run in a row, or that for a wake in the row of the wake's pair. */
static void
add_delay(struct tab *t, const struct rec *r, const struct tab_task *task, struct tab_row *row)
{
	if (task->waits == WAIT_NONE || task->t != r->t)
		return;
	if (t->by == TAB_WAKER)
		row =
		    task->waits == WAIT_LATENCY && task->waker > 0 ? t->row[task->waker - 1] : NULL;
	if (row != NULL)
		add_wait(&row->wait[task->waits], (uint64_t)task->t - (uint64_t)task->since,
		    task->since);
}

/* Count a run in a row, NULL if it has none: how it ended, where it was, what it followed. */
static void
add_run(struct tab *t, const struct rec *r, struct tab_task *task, struct tab_row *row)
{
	bool moved = task->cpu >= 0 && r->cpu >= 0 && task->cpu != r->cpu;

	if (row != NULL && pairs_get(r->state.info, STR("out")).p != NULL)
		++*sum_at(t, row, V_SWITCHES);
	if (row != NULL && moved)
		++*sum_at(t, row, V_MIGRATIONS);
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

/* Count a state in the row of its task, process, name or CPU; a CPU has only what happened on it.
 */
static void
add_state(struct tab *t, const struct rec *r, struct tab_task *task)
{
	const struct sum *s = sum_of(r->state.state);
	struct tab_row *row = NULL;

	if (t->by < TAB_CPU || (t->by == TAB_CPU && (s->ns == V_RUN || s->ns == V_PREEMPTED))) {
		row = t->by == TAB_TASK ? row_of_task(t, r, task) : row_of_state(t, r);
		add(sum_at(t, row, s->ns), length(r, r->state.end));
		if (s->count != V_END)
			++*sum_at(t, row, s->count);
		add_task(t, task, row);
	}
	if (s->ns == V_RUN)
		add_run(t, r, task, row);
	task->waits = !is_whole(r->state.info) ? WAIT_NONE
		      : s->ns == V_WAIT        ? WAIT_LATENCY
		      : s->ns == V_PREEMPTED   ? WAIT_PREEMPTED
					       : WAIT_NONE;
	task->since = r->t;
	task->t = r->state.end;
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

	if (!waited_in(r->state.state))
		return;
	row = row_of_state(t, r);
	++*sum_at(t, row, V_COUNT);
	add(sum_at(t, row, V_TOTAL), length(r, r->state.end));
	if (is_whole(r->state.info))
		add_wait(&row->wait[WAIT_LATENCY], length(r, r->state.end), r->t);
}

/* --- other records */

static void
add_cpu(struct tab *t, const struct rec *r)
{
	const struct rec_cpustate *s = &r->cpustate;
	uint32_t cell[TAB_CELLS] = { ids_text(&t->texts, r->machine), number_text(t, r->cpu) };
	bool idle = str_eq(s->state, STR("idle"));

	if (str_eq(s->lane, STR("cpu")) && s->end > r->t)
		add(sum_at(t, row_of(t, cell), idle ? V_IDLE : V_UNKNOWN),
		    (uint64_t)s->end - (uint64_t)r->t);
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

	++*sum_at(t, row, V_WAKES);
	if (a->waited > 0)
		add(sum_at(t, row, V_WAITED), (uint64_t)a->waited);
	task->waker = row->number + 1;
	task->woken = r->t;
}

/* An interval of a table's row: its texts after the machine, and what is counted of it. */
struct interval {
	struct str cell[2];
	int64_t end, error;
	uint64_t bytes, count;
	struct str info;
};

/* One that lacks an end is counted, but has no time. */
static void
add_interval(struct tab *t, const struct rec *r, const struct interval *i)
{
	uint32_t cell[TAB_CELLS] = { ids_text(&t->texts, r->machine),
		ids_text(&t->texts, i->cell[0]), ids_text(&t->texts, i->cell[1]) };
	struct tab_row *row = row_of(t, cell);
	uint64_t ns = length(r, i->end);

	add(sum_at(t, row, V_COUNT), i->count);
	if (i->bytes != REC_NO_U64)
		add(sum_at(t, row, V_BYTES), i->bytes);
	if (i->error != REC_NO_INT)
		add(sum_at(t, row, V_ERRORS), i->count);
	t->used++;
	if (!is_whole(i->info))
		return;
	add(sum_at(t, row, V_TOTAL), ns);
	add_wait(&row->wait[WAIT_LATENCY], ns, r->t);
}

static void
add_interrupt(struct tab *t, const struct rec *r)
{
	struct interval i = { .cell = { r->cpustate.state,
				  pairs_get(r->cpustate.info, STR("name")) },
		.end = r->cpustate.end,
		.error = REC_NO_INT,
		.bytes = REC_NO_U64,
		.count = 1,
		.info = r->cpustate.info };

	if (i.cell[1].p == NULL)
		i.cell[1] = STR_NONE;
	if (str_eq(r->cpustate.lane, str_of(tables[t->by].name)))
		add_interval(t, r, &i);
}

/* A file's row has a type, and what is done without a descriptor has no file. */
static void
add_call(struct tab *t, const struct rec *r)
{
	const struct rec_iostate *c = &r->iostate;
	struct str merged = pairs_get(c->info, STR("merged"));
	struct interval i = { .cell = { c->call, STR_NONE },
		.end = c->end,
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
	struct interval i = { { q->device, q->op }, q->end, q->error, q->bytes, 1, q->info };

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
	struct tab_row *row = row_of(t, cell);
	uint64_t ns = length(r, p->end);

	++*sum_at(t, row, V_COUNT);
	add(sum_at(t, row, V_TOTAL), ns);
	add_wait(&row->wait[WAIT_LATENCY], ns, r->t);
	t->used++;
}

/* Take in a record of a table of states, or of what connects them. */
static void
add_to_states(struct tab *t, const struct rec *r)
{
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
	t->used += r->kind == (t->by == TAB_WAKER ? REC_ARROW : REC_STATE);
	t->states += r->kind == REC_STATE;
	t->known += r->kind == REC_STATE && !str_eq(r->state.state, STR("unknown"));
}

void
tab_add(struct tab *t, const struct rec *r)
{
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

/* --- the table */

/* The waits that a column is of. */
static const struct waits *
waits_of(const struct tab_row *row, enum value v)
{
	return &row->wait[v >= V_PREEMPTED_WHOLE ? WAIT_PREEMPTED : WAIT_LATENCY];
}

/* The value of a column other than of times, after the last record. */
static uint64_t
value_of(const struct tab *t, const struct tab_row *row, enum value v)
{
	const struct waits *w = waits_of(row, v);

	switch (v) {
	case V_WHOLE:
	case V_PREEMPTED_WHOLE:
		return w->ns.n;
	case V_P50:
	case V_PREEMPTED_P50:
		return w->percentile[PERCENTILE_50];
	case V_P95:
	case V_PREEMPTED_P95:
		return w->percentile[PERCENTILE_95];
	case V_P99:
	case V_PREEMPTED_P99:
		return w->percentile[PERCENTILE_99];
	case V_MAX:
	case V_PREEMPTED_MAX:
		return w->ns.max;
	default:
		return row->sum[t->place[v]];
	}
}

static bool
is_number(struct str s)
{
	return s.n > 0 && *s.p >= '0' && *s.p <= '9' && strspn(s.p, "0123456789") == s.n;
}

/* Order two texts, numbers by value. */
static int
text_order(struct str a, struct str b)
{
	if (is_number(a) && is_number(b) && a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return strcmp(a.p, b.p);
}

/* The sum of the columns that the table is sorted by. */
static uint64_t
sorted_by(const struct tab *t, const struct tab_row *row)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < t->sort.n; i++)
		add(&sum, value_of(t, row, (enum value)(t->sort.at[i] - TAB_CELLS)));
	return sum;
}

/* Order two rows by numbers, the largest first. */
static int
value_order(const struct tab *t, const struct tab_row *x, const struct tab_row *y)
{
	uint64_t xs, ys;
	int64_t xt, yt;
	enum value v;

	if (t->sort.n == 1 && is_time(t->sort.at[0])) {
		v = (enum value)(t->sort.at[0] - TAB_CELLS);
		xt = waits_of(x, v)->max_t;
		yt = waits_of(y, v)->max_t;
		return (xt < yt) - (xt > yt);
	}
	xs = sorted_by(t, x);
	ys = sorted_by(t, y);
	return (xs < ys) - (xs > ys);
}

static int
row_order(const void *a, const void *b, void *tab)
{
	const struct tab *t = tab;
	const struct tab_row *x = *(const struct tab_row *const *)a;
	const struct tab_row *y = *(const struct tab_row *const *)b;
	int i, d = value_order(t, x, y);

	for (i = 0; d == 0 && i < TAB_CELLS; i++)
		d = text_order(
		    intern_str(&t->texts, x->cell[i]), intern_str(&t->texts, y->cell[i]));
	return d;
}

static void
put_header(const struct tab *t, struct out *o)
{
	size_t i;
	int column;

	for (i = 0; i < t->show.n; i++) {
		column = t->show.at[i];
		out_str(o, str_of(column < TAB_CELLS ? tables[t->by].cells[column]
						     : value_names[column - TAB_CELLS]));
		out_char(o, i + 1 == t->show.n ? '\n' : '\t');
	}
}

static void
put_value(const struct tab *t, const struct tab_row *row, enum value v, struct out *o)
{
	const struct waits *w = waits_of(row, v);

	if (v > V_WHOLE && v != V_PREEMPTED_WHOLE && w->ns.n == 0)
		out_char(o, '-');
	else if (is_time(TAB_CELLS + (int)v))
		out_s64(o, w->max_t);
	else
		out_u64(o, value_of(t, row, v));
}

static void
put_row(const struct tab *t, const struct tab_row *row, struct out *o)
{
	size_t i;
	int column;

	for (i = 0; i < t->show.n; i++) {
		column = t->show.at[i];
		if (column < TAB_CELLS)
			out_str(o, intern_str(&t->texts, row->cell[column]));
		else
			put_value(t, row, (enum value)(column - TAB_CELLS), o);
		out_char(o, i + 1 == t->show.n ? '\n' : '\t');
	}
}

/* Choose the columns and the order that were not asked for. */
static void
set_defaults(struct tab *t)
{
	const struct table *table = &tables[t->by];
	const enum value *v;
	int i;

	if (t->sort.n == 0 && table->sort != V_END)
		add_column(&t->sort, TAB_CELLS + (int)table->sort);
	if (t->show.n > 0)
		return;
	for (i = 0; table->cells[i] != NULL; i++)
		add_column(&t->show, i);
	for (v = table->value; *v != V_END; v++)
		add_column(&t->show, TAB_CELLS + (int)*v);
}

void
tab_write(struct tab *t, struct out *o)
{
	size_t i, w;

	set_defaults(t);
	for (i = 0; i < t->keys.n; i++) {
		for (w = 0; w < WAITS; w++)
			percentiles_find(&t->row[i]->wait[w].ns, t->row[i]->wait[w].percentile);
	}
	if (t->keys.n > 0)
		qsort_r(t->row, t->keys.n, sizeof(struct tab_row *), row_order, t);
	put_header(t, o);
	for (i = 0; i < t->keys.n; i++)
		put_row(t, t->row[i], o);
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
