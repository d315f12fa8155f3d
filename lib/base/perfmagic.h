/* SPDX-License-Identifier: MIT */
/*
 * perfmagic - recognise a perf.data file, a trace.dat, records or text by the first n bytes
 *
 * It is below lib/perf because a filter that is given the input of another one names that one.
 */

#ifndef PERFMAGIC_H
#define PERFMAGIC_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum perf_magic {
	PERF_MAGIC_NONE, /* not a perf.data file, or fewer than 8 bytes */
	PERF_MAGIC_V1,   /* version 1, in either byte order */
	PERF_MAGIC_LITTLE,
	PERF_MAGIC_BIG
};

static inline enum perf_magic
perf_magic(const void *p, size_t n)
{
	if (n < 8)
		return PERF_MAGIC_NONE;
	if (memcmp(p, "PERFILE2", 8) == 0)
		return PERF_MAGIC_LITTLE;
	if (memcmp(p, "2ELIFREP", 8) == 0)
		return PERF_MAGIC_BIG;
	return memcmp(p, "PERFFILE", 8) == 0 ? PERF_MAGIC_V1 : PERF_MAGIC_NONE;
}

static inline bool
tracedat_magic(const void *p, size_t n)
{
	return n >= 10 && memcmp(p, "\x17\x08\x44tracing", 10) == 0;
}

/* What an input is: a line of records may be its whole start; a text has no bytes but those of one.
 */
enum magic { MAGIC_NONE, MAGIC_PERF, MAGIC_TRACEDAT, MAGIC_RECORDS, MAGIC_TEXT };

enum magic magic_of(const void *, size_t n);

/* The input as a filter reports it that does not read it, and the filter that does: "a perf.data
 * file: use perf2rec". Of MAGIC_NONE: "". */
const char *magic_advice(enum magic);

#endif
