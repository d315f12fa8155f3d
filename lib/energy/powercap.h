/* SPDX-License-Identifier: MIT */
/*
 * powercap - polls of /sys/class/powercap: "PATH/energy_uj:NUMBER" as grep prints it, a time stamp
 * on a line of its own before each round
 *
 * The driver (drivers/powercap/intel_rapl_common.c) multiplies the register's 32 bits by a whole
 * number of nanojoules and cuts off microjoules. max_energy_range_uj tells that number, and with it
 * the register's count is got back, exactly.
 */

#ifndef POWERCAP_H
#define POWERCAP_H

#include "rapl.h"

struct powercap_zone {
	char *id;   /* intel-rapl:0:2 */
	char *name; /* package-0, dram; NULL: not known yet */
	uint64_t range;
	bool known;                  /* the range is one of a known unit */
	struct energy driver, worth; /* one count: as the driver has it, as it is */
};

struct powercap {
	const struct rapl_units *units;
	struct powercap_zone *zone;
	size_t n, cap, last;
	int64_t t;    /* the last time stamp */
	bool stopped; /* it did not advance: what follows has no time */
	char *event;  /* of the last reading */
};

void powercap_init(struct powercap *, const struct rapl_units *);
void powercap_end(struct powercap *);
void powercap_line(struct powercap *, struct str, struct rapl_line *);

#endif
