/* SPDX-License-Identifier: MIT */
/*
 * timeorder - time order among the records of several buffers, from an index of 16 bytes a record
 *
 * Records come in a few runs that are each in time order, such as the buffers of CPUs. A recorder
 * writes a mark whenever it has emptied all its buffers. At a mark, nothing can follow that is
 * earlier than the latest record before the previous mark, or so perf assumes. But the kernel takes
 * the time of a record before it publishes the record, and an interrupt or a hypervisor can come in
 * between. So records go only when they are TIMEORDER_LATE older than that, and many at once.
 */

#ifndef TIMEORDER_H
#define TIMEORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMEORDER_LATE 2000000 /* ns */

struct timeorder_entry {
	uint64_t time;
	uint64_t where; /* offset << 16 | size */
};

struct timeorder_run {
	size_t next, end; /* entries */
};

struct timeorder {
	struct timeorder_entry *entry;
	size_t n, cap;
	struct timeorder_run *run; /* while open, a heap by the time of next */
	size_t nrun, caprun;
	uint64_t latest;            /* time of all records added */
	uint64_t next_limit, limit; /* of the marks; what is not later may go */
	uint64_t settled;           /* by the marks so far: nothing earlier follows */
	uint64_t lowest;            /* no record that waits has a lower offset; only if n > 0 */
	uint64_t before;            /* entries of the first run before this time are next */
	bool open;                  /* records may go, none may be added */
};

void timeorder_free(struct timeorder *);

/* timeorder_add() for a record that may start a run; only timeorder_add() calls it. */
void timeorder_add_new(struct timeorder *, uint64_t time, uint64_t offset, size_t size);

/* Add a record of size bytes (at most 65535) at an offset below 1 << 48. */
static inline void
timeorder_add(struct timeorder *o, uint64_t time, uint64_t offset, size_t size)
{
	if (o->n == 0 || o->n == o->cap || o->entry[o->n - 1].time > time) {
		timeorder_add_new(o, time, offset, size);
		return;
	}
	o->entry[o->n++] = (struct timeorder_entry){ time, offset << 16 | size };
	o->run[o->nrun - 1].end = o->n;
	if (time > o->latest)
		o->latest = time;
}

/* Let go the records that a mark releases; all records. Then call timeorder_next() until it returns
 * false. */
void timeorder_mark(struct timeorder *);
void timeorder_end(struct timeorder *);

/* timeorder_next() for a record that may not be of the same run as the last one; only
 * timeorder_next() calls it. */
bool timeorder_other(struct timeorder *, struct timeorder_entry *);

/* Take the next record that may go; equal times go in the order of their offsets. Returns false if
 * there is none. */
static inline bool
timeorder_next(struct timeorder *o, struct timeorder_entry *e)
{
	struct timeorder_run *first = o->run;

	if (o->before == 0 || o->entry[first->next].time >= o->before ||
	    first->next + 1 == first->end)
		return timeorder_other(o, e);
	*e = o->entry[first->next++];
	return true;
}

#endif
