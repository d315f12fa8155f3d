/* SPDX-License-Identifier: MIT */

#include "judge.h"

/* perf's overflow timer assumes 200 W: with 2^-16 J it fires every 163.84 s, and a longer interval
 * may hide a wrap. */
static const int64_t safe_ns = 163840000000;

/* The most that one counter uses in dt ns. */
static struct energy
most(int64_t watts, int64_t dt)
{
	return (struct energy){ (energy_int)watts * dt, 0, 9 };
}

static bool
is_plausible(struct energy e, int64_t watts, int64_t dt)
{
	return dt == RAPL_NO_TIME || energy_cmp(e, most(watts, dt)) <= 0;
}

/*
 * Repair a perf count that went down. Either the kernel took a wrap for a step back and is 2^32
 * units short, 2^18 J or 2^16 J, or the counter was reset. The energy is known if exactly one of
 * the two is plausible.
 */
static void
repair(struct meter_row *row, int64_t watts)
{
	static const struct energy ranges[] = { { 1 << 18, 0, 0 }, { 1 << 16, 0, 0 } };
	struct energy recorded = row->energy, guess;
	int i, good = 0;

	for (i = 0; i < 2 && row->dt != RAPL_NO_TIME; i++) {
		guess = recorded;
		if (!energy_add(&guess, ranges[i]) || guess.n < 0 ||
		    !is_plausible(guess, watts, row->dt))
			continue;
		good++;
		row->energy = guess;
	}
	row->known = good == 1;
	row->flags |= row->known ? RAPL_WRAP : RAPL_RESET;
}

/* Turn a mean power into energy if the time is known. */
static void
integrate(struct meter_row *row)
{
	row->known = row->dt != RAPL_NO_TIME;
	row->power = !row->known;
	if (!row->known)
		return;
	energy_times(&row->energy, (uint64_t)row->dt);
	energy_times(&row->err, (uint64_t)row->dt);
	row->energy.ten += 9;
	row->err.ten += 9;
}

void
judge_value(struct meter_row *row, enum rapl_value value, bool perf, int64_t watts)
{
	static const struct energy half = { (energy_int)1 << 31, 0, 0 };
	static const struct energy all = { (energy_int)1 << 32, 0, 0 };

	if (watts == 0)
		watts = value == RAPL_TOTAL ? JUDGE_WATTS : JUDGE_WATTS_TEXT;
	if (row->counters > 1 && row->counters <= INT32_MAX)
		watts *= row->counters;
	row->known = value != RAPL_NOTHING;
	if (value == RAPL_NOTHING)
		return;
	if (value == RAPL_WATTS)
		integrate(row);
	if (perf && value == RAPL_JOULES && energy_cmp(row->energy, half) >= 0)
		energy_sub(&row->energy, all); /* a negative count printed as an unsigned one */
	if (row->energy.n < 0)
		repair(row, watts);
	else if (row->known && !is_plausible(row->energy, watts, row->dt))
		row->flags |= RAPL_IMPLAUSIBLE;
	if (perf && row->energy.n >= 0 && (row->flags & RAPL_WRAP) == 0 &&
	    row->dt != RAPL_NO_TIME && row->dt > safe_ns)
		row->flags |= RAPL_TOO_LONG;
}

/* The number of additional wraps that are possible. */
static uint64_t
more_wraps(const struct meter_row *row, const struct rapl_reading *r, int64_t watts)
{
	struct energy left = most(watts, row->dt), wrap = r->energy;
	energy_int n;

	if (r->wrap == 0 || !energy_times(&wrap, r->wrap) || !energy_sub(&left, row->energy))
		return 0;
	if (energy_cmp(left, wrap) < 0)
		return 0;
	/* left is a plausible energy, wrap at least 2^32 units: both fit once aligned */
	if (!energy_add(&left, (struct energy){ 0, wrap.two, wrap.ten }) ||
	    !energy_add(&wrap, (struct energy){ 0, left.two, left.ten }))
		return 0;
	n = left.n / wrap.n;
	return n > INT64_MAX ? INT64_MAX : (uint64_t)n;
}

void
judge_register(struct meter_row *row, const struct rapl_reading *r, uint64_t before, int64_t watts)
{
	bool back = r->count < before, can_wrap = back && r->wrap > before;
	uint64_t n = can_wrap ? r->wrap - before + r->count : r->count - before;

	watts = watts == 0 ? JUDGE_WATTS : watts;
	row->energy = r->energy;
	row->err = r->err;
	row->known = energy_times(&row->energy, n) &&
		     (!back || (can_wrap && row->dt != RAPL_NO_TIME)) &&
		     is_plausible(row->energy, watts, row->dt);
	if (!row->known) {
		row->flags |= RAPL_RESET;
	} else {
		row->flags |= back ? RAPL_WRAP : 0;
		row->ambiguous = row->dt == RAPL_NO_TIME ? 0 : more_wraps(row, r, watts);
		row->flags |= row->ambiguous > 0 ? RAPL_AMBIGUOUS : 0;
	}
	if (row->dt == RAPL_NO_TIME)
		row->flags |= RAPL_NODT;
}
