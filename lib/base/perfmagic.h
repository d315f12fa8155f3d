/* SPDX-License-Identifier: MIT */
/*
 * perfmagic - recognise a perf.data file, or a trace.dat, by its first bytes
 *
 * Here, below lib/perf, because readers of other inputs say so when they are given one by mistake.
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

#endif
