/* SPDX-License-Identifier: MIT */
/*
 * powercap - polls of the energy counters that the kernel shows as files, a time stamp on a line of
 * its own before each round: of /sys/class/powercap, "PATH/energy_uj:NUMBER" as grep prints it; of
 * the sensors of amd_energy in /sys/class/hwmon, "PATH/energy1_input:NUMBER"; and node_exporter's
 * metrics of powercap, "node_rapl_package_joules_total{index="0",path="PATH"} JOULES"
 *
 * The driver (drivers/powercap/intel_rapl_common.c) multiplies the register's 32 bits by a whole
 * number of nanojoules and truncates to microjoules. max_energy_range_uj gives that number away,
 * and with it the register's exact count. amd_energy (drivers/hwmon/amd_energy.c) adds up
 * microjoules in 64 bits. node_exporter divides energy_uj by 10^6, and leaves out the range.
 */

#ifndef POWERCAP_H
#define POWERCAP_H

#include "base/intern.h"
#include "base/strbuf.h"
#include "rapl_line.h"
#include "units.h"

struct powercap_zone {
	struct str name; /* package-0, dram, Ecore000; empty: not known yet */
	uint64_t range;
	bool known;                  /* the range is one of a known unit */
	struct energy driver, worth; /* one count: as the driver shows it, its energy */
	bool held;                   /* a sensor's energy that waits for the label: uj at t */
	uint64_t uj;
	int64_t t;
};

enum { POWERCAP_NAMES = 64 };

/* The names that the user gives to zones, as in "intel-rapl:0:1=dram". */
struct powercap_names {
	struct str pair[POWERCAP_NAMES];
	unsigned n;
};

/* Add a name; s must stay. False if it is none, or there are too many. */
bool powercap_names_add(struct powercap_names *, struct str s);

struct powercap {
	const struct units *units;
	struct intern ids;          /* intel-rapl:0:2 */
	struct intern names;        /* of zones */
	struct intern msr;          /* the names of zones of intel-rapl, not of intel-rapl-mmio */
	struct powercap_zone *zone; /* by id */
	size_t cap;
	int64_t t;           /* the last time stamp */
	bool metrics;        /* the lines are node_exporter's */
	bool stopped;        /* it did not advance: the counts that follow have no time */
	struct strbuf event; /* of the last reading */
};

void powercap_init(struct powercap *, const struct units *, const struct powercap_names *);
void powercap_free(struct powercap *);
void powercap_line(struct powercap *, struct str, struct rapl_line *);

#endif
