/* SPDX-License-Identifier: MIT */
/*
 * perfstat - what perf stat prints: tables for people, CSV (-x), JSON lines (-j); all aggregations,
 * with and without -I, in any locale
 *
 * The forms are those of tools/perf/util/stat-display.c. A table is split on blanks, because its
 * columns move between versions. Joules have two decimals in tables and CSV, six in JSON; this
 * distinguishes the decimal mark from the one between thousands, and gives the error.
 */

#ifndef PERFSTAT_H
#define PERFSTAT_H

#include "base/strbuf.h"
#include "rapl_line.h"

enum { PERFSTAT_SEP = 8 };

struct json;

/* Starts as { 0 }. */
struct perfstat {
	char sep[PERFSTAT_SEP]; /* the separator of the CSV, once a line has shown it */
	size_t sep_len;
	struct json *json;
	struct strbuf repaired; /* a JSON line without its decimal commas */
};

void perfstat_line(struct perfstat *, struct str, struct rapl_line *);
void perfstat_free(struct perfstat *);

#endif
