/* SPDX-License-Identifier: MIT */
/* perftally - what became of the records of a perf.data, and of the parts of its samples */

#ifndef PERFTALLY_H
#define PERFTALLY_H

#include "perf.h"

enum perf_fate {
	PERF_WRITTEN,
	PERF_USED,   /* says how to read other records, or the same as another one */
	PERF_CHOSEN, /* left out, as an option wants it, or with a note of its own */
	PERF_BAD,    /* cut short or damaged */
	PERF_SKIPPED,
	PERF_FATES
};

/* The parts of a sample, by the bits of sample_type. */
enum {
	PERF_PART_READ = 4,
	PERF_PART_PERIOD = 8,
	PERF_PART_BRANCH_STACK = 11,
	PERF_PART_REGS_USER,
	PERF_PART_STACK_USER,
	PERF_PART_REGS_INTR = 18,
	PERF_PART_AUX = 20,
	PERF_PARTS = 25
};

/* Start with { 0 }. */
struct perf_tally {
	uint64_t fate[PERF_R_COUNT][PERF_FATES]; /* of records by type, as in perf.count */
	uint64_t kept[PERF_PARTS], dropped[PERF_PARTS];
};

/* The records of a type that were left out for no reason that the options give. */
uint64_t perf_tally_skipped(const struct perf_tally *, const struct perf *, unsigned type);

/* The name of a part, as sluice-perfdata(5) calls it; NULL for the ids, which only find the event.
 */
const char *perf_part_name(unsigned part);

/*
 * Write the i-th line of the table of all types and parts that were seen, the header lines
 * included, to text. Returns false after the last one.
 */
enum { PERF_TALLY_LINE = 128 };
bool perf_tally_line(
    const struct perf_tally *, const struct perf *, unsigned *i, char text[PERF_TALLY_LINE]);

#endif
