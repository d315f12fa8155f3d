/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "perfclock.h"
#include "rec/rec.h"

enum { CPUS_MAX = 64 * 1024, CPUS_STEP = 64 };

void
perf_clock_free(struct perf_clock *k)
{
	free(k->cpu);
}

int64_t
perf_clock_time(struct perf_clock *k, uint64_t time)
{
	if (time == 0)
		return k->t;
	if (time < k->perf)
		k->late++;
	k->perf = time;
	if (__builtin_add_overflow((int64_t)time, k->offset, &k->t))
		k->t = INT64_MAX;
	return k->t;
}

int64_t
perf_clock_heard(struct perf_clock *k, int32_t cpu, int64_t t)
{
	size_t want = (size_t)cpu + CPUS_STEP;
	int64_t before;

	if (cpu < 0 || cpu >= CPUS_MAX)
		return REC_NO_NS;
	if ((size_t)cpu >= k->ncpu) {
		k->cpu = mem_resize(k->cpu, want, sizeof *k->cpu);
		while (k->ncpu < want)
			k->cpu[k->ncpu++] = REC_NO_NS;
	}
	before = k->cpu[cpu];
	k->cpu[cpu] = t;
	return before;
}
