/* SPDX-License-Identifier: MIT */
/*
 * judge - tell a counter that wrapped from one that was reset, and find values that cannot be
 *
 * What a counter can use at most decides: a number of watts, of one hardware counter.
 */

#ifndef JUDGE_H
#define JUDGE_H

#include "meter.h"

enum { JUDGE_WATTS = 1000, JUDGE_WATTS_TEXT = 10000 }; /* the latter in what perf printed */

/* Judge a row that has the recorded value in energy, and its error: set the energy, what is known
 * of it, and flags. max_watts is 0 for the constants above. */
void judge_value(struct meter_row *, enum rapl_value, bool perf, int64_t max_watts);

/* Set the energy that a register counted since it was read before, its error, what is known of it,
 * and flags. */
void judge_register(
    struct meter_row *, const struct rapl_reading *, uint64_t before, int64_t max_watts);

#endif
