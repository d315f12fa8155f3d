/* SPDX-License-Identifier: MIT */
/*
 * turbostat - the table of turbostat(8): columns separated by tabs or aligned with blanks, a line
 * for the whole machine and one for each CPU; the columns of a core or package are only in the line
 * of its first CPU, and come last, so that a line ends early and no field is empty
 *
 * The columns are those of tools/power/x86/turbostat/turbostat.c: *Watt, or *_J with --Joules. The
 * interval is in the table only as Time_Of_Day_Seconds.
 */

#ifndef TURBOSTAT_H
#define TURBOSTAT_H

#include "rapl_line.h"

enum { TURBOSTAT_COLUMNS = 256 };

struct turbostat_column {
	enum rapl_domain domain; /* RAPL_NONE: no energy */
	bool joules;             /* of the interval; otherwise watts */
	struct str name;
};

struct turbostat {
	int64_t interval; /* ns, 0: not known */
	bool aligned;     /* blanks separate the fields, not tabs */
	unsigned n;       /* the number of columns in the header */
	struct turbostat_column column[TURBOSTAT_COLUMNS];
	int package, die, core, cpu, time; /* their columns, -1: not there */
	int64_t rounds;                    /* the number begun so far */
	char first[23];                    /* the first CPU of the round */
	uint8_t first_len;
	int64_t t; /* of the round */
};

void turbostat_init(struct turbostat *, int64_t interval);
void turbostat_line(struct turbostat *, struct str, struct rapl_line *);

#endif
