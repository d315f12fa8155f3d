/* SPDX-License-Identifier: MIT */
/*
 * perfstat - what perf stat prints: tables for people, -x CSV, -j JSON lines; all aggregations,
 * with and without -I, of any locale
 *
 * The forms are those of tools/perf/util/stat-display.c. A table is split on blanks, its columns
 * move between versions. Joules have two decimals in tables and CSV, six in JSON; that tells the
 * decimal mark from the one between thousands, and how exact the value is.
 */

#ifndef PERFSTAT_H
#define PERFSTAT_H

#include "rapl.h"

enum { PERFSTAT_SEP = 8 };

struct json;

struct perfstat {
	char sep[PERFSTAT_SEP]; /* of the CSV, once a line has shown it */
	size_t sep_len;
	uint64_t runs;     /* -r: the last block's number of runs */
	struct json *json; /* NULL until a line needs it */
	char *repaired;    /* a JSON line without its decimal commas */
};

/* What a line says. */
void perfstat_line(struct perfstat *, struct str, struct rapl_line *);

void perfstat_end(struct perfstat *);

/* --- shared by its files */

/* A number of Joules with a decimal mark, . or ,, and marks between thousands: sets energy and err
 * of the reading. */
bool perfstat_number(struct str, struct rapl_reading *);

/* <not counted>, <not supported>: sets the reading's flag. */
bool perfstat_nothing(struct str, struct rapl_reading *);

/* A package's counter is not its first core's, though perf prints it so. */
void perfstat_place(struct rapl_reading *);

/* Cut blanks off at both ends. */
struct str perfstat_trim(struct str);

/* A line behind its time stamp, with Joules in it; false where that is no field of its own. */
bool perfstat_csv(struct perfstat *, struct str, const char *joules, struct rapl_line *);
void perfstat_json(struct perfstat *, struct str, struct rapl_line *);

#endif
