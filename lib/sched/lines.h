/* SPDX-License-Identifier: MIT */
/*
 * lines - write the records that a fold of states emits
 *
 * Most of them name a task again that earlier ones named: its ids, birth and name are kept as text.
 * So are the times: that of the last event, and that at which the last state of a task ended, where
 * its next one begins.
 */

#ifndef LINES_H
#define LINES_H

#include "rec/rec.h"

enum { LINES_TASKS = 1024 };

struct lines_time {
	int64_t t;
	uint32_t n;    /* 0: none */
	char text[24]; /* with its tab */
};

struct lines {
	struct lines_time now; /* the time written last */
	struct lines_task {
		int32_t pid, tid;
		int64_t birth, prio;
		const char *comm;
		/* bytes of the fields pid and tid, of these and birth and comm, of these and prio
		 */
		uint8_t ids, who, all;
		char text[100];          /* the fields, with their tabs */
		struct lines_time ended; /* when its last state did */
	} task[LINES_TASKS];
};

/* Take the text of the time t, from a line: the records that follow are likely to have it. */
static inline void
lines_at(struct lines *l, int64_t t, struct str text)
{
	if (t < 0 || text.n >= sizeof l->now.text)
		return;
	l->now.t = t;
	l->now.n = (uint32_t)text.n + 1;
	memcpy(l->now.text, text.p - 1, sizeof l->now.text);
}

/* Do what rec_put() does, for a record without appended fields. The names of tasks must outlive the
 * lines: two at the same address are the same. Starts as { 0 }. */
void lines_put(struct lines *, struct out *, const struct rec *);

#endif
