/* SPDX-License-Identifier: MIT */

#include "perftids.h"

void
perf_tids_slow(struct perf_tids *t, int32_t tid, int32_t pid)
{
	size_t i = (uint32_t)tid % PERF_TIDS_RECENT;

	if (tid < 0 || pid < 0)
		return;
	*hash_put(&t->pid, (uint64_t)tid) = (uint64_t)pid;
	t->recent[i].tid = tid;
	t->recent[i].pid = pid;
}

int32_t
perf_tids_get(const struct perf_tids *t, int32_t tid)
{
	const uint64_t *pid = hash_get(&t->pid, (uint64_t)tid);

	return pid == NULL ? tid == 0 ? 0 : -1 : (int32_t)*pid;
}

void
perf_tids_drop(struct perf_tids *t, int32_t tid)
{
	size_t i = (uint32_t)tid % PERF_TIDS_RECENT;

	hash_remove(&t->pid, (uint64_t)tid);
	if (t->recent[i].tid == tid)
		t->recent[i].pid = -1;
}
