/* SPDX-License-Identifier: MIT */
/* meter_judge - a counter that wrapped, one that started again, and values that cannot be */

#include "meter.h"

/* perf's overflow timer takes 200 W for granted: with 2^-16 J it comes every 163.84 s, and a longer
 * interval may have lost a wrap unseen. */
static const int64_t safe_ns = 163840000000;

/* What one counter at most uses in dt ns: watts * dt nanojoules. */
static struct energy
most(int64_t watts, int64_t dt)
{
	return (struct energy){ (energy_int)watts * dt, 0, 9 };
}

static bool
is_most(struct energy e, int64_t watts, int64_t dt)
{
	return dt == RAPL_NO_TIME || energy_cmp(e, most(watts, dt)) <= 0;
}

/*
 * A perf count that went down: the kernel took a wrap for a step back, which is 2^32 units short,
 * 2^18 J or 2^16 J; or the counter started again. Only one plausible answer is an answer.
 */
static void
repair(struct energy e, int64_t watts, struct meter_row *row)
{
	static const struct energy ranges[] = { { 1 << 18, 0, 0 }, { 1 << 16, 0, 0 } };
	struct energy guess;
	int i, good = 0;

	for (i = 0; i < 2 && row->dt != RAPL_NO_TIME; i++) {
		guess = e;
		if (!energy_add(&guess, ranges[i]) || guess.n < 0 ||
		    !is_most(guess, watts, row->dt))
			continue;
		good++;
		row->energy = guess;
	}
	row->known = good == 1;
	row->flags |= row->known ? RAPL_WRAP : RAPL_RESET;
}

/* A mean power: energy where the time is known. */
static void
judge_power(const struct meter_pending *p, struct meter_row *row)
{
	row->known = row->dt != RAPL_NO_TIME;
	row->power = !row->known;
	row->watts = p->energy;
	row->energy = p->energy;
	row->err = p->err;
	if (!row->known)
		return;
	energy_times(&row->energy, (uint64_t)row->dt);
	energy_times(&row->err, (uint64_t)row->dt);
	row->energy.ten += 9;
	row->err.ten += 9;
}

void
meter_judge(const struct meter *m, const struct meter_pending *p, struct meter_row *row)
{
	static const struct energy half = { (energy_int)1 << 31, 0, 0 };
	static const struct energy all = { (energy_int)1 << 32, 0, 0 };
	int64_t watts = m->opt.max_watts;

	if (watts == 0)
		watts = p->value == RAPL_TOTAL ? METER_WATTS : METER_WATTS_TEXT;
	if (row->counters > 1 && row->counters <= INT32_MAX)
		watts *= row->counters;
	row->known = p->value != RAPL_NOTHING;
	row->energy = p->energy;
	row->err = p->err;
	if (p->value == RAPL_NOTHING)
		return;
	if (p->value == RAPL_WATTS)
		judge_power(p, row);
	if (p->perf && p->value == RAPL_JOULES && energy_cmp(row->energy, half) >= 0)
		energy_sub(&row->energy, all); /* printed as if it had no sign */
	if (row->energy.n < 0)
		repair(row->energy, watts, row);
	else if (row->known && !is_most(row->energy, watts, row->dt))
		row->flags |= RAPL_IMPLAUSIBLE;
	if (p->perf && row->energy.n >= 0 && (row->flags & RAPL_WRAP) == 0 &&
	    row->dt != RAPL_NO_TIME && row->dt > safe_ns)
		row->flags |= RAPL_TOO_LONG;
}

/* How many more times it may have wrapped, at most that many watts. */
static uint64_t
more_wraps(const struct rapl_reading *r, int64_t watts, const struct meter_row *row)
{
	struct energy left = most(watts, row->dt), wrap = r->energy;
	energy_int n;

	if (r->wrap == 0 || !energy_times(&wrap, r->wrap) || !energy_sub(&left, row->energy))
		return 0;
	if (energy_cmp(left, wrap) < 0)
		return 0;
	/* left is that of a plausible energy, wrap at least 2^32 units: both fit once aligned */
	if (!energy_add(&left, (struct energy){ 0, wrap.two, wrap.ten }) ||
	    !energy_add(&wrap, (struct energy){ 0, left.two, left.ten }))
		return 0;
	n = left.n / wrap.n;
	return n > INT64_MAX ? INT64_MAX : (uint64_t)n;
}

void
meter_register(
    const struct meter *m, const struct rapl_reading *r, uint64_t before, struct meter_row *row)
{
	int64_t watts = m->opt.max_watts == 0 ? METER_WATTS : m->opt.max_watts;
	uint64_t n = r->count - before;
	bool back = r->count < before;

	if (back && r->wrap > before)
		n = r->wrap - before + r->count;
	row->energy = row->err = r->energy;
	row->known = energy_times(&row->energy, n) &&
		     (!back || (r->wrap > before && row->dt != RAPL_NO_TIME)) &&
		     is_most(row->energy, watts, row->dt);
	if (!row->known) {
		row->flags |= RAPL_RESET;
	} else {
		row->flags |= back ? RAPL_WRAP : 0;
		row->ambiguous = row->dt == RAPL_NO_TIME ? 0 : more_wraps(r, watts, row);
		row->flags |= row->ambiguous > 0 ? RAPL_AMBIGUOUS : 0;
	}
	if (row->dt == RAPL_NO_TIME)
		row->flags |= RAPL_NODT;
}

uint64_t
meter_remark(const struct meter *m, unsigned i, const char **what, bool *doubt)
{
	static const struct {
		unsigned flag;
		bool doubt;
		const char *what;
	} flags[] = { { RAPL_RESET, true, "reset: how much the counter went on is not known" },
		{ RAPL_AMBIGUOUS, true, "ambig: the counter may have wrapped more often" },
		{ RAPL_IMPLAUSIBLE, true, "implausible: more than --max-watts" },
		{ RAPL_TOO_LONG, true,
		    "long: over more than 163.84 s perf may lose a wrap, above 200 W" },
		{ RAPL_MIRROR, true,
		    "mirror: a counter that is there twice, left out of totals and wide tables" },
		{ RAPL_NODT, false,
		    "nodt: no time and so no power; --elapsed, --counters or --interval tell it" },
		{ RAPL_MEAN, false, "mean of the runs of perf stat -r" } };
	const unsigned n = sizeof flags / sizeof *flags;
	uint64_t count;

	if (i < n) {
		count = m->flagged[__builtin_ctz(flags[i].flag)];
		*what = flags[i].what;
		*doubt |= flags[i].doubt && count > 0;
		return count;
	}
	*what = i == n ? "running totals, as perf stat report 6.12 prints them: differences are "
			 "taken"
		       : "mirror, and yet different";
	*doubt |= i > n && m->contradictions > 0;
	return i == n ? m->running_totals : m->contradictions;
}
