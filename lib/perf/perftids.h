/* SPDX-License-Identifier: MIT */
/*
 * perftids - which process a thread belongs to
 *
 * A dying task has lost its ids by the time of its last switch: the sample says -1, only the
 * tracepoint's data have the tid.
 */

#ifndef PERFTIDS_H
#define PERFTIDS_H

#include "base/hash.h"

enum { PERF_TIDS_RECENT = 1024 };

struct perf_tids {
	struct hash pid;
	struct {
		int32_t tid, pid;
	} recent[PERF_TIDS_RECENT]; /* what was told last, so that repeating it costs nothing */
};

void perf_tids_slow(struct perf_tids *, int32_t tid, int32_t pid);

/* Now tid is of pid. */
static inline void
perf_tids_set(struct perf_tids *t, int32_t tid, int32_t pid)
{
	size_t i = (uint32_t)tid % PERF_TIDS_RECENT;

	if (t->recent[i].tid != tid || t->recent[i].pid != pid)
		perf_tids_slow(t, tid, pid);
}

/* -1 where that was never told, or the thread is gone. */
int32_t perf_tids_get(const struct perf_tids *, int32_t tid);

void perf_tids_drop(struct perf_tids *, int32_t tid);

#endif
