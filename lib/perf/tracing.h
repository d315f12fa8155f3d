/* SPDX-License-Identifier: MIT */
/*
 * tracing - the tracepoints' formats, as recordings bring them along
 *
 * A perf.data file has them in one blob: header_page, header_event, ftrace's own formats, those of
 * each system, then names that the kernel's printk used.
 * Facts: tools/perf/util/trace-event-info.c of Linux 6.18.
 */

#ifndef TRACING_H
#define TRACING_H

#include "base/hash.h"
#include "evformat.h"

struct tracing_event {
	struct evformat format;
	char *name; /* system:event */
};

struct tracing {
	struct tracing_event **event;
	size_t n, cap;
	struct hash ids;
	bool big; /* byte order of the raw data */
};

void tracing_free(struct tracing *);

/* Add the format text of an event; false when it is none. */
bool tracing_add(struct tracing *, struct str system, const char *text, size_t n);

/* Read the blob; false when it ends early or is no such thing: what stood before is kept. */
bool tracing_read(struct tracing *, struct bytes blob);

/* NULL where no event has the id. */
const struct tracing_event *tracing_find(const struct tracing *, uint64_t id);

#endif
