/* SPDX-License-Identifier: MIT */
/* machines - those that a stream tells of, by name, and the span of each one's events */

#ifndef MACHINES_H
#define MACHINES_H

#include "base/hash.h"
#include "rec/pairs.h"

struct task;

struct machine {
	uint32_t id; /* counts from 0 */
	struct str name;
	bool begun;          /* it had an event: start and last are known */
	bool switched;       /* one of them was a context switch */
	bool scheduled;      /* one of them was what states are folded from */
	bool folded;         /* its states are told of already, in the stream that is read */
	int64_t start, last; /* when its first and its last event were */
	int64_t lost;        /* the last time that events are missing before */
	struct task *tasks;  /* those of no CPU that is known; see task_link_cpu() */
};

struct machines {
	struct hash ids; /* of a name's hash; the id + 1 */
	struct machine **all;
	size_t n, cap;
	struct machine *recent;
};

struct machine *machines_get(struct machines *, struct str name);
void machines_free(struct machines *);

/* An event at t: false where it is before the one before it. */
bool machine_event(struct machine *, int64_t t);

/* Why an interval begins or ends where it does, when no event says so. */
enum edge {
	EDGE_SEEN,
	EDGE_INFERRED, /* from other events */
	EDGE_UNKNOWN,  /* it began before the recording */
	EDGE_OPEN,     /* it goes on behind the recording */
	EDGE_LOST      /* events are missing from there on */
};

/* Add begin= and end= to the pairs, where there is something to say. */
void edge_pairs(struct strbuf *, enum edge begin, enum edge end);

/* b - a for b >= a, REC_NO_NS where that is too much. */
int64_t machine_span(int64_t a, int64_t b);

#endif
