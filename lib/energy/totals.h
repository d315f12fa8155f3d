/* SPDX-License-Identifier: MIT */
/*
 * totals - sums over the intervals of a run: of each counter, of each domain, and of package and
 * DRAM together, which is what a machine used without counting anything twice; or of the cores
 * beside their package
 */

#ifndef TOTALS_H
#define TOTALS_H

#include "csv.h"
#include "meter.h"
#include "spans.h"

enum { TOTALS_PKG_DRAM = RAPL_NONE };

struct totals {
	struct csv *csv;
	bool cores;      /* write cores beside packages */
	uint64_t excess; /* the number of packages that used less than their cores */
	/* private */
	uint32_t run;
	struct spans spans;
	struct total *total; /* by series */
	size_t cap_total;
	const struct meter_series **order; /* in order of appearance in this run */
	size_t norder, cap_order;
	energy_int
	    peak[RAPL_DOMAINS]; /* of all places together; TOTALS_PKG_DRAM: of both domains */
};

void totals_row(struct totals *, const struct meter_row *);

/* Write the run's totals. */
void totals_end(struct totals *);

void totals_free(struct totals *);

#endif
