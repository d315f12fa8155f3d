/* SPDX-License-Identifier: MIT */
/*
 * wide - a table with a row for each interval and two columns for each counter
 *
 * It has only what may be added up within a domain, because it has no flags. Its rows come twice:
 * once for the columns, then, after wide_start(), for the cells.
 */

#ifndef WIDE_H
#define WIDE_H

#include "base/intern.h"
#include "csv.h"
#include "meter.h"
#include "spans.h"

struct wide {
	struct csv *csv;
	uint64_t doubles; /* the number of values whose cell was taken */
	bool full;        /* the table is larger than allowed, and cut short */
	/* private */
	bool started;
	uint32_t *column; /* of a series, from 1; 0: none yet */
	size_t cap_column;
	struct intern names; /* of columns */
	uint64_t written, allowed;
	size_t cells; /* the number that wait */
	uint32_t run;
	struct spans spans;
};

void wide_row(struct wide *, const struct meter_row *);

/* Write the header: rows for the cells follow. The table may have that number of bytes. */
void wide_start(struct wide *, uint64_t allowed);

void wide_end(struct wide *);
void wide_free(struct wide *);

#endif
