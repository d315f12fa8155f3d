/* SPDX-License-Identifier: MIT */
/*
 * tab - add up states: a row for each task, process, name, CPU, pair of waker and wakee, or
 * function that tasks waited in; and other intervals: a row for each interrupt, system call, file,
 * device, or reason of delays on a critical path
 *
 * Times are those in the window, as rec/cut.h cuts them. Counts, and the latencies and intervals of
 * the percentiles, are of what ends in it, in whole.
 *
 * A latency is the whole of a runnable state between a recorded wake and the run that follows it;
 * waits after a preemption are counted apart. Percentile p of n values is the ceil(p n / 100)-th
 * smallest. Memory: 8 bytes for each latency, wait of a function or other interval,
 * and what the rows and the tasks need.
 */

#ifndef TAB_H
#define TAB_H

#include "base/hash.h"
#include "base/intern.h"
#include "base/out.h"
#include "base/strbuf.h"
#include "rec/cut.h"
#include "rec/rec.h"
#include "rec/stackdefs.h"

enum tab_by {
	TAB_TASK,
	TAB_PROCESS,
	TAB_NAME,
	TAB_CPU,
	TAB_WAKER,
	TAB_FUNCTION,
	TAB_IRQ,
	TAB_SOFTIRQ,
	TAB_SYSCALL,
	TAB_FILE,
	TAB_DEVICE,
	TAB_PATH,
	TAB_BYS
};

enum {
	TAB_CELLS = 6, /* texts of a row, at most */
	TAB_SUMS = 32  /* kinds of sums, at most */
};

struct tab_row;
struct tab_task;

struct tab {
	enum tab_by by;
	struct window time;
	bool aligned;       /* write columns for a terminal, by default only the most useful ones */
	uint64_t used;      /* the number of records that counted */
	uint64_t overflows; /* additions to a sum that is UINT64_MAX, the greatest */
	uint64_t states, known; /* of tables of states: those that came, and those that say what */
	bool switched, lost;    /* a state at any time says what; events were lost in the window */
	/* Of tables of functions: waits without a stack came, stacks, and one with symbols. */
	bool bare, unnamed, named;
	/* private */
	struct cut part; /* of the record, in the window */
	struct tab_columns {
		int *at;
		size_t n;
		bool texts; /* those of texts may be among them */
	} sort, show;
	struct intern texts, keys, ids;
	struct hash seen;              /* the tasks that were counted in each row */
	struct tab_row **row;          /* by its key's number */
	uint8_t place[TAB_SUMS], nsum; /* of each sum: where a row has it */
	struct tab_task *task;
	struct hash_recent recent; /* of machine and tid: 1 + the task */
	size_t cap_row, cap_task;
	struct stackdefs stacks;
	struct hash functions; /* @HASH -> the text of its function */
};

/* The records that a table is made of and who makes them, as text. */
const char *tab_source(enum tab_by);

/* The value of a name; -1 if there is none. */
int tab_by_named(const char *);

/* Add the names of the tables, separated by blanks. */
void tab_names(struct strbuf *);

/* Sort by the sum of columns of numbers, which are separated by a +; write only these columns,
 * separated by commas. False if a name is that of none; it is in *wrong. */
bool tab_sort(struct tab *, const char *list, struct str *wrong);
bool tab_show(struct tab *, const char *list, struct str *wrong);

/* The first time in a sum that the table is sorted by, as text: it cannot be added up. NULL if
 * there is none. */
const char *tab_sort_time(const struct tab *);

/* Add the names of the columns of numbers, or those of texts, too, separated by blanks. */
void tab_column_names(const struct tab *, bool texts, struct strbuf *);

/* Start with by and time set, and all else 0. Take in a record of any kind. */
void tab_add(struct tab *, const struct rec *);

/* Write the table: a header and a line for each row; - is unknown. Columns are separated by tabs,
 * or aligned, with units. Call it once, after the last record. */
void tab_write(struct tab *, struct out *);
void tab_free(struct tab *);

#endif
