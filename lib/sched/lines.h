/* SPDX-License-Identifier: MIT */
/*
 * lines - write the records that a fold of states emits
 *
 * Most of them name a task again that earlier ones named: its ids, birth and name are kept as text.
 */

#ifndef LINES_H
#define LINES_H

#include "rec/rec.h"

enum { LINES_TASKS = 1024, LINES_TIMES = 16 };

struct lines {
	struct lines_time {
		uint32_t n;
		uint64_t high; /* the text of a time, without its last eight digits */
		char text[12];
	} time[LINES_TIMES];
	struct lines_task {
		int32_t pid, tid;
		int64_t birth, prio;
		const char *comm;
		/* bytes of the fields pid and tid, of these and birth and comm, of these and prio
		 */
		uint8_t ids, who, all;
		char text[100]; /* the fields, with their tabs */
	} task[LINES_TASKS];
};

/* Do what rec_put() does, for a record without appended fields. The names of tasks must outlive the
 * lines: two at the same address are the same. Starts as { 0 }. */
void lines_put(struct lines *, struct out *, const struct rec *);

#endif
