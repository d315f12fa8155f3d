/* SPDX-License-Identifier: MIT */
/*
 * powercap - polls of /sys/class/powercap: "PATH/energy_uj:NUMBER" as grep prints it, a time stamp
 * on a line of its own before each round
 *
 * The driver (drivers/powercap/intel_rapl_common.c) multiplies the register's 32 bits by a whole
 * number of nanojoules and truncates to microjoules. max_energy_range_uj gives that number away,
 * and with it the register's exact count.
 */

#ifndef POWERCAP_H
#define POWERCAP_H

#include "base/intern.h"
#include "base/strbuf.h"
#include "rapl_line.h"
#include "units.h"

struct powercap_zone {
	struct str name; /* package-0, dram; empty: not known yet */
	uint64_t range;
	bool known;                  /* the range is one of a known unit */
	struct energy driver, worth; /* one count: as the driver shows it, its energy */
};

struct powercap {
	const struct units *units;
	struct intern ids;          /* intel-rapl:0:2 */
	struct intern names;        /* of zones */
	struct intern msr;          /* the names of zones of intel-rapl, not of intel-rapl-mmio */
	struct powercap_zone *zone; /* by id */
	size_t cap;
	int64_t t;           /* the last time stamp */
	bool stopped;        /* it did not advance: the counts that follow have no time */
	struct strbuf event; /* of the last reading */
};

void powercap_init(struct powercap *, const struct units *);
void powercap_free(struct powercap *);
void powercap_line(struct powercap *, struct str, struct rapl_line *);

#endif
