/* SPDX-License-Identifier: MIT */

#include "tids.h"

void
tids_free(struct tids *t)
{
	hash_free(&t->pid);
}

void
tids_set_new(struct tids *t, int32_t tid, int32_t pid)
{
	if (tid < 0 || pid < 0)
		return;
	*hash_put(&t->pid, (uint64_t)tid) = (uint64_t)pid;
	*hash_recent(&t->recent, (uint64_t)tid) = (uint64_t)pid + 1;
}

int32_t
tids_pid(const struct tids *t, int32_t tid)
{
	const uint64_t *pid = hash_get(&t->pid, (uint64_t)tid);

	return pid == NULL ? tid == 0 ? 0 : -1 : (int32_t)*pid;
}

void
tids_remove(struct tids *t, int32_t tid)
{
	hash_remove(&t->pid, (uint64_t)tid);
	*hash_recent(&t->recent, (uint64_t)tid) = 0;
}
