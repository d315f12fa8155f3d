/* SPDX-License-Identifier: MIT */
/* perfclock - perf's times as ours, and when each CPU was heard of last */

#ifndef PERFCLOCK_H
#define PERFCLOCK_H

#include <stddef.h>
#include <stdint.h>

struct perf_clock {
	int64_t offset; /* added to all times */
	int64_t t;      /* of the record before; starts as offset */
	uint64_t perf;  /* the same without offset */
	uint64_t late;  /* times that were before the one before */
	int64_t *cpu;   /* when each CPU was heard of last */
	size_t ncpu;
};

void perf_clock_free(struct perf_clock *);

/* The time of the next record; one that has none (0) has its predecessor's. */
int64_t perf_clock_time(struct perf_clock *, uint64_t);

/* A CPU is heard of at t: when was that the time before? REC_NO_NS where never. */
int64_t perf_clock_heard(struct perf_clock *, int32_t cpu, int64_t t);

#endif
