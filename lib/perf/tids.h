/* SPDX-License-Identifier: MIT */
/* tids - which process each thread belongs to
 *
 * A dying task has lost its ids by the time of its last switch: the sample says -1, and only the
 * tracepoint's data have the tid. */

#ifndef TIDS_H
#define TIDS_H

#include "base/hash.h"

/* Start with { 0 }. */
struct tids {
	struct hash pid;
	struct hash_recent recent; /* of a tid: the pid + 1 */
};

void tids_free(struct tids *);

/* Learn the process of a thread; ids below 0 are unknown. */
void tids_set_new(struct tids *, int32_t tid, int32_t pid);

static inline void
tids_set(struct tids *t, int32_t tid, int32_t pid)
{
	if (*hash_recent(&t->recent, (uint64_t)tid) != (uint64_t)pid + 1)
		tids_set_new(t, tid, pid);
}

/* -1 if the process is unknown or the thread is gone. */
int32_t tids_pid(const struct tids *, int32_t tid);

/* The thread is gone. */
void tids_remove(struct tids *, int32_t tid);

#endif
