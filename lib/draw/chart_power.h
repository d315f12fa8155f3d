/* SPDX-License-Identifier: MIT */
/*
 * chart_power - fold energy records, in any order, into what a picture can show of them: the power
 * of each counter over time
 *
 * Those on the clock of the other records stand on the picture's axis, all others on one of their
 * own. Memory grows with the counters, of which at most CHART_POWER_ROWS are kept, and with what
 * fits into the picture.
 */

#ifndef CHART_POWER_H
#define CHART_POWER_H

#include "base/hash.h"
#include "bins.h"
#include "energy/rapl.h"
#include "rec/rec.h"

enum { CHART_POWER_ROWS = 8192 };

struct chart_power_key {
	uint32_t machine;
	uint64_t run;
	enum rapl_domain domain;
	int32_t socket, die, core, cpu;  /* -1: not said */
	char place[RAPL_PLACE_NAME + 1]; /* where numbers do not say it, else empty */
};

struct chart_power_row {
	struct chart_power_key key;
	struct bins watts, time;    /* time, milliwatts times; time with a known power */
	uint64_t ns, n;             /* that time, in so many intervals */
	uint64_t nanojoules, error; /* in all */
	uint64_t most;              /* milliwatts in one interval */
};

struct chart_power {
	struct chart_power_row *row;
	size_t n, cap;
	struct hash by;
	struct bins_scale scale; /* its max is to be set before the first record */
};

/* Whether a record is on a clock of its own: it says what its times count from. */
bool chart_power_apart(const struct rec *);

/* Add an energy record of a machine, as far as it is between two times: false where there is
 * nothing to be drawn of it. */
bool chart_power_add(
    struct chart_power *, uint32_t machine, const struct rec *, int64_t from, int64_t to);

/* Nothing follows: put the rows in the order of their machine, run, socket, domain, core. */
struct chart;

void chart_power_end(struct chart_power *, struct chart *);

void chart_power_free(struct chart_power *);

#endif
