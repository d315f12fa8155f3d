/* SPDX-License-Identifier: MIT */

#include <stdio.h>

#include "perftally.h"

static const char *const parts[PERF_PARTS] = { "IP", "TID", "TIME", "ADDR", "READ", "CALLCHAIN",
	NULL, "CPU", "PERIOD", NULL, "RAW", "BRANCH_STACK", "REGS_USER", "STACK_USER", "WEIGHT",
	"DATA_SRC", NULL, "TRANSACTION", "REGS_INTR", "PHYS_ADDR", "AUX", "CGROUP",
	"DATA_PAGE_SIZE", "CODE_PAGE_SIZE", "WEIGHT_STRUCT" };

const char *
perf_part_name(unsigned part)
{
	return part < PERF_PARTS ? parts[part] : NULL;
}

/* perf's own records that hold no event: they say how to read others, or how perf worked. */
static bool
is_own(unsigned type)
{
	if (type == PERF_R_SIMPLE_SPLIT || type == PERF_R_SIMPLE_SPLIT_END ||
	    type == PERF_R_SIMPLE_TRACING)
		return true;
	return type >= PERF_R_USER && type < PERF_R_KNOWN && type != PERF_R_AUXTRACE &&
	       type != PERF_R_AUXTRACE_ERROR && type != PERF_R_STAT && type != PERF_R_STAT_ROUND &&
	       type < PERF_R_BPF_METADATA;
}

/* What is left of a number that records of several kinds share. */
static uint64_t
less(uint64_t all, uint64_t n)
{
	return all > n ? all - n : 0;
}

static uint64_t
used(const struct perf_tally *t, const struct perf *perf, unsigned type)
{
	return is_own(type) ? perf->count[type] : t->fate[type][PERF_USED];
}

/* All that were neither written nor used, nor bad. */
static uint64_t
left_out(const struct perf_tally *t, const struct perf *perf, unsigned type)
{
	const uint64_t *fate = t->fate[type];
	uint64_t all = perf->count[type];

	all = less(all, fate[PERF_WRITTEN]);
	all = less(all, used(t, perf, type));
	return less(all, fate[PERF_BAD]);
}

uint64_t
perf_tally_skipped(const struct perf_tally *t, const struct perf *perf, unsigned type)
{
	uint64_t n = less(left_out(t, perf, type), t->fate[type][PERF_CHOSEN]);

	/* copies and samples of no event were not taken in */
	n = less(n, perf->copies[type]);
	return type == PERF_R_SAMPLE ? less(n, perf->unmatched) : n;
}

static void
write_type(const struct perf_tally *t, const struct perf *perf, unsigned type, char *text)
{
	snprintf(text, PERF_TALLY_LINE, "%12llu%12llu%12llu%12llu%12llu  %s",
	    (unsigned long long)perf->count[type], (unsigned long long)t->fate[type][PERF_WRITTEN],
	    (unsigned long long)used(t, perf, type), (unsigned long long)left_out(t, perf, type),
	    (unsigned long long)t->fate[type][PERF_BAD],
	    type == 0 ? "of unknown types" : perf_type_name(type));
}

bool
perf_tally_line(
    const struct perf_tally *t, const struct perf *perf, unsigned *i, char text[PERF_TALLY_LINE])
{
	enum { HEAD = 1, PARTS = HEAD + PERF_R_COUNT, END = PARTS + 1 + PERF_PARTS };
	unsigned k;

	while (*i < END) {
		k = (*i)++;
		if (k == 0) {
			snprintf(text, PERF_TALLY_LINE, "%12s%12s%12s%12s%12s  %s", "seen",
			    "written", "used", "skipped", "bad", "records");
			return true;
		}
		if (k == PARTS) {
			snprintf(text, PERF_TALLY_LINE, "%12s%12s  %s", "kept", "dropped",
			    "parts of samples");
			return true;
		}
		if (k < PARTS && perf->count[k - HEAD] > 0) {
			write_type(t, perf, k - HEAD, text);
			return true;
		}
		k = k > PARTS ? k - PARTS - 1 : PERF_PARTS;
		if (k < PERF_PARTS && t->kept[k] + t->dropped[k] > 0 && parts[k] != NULL) {
			snprintf(text, PERF_TALLY_LINE, "%12llu%12llu  %s",
			    (unsigned long long)t->kept[k], (unsigned long long)t->dropped[k],
			    parts[k]);
			return true;
		}
	}
	return false;
}
