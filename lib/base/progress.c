/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <time.h>

#include "progress.h"

enum { STEP = 64 * 1024 * 1024, BILLION = 1000000000 };

static uint64_t
now(void)
{
	struct timespec t = { 0, 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * BILLION + (uint64_t)t.tv_nsec;
}

/* Bytes a second as MB a second. */
static double
rate(const struct progress *p, uint64_t offset)
{
	uint64_t ns = now() - p->begun;

	return (double)(offset - p->from) / (1 << 20) * BILLION / (double)(ns == 0 ? 1 : ns);
}

void
progress_reach(struct progress *p, const char *name, uint64_t offset, uint64_t size)
{
	if (!p->on || size == 0)
		return;
	if (p->begun == 0) {
		p->begun = now();
		p->from = offset;
	}
	if (offset < p->printed + STEP || offset <= p->from)
		return;
	p->printed = offset;
	p->shown = true;
	fprintf(stderr, "\r%s: %u%% of %llu MB, %.0f MB/s ", name, (unsigned)(offset * 100 / size),
	    (unsigned long long)size >> 20, rate(p, offset));
}

void
progress_return(struct progress *p, uint64_t offset)
{
	if (offset >= p->printed)
		return;
	p->printed = offset;
	p->begun = 0;
}
