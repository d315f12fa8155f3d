/* SPDX-License-Identifier: MIT */
/*
 * timeorder - time order among the records of several buffers, from an index of 16 bytes a record
 *
 * Records come in a few runs, each in time order (the buffer of a CPU, say). At a mark all that is
 * not later than the latest record before the mark before may go: a recorder that wrote the mark
 * had emptied all its buffers by then.
 */

#ifndef TIMEORDER_H
#define TIMEORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	struct timeorder_run *run; /* while open: a heap by the time of next */
	size_t nrun, caprun;
	uint64_t latest; /* of all that was added */
	uint64_t next_limit, limit;
	uint64_t lowest; /* no record that waits has a lower offset */
	bool open;       /* some may go now: nothing may be added */
};

void timeorder_free(struct timeorder *);

/* A record of size bytes (0 to 65535) at an offset below 1 << 48. */
void timeorder_add(struct timeorder *, uint64_t time, uint64_t offset, size_t size);

/* All that a mark lets go may go; all that is there may go. */
void timeorder_mark(struct timeorder *);
void timeorder_end(struct timeorder *);

/* Take the next one that may go, equal times in the order of their offsets; false when there is
 * none. */
bool timeorder_next(struct timeorder *, struct timeorder_entry *);

#endif
