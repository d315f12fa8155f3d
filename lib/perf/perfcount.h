/* SPDX-License-Identifier: MIT */
/*
 * perfcount - what perf stat record puts into a perf.data file: the counts of each event on each
 * CPU, round by round
 *
 * The counts of a round stand before it, and the round has the time. Facts: struct
 * perf_record_stat, _stat_round, _event_update in tools/lib/perf/include/perf/event.h; the feature
 * CPU_TOPOLOGY as tools/perf/util/header.c writes it.
 */

#ifndef PERFCOUNT_H
#define PERFCOUNT_H

#include "perf.h"
#include "rec/rec.h"

/* Where a CPU is; -1: not known. */
struct perf_count_cpu {
	int32_t socket, die, core;
};

/* How an event is counted. */
struct perf_count_event {
	struct str unit;  /* escaped; NULL: not said */
	char scale[32];   /* what the value is to be multiplied by; empty: not said */
	struct str scope; /* what there is one counter of: socket, die, core, cpu */
};

/* A count that waits for its round. */
struct perf_count {
	struct perf_attr *event;
	int32_t cpu;
	uint64_t value, enabled, running;
};

struct perf_counts {
	uint32_t ncpu;
	struct perf_count_cpu *cpu;
	struct perf_count_event *event; /* by the event's index */
	size_t nevent;
	struct perf_count *pending;
	size_t n, cap;
};

void perf_counts_free(struct perf_counts *);

/* Take the number and the places of CPUs from the features NRCPUS and CPU_TOPOLOGY. */
void perf_counts_feature(struct perf_counts *, int feature, struct bytes section);

enum perf_counts_got {
	PERF_COUNTS_MORE,  /* nothing to be written yet */
	PERF_COUNTS_ROUND, /* a round: its counts are pending, at t ns since the counting began */
	PERF_COUNTS_CUT    /* the record is cut short */
};

/* Take in one of perf's own records. Empty it (n = 0) after a round. */
enum perf_counts_got perf_counts_add(
    struct perf_counts *, struct perf *, const struct perf_record *, uint64_t *t);

/* The i-th of them; everything but t, machine and the event's name. */
void perf_counts_fill(struct perf_counts *, size_t i, struct rec *);

#endif
