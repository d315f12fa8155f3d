/* SPDX-License-Identifier: MIT */
/*
 * table - the intervals of energy counters as tables: a row an interval and counter, a row an
 * interval, totals, cores beside their package; and as records
 */

#ifndef TABLE_H
#define TABLE_H

#include "base/spans.h"
#include "csv.h"
#include "meter.h"

enum table_form { TABLE_TIDY, TABLE_WIDE, TABLE_TOTALS, TABLE_CORES, TABLE_RECORDS };

enum { TABLE_DIGITS = 6, TABLE_PKG_DRAM = RAPL_NONE };

/* What one counter, or all of a domain, came to in a run. */
struct table_total {
	uint32_t run;             /* 0: no row of it counts */
	int64_t t0, t1, duration; /* duration: of the known rows */
	bool timeless;            /* a known row has no duration */
	bool uneven;              /* parts of it are known for other times than others */
	uint64_t samples, missing;
	struct energy energy, err;
	bool unknown;    /* too large to be added up */
	energy_int peak; /* below 0: not known */
};

struct table {
	enum table_form form;
	struct csv csv;
	unsigned digits;
	bool exact;
	int64_t start; /* added to all times */
	/* records */
	struct str machine;
	struct str base; /* what times count from */
	bool started;    /* start puts them on the clock of a trace */
	/* the rest is its own */
	bool columns_known; /* wide: the second time round */
	uint32_t *column;   /* wide: of a series, counted from 1 */
	size_t cap_column;
	struct str *name;  /* wide: of a column */
	struct hash names; /* wide: columns by the hash of their name */
	size_t columns, cap_name;
	uint64_t doubles; /* wide: values for which there was no cell left */
	uint32_t run;
	struct spans spans;
	struct table_total *total; /* by series */
	size_t cap_total;
	const struct meter_series **order; /* as they came in this run */
	size_t norder, cap_order;
	energy_int peak[RAPL_DOMAINS]; /* of all places together; TABLE_PKG_DRAM: of both domains */
	uint64_t excess;               /* packages that used less than their cores */
};

void table_init(struct table *, struct out *);

/* A wide table needs its rows twice: once for the columns, then, after this, for the cells. */
void table_again(struct table *);

/* One row of the meter: its emit. */
void table_row(void *table, const struct meter_row *);

void table_end(struct table *);

/* Say what is to be known about the rows, a line for each kind of remark; true where any of them
 * doubts the result. */
bool table_report(const struct table *, const struct meter *,
    void (*note)(void *arg, const char *kind, const char *text), void *arg);

void table_free(struct table *);

/* --- shared by its files */

static inline bool
table_counts(const struct meter_row *row)
{
	return (row->flags & (RAPL_MIRROR | RAPL_SUM | RAPL_SUMMARY)) == 0;
}

void table_time(struct table *, int64_t);
void table_tidy(struct table *, const struct meter_row *);
void table_record(struct table *, const struct meter_row *);
void table_wide(struct table *, const struct meter_row *);
void table_wide_end(struct table *);
void table_total(struct table *, const struct meter_row *);
void table_totals_end(struct table *);
void table_cores_end(struct table *);

/* Add a part to a whole. */
void table_add_total(struct table_total *, const struct table_total *);

/* The flags of a row, ; between them. */
void table_flags(struct out *, const struct meter_row *);

#endif
