/* SPDX-License-Identifier: MIT */

#include "base/mem.h"
#include "tab_int.h"

const char *const tab_value_names[V_END] = { "tasks", "run_ns", "wait_ns", "preempted_ns",
	"sleep_ns", "block_ns", "other_ns", "idle_ns", "unknown_ns", "runs", "switches",
	"preemptions", "migrations", "waits", "sleeps", "blocks", "wakes", "ended", "waited_ns",
	"count", "total_ns", "bytes", "errors", "whole", "p50_ns", "p95_ns", "p99_ns", "max_ns",
	"max_t", "preempted_whole", "preempted_p50_ns", "preempted_p95_ns", "preempted_p99_ns",
	"preempted_max_ns", "preempted_max_t" };

#define OF_TASKS                                                                                   \
	V_RUN, V_WAIT, V_PREEMPTED, V_SLEEP, V_BLOCK, V_OTHER, V_UNKNOWN, V_RUNS, V_SWITCHES,      \
	    V_PREEMPTIONS, V_MIGRATIONS, V_WAITS, V_SLEEPS, V_BLOCKS, OF_WAITS, OF_PREEMPTIONS
#define OF_WAITS V_WHOLE, V_P50, V_P95, V_P99, V_MAX, V_MAX_T
#define OF_PREEMPTIONS                                                                             \
	V_PREEMPTED_WHOLE, V_PREEMPTED_P50, V_PREEMPTED_P95, V_PREEMPTED_P99, V_PREEMPTED_MAX,     \
	    V_PREEMPTED_MAX_T

const struct tab_table tab_tables[TAB_BYS] = {
	{ "task", { "machine", "tid", "birth", "pid", "comm" }, 3, V_RUN, { OF_TASKS, V_END } },
	{ "process", { "machine", "pid", "comm" }, 2, V_RUN, { V_TASKS, OF_TASKS, V_END } },
	{ "name", { "machine", "comm" }, 2, V_RUN, { V_TASKS, OF_TASKS, V_END } },
	{ "cpu", { "machine", "cpu" }, 2, V_END,
	    { V_RUN, V_IDLE, V_UNKNOWN, V_RUNS, V_SWITCHES, V_PREEMPTIONS, V_MIGRATIONS, OF_WAITS,
		OF_PREEMPTIONS, V_END } },
	{ "waker", { "machine", "waker", "waker_comm", "context", "wakee", "wakee_comm" }, 6,
	    V_ENDED, { V_WAKES, V_ENDED, V_WAITED, OF_WAITS, V_END } },
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
		strbuf_add(b, str_of(tab_tables[by].name));
	}
}

int
tab_by_named(const char *name)
{
	int by = TAB_BYS;

	while (--by >= 0 && strcmp(tab_tables[by].name, name) != 0)
		;
	return by;
}

/* Is it a column's name, or that without its unit, as an aligned table has it? */
static bool
is_name(struct str name, const char *column)
{
	return strncmp(name.p, column, name.n) == 0 &&
	       (column[name.n] == '\0' || strcmp(column + name.n, "_ns") == 0);
}

/* The number of a column: of a text, or TAB_CELLS + a value; -1 if the table has none of this name.
 */
static int
column_named(const struct tab_table *table, struct str name, bool texts)
{
	const enum tab_value *v = table->value;
	int i;

	for (i = 0; texts && table->cells[i] != NULL; i++)
		if (str_eq(name, str_of(table->cells[i])))
			return i;
	while (*v != V_END && !is_name(name, tab_value_names[*v]))
		v++;
	return *v == V_END ? -1 : TAB_CELLS + (int)*v;
}

void
tab_add_column(struct tab_columns *c, int column)
{
	c->at = mem_resize(c->at, c->n + 1, sizeof *c->at);
	c->at[c->n++] = column;
}

/* Set columns to those of a list of names, separated by a character. */
static bool
set_columns(struct tab_columns *c, const struct tab_table *table, const char *list, char separator,
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
		tab_add_column(c, column);
		if (*end == '\0')
			return true;
	}
}

bool
tab_sort(struct tab *t, const char *list, struct str *wrong)
{
	return set_columns(&t->sort, &tab_tables[t->by], list, '+', wrong);
}

bool
tab_is_time(int column)
{
	return column == TAB_CELLS + V_MAX_T || column == TAB_CELLS + V_PREEMPTED_MAX_T;
}

const char *
tab_sort_time(const struct tab *t)
{
	size_t i;

	for (i = 0; t->sort.n > 1 && i < t->sort.n; i++)
		if (tab_is_time(t->sort.at[i]))
			return tab_value_names[t->sort.at[i] - TAB_CELLS];
	return NULL;
}

bool
tab_show(struct tab *t, const char *list, struct str *wrong)
{
	t->show.texts = true;
	return set_columns(&t->show, &tab_tables[t->by], list, ',', wrong);
}

void
tab_column_names(const struct tab *t, bool texts, struct strbuf *b)
{
	const struct tab_table *table = &tab_tables[t->by];
	const enum tab_value *v;
	int i;

	for (i = 0; texts && table->cells[i] != NULL; i++) {
		strbuf_add(b, str_of(table->cells[i]));
		strbuf_putc(b, ' ');
	}
	for (v = table->value; *v != V_END; v++) {
		strbuf_add(b, str_of(tab_value_names[*v]));
		if (v[1] != V_END)
			strbuf_putc(b, ' ');
	}
}
