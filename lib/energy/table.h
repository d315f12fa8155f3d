/* SPDX-License-Identifier: MIT */
/*
 * table - the intervals of energy counters in one of several forms: a row for each interval and
 * counter (tidy), a row for each interval (wide), totals, cores beside their package; or records
 */

#ifndef TABLE_H
#define TABLE_H

#include "base/strbuf.h"
#include "csv.h"
#include "meter.h"
#include "totals.h"
#include "wide.h"

enum table_form { TABLE_TIDY, TABLE_WIDE, TABLE_TOTALS, TABLE_CORES, TABLE_RECORDS };

enum { TABLE_DIGITS = 6 };

struct table {
	enum table_form form;
	struct csv csv;
	/* records */
	struct str machine;
	struct str base; /* the origin of times */
	bool started;    /* csv.start puts times on the clock of a trace */
	/* private */
	bool begun;
	struct totals totals;
	struct wide wide;
	struct strbuf text, info;
};

/* The table must stay where it is. */
void table_init(struct table *, struct out *);
void table_free(struct table *);

/* Start a wide table's second pass, after the first one read that number of bytes. */
void table_again(struct table *, uint64_t input);

/* The emit function of the meter. */
void table_row(void *table, const struct meter_row *);

void table_end(struct table *);

/* Say what is notable about the rows, one line for each kind of remark; true if any of them doubts
 * the result. */
bool table_report(const struct table *, const struct meter *,
    void (*note)(void *arg, const char *kind, const char *text), void *arg);

#endif
