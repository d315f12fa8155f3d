/* SPDX-License-Identifier: MIT */
/* perfevents - the events of a perf.data file: which one a record belongs to, and their names */

#ifndef PERFEVENTS_H
#define PERFEVENTS_H

#include "base/hash.h"
#include "perfattr.h"

enum { PERF_EVENT_HINTS = 64 };

struct perf_events {
	struct perf_attr **event;
	size_t n, cap;
	struct hash ids; /* event id -> index + 1 */
	struct {
		uint64_t id;
		struct perf_attr *event;
	} hint[PERF_EVENT_HINTS]; /* the ids met last */
	bool mixed;               /* they differ in where their records have time or id */
};

void perf_events_free(struct perf_events *);

/* Add an event with its ids (u64 each). */
struct perf_attr *perf_events_add(struct perf_events *, struct perf_attr, struct bytes ids);

/* The event of an id; the first one for id 0, which synthesised records have. NULL where none has
 * the id. */
struct perf_attr *perf_events_find(struct perf_events *, uint64_t id);

/* The event of a record whose body is given; NULL where it carries an id that nobody has. */
struct perf_attr *perf_events_of(struct perf_events *, bool sample, struct bytes body);

/* Take names from the feature EVENT_DESC; from an EVENT_UPDATE record; from what old versions had
 * instead, an EVENT_TYPE. */
void perf_events_describe(struct perf_events *, struct bytes);
void perf_events_update(struct perf_events *, struct bytes);
void perf_events_type(struct perf_events *, struct bytes);

/* Name an event. */
void perf_events_name(struct perf_attr *, const char *name, size_t n);

#endif
