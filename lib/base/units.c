/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <string.h>

#include "units.h"

static const struct unit {
	uint64_t ns;
	const char *name;
} units[] = { { 1, "ns" }, { 1000, "us" }, { 1000 * 1000, "ms" }, { 1000 * 1000 * 1000, "s" } };

static const struct unit *
unit_of(uint64_t ns)
{
	const struct unit *u = units;

	while (u < units + 3 && ns >= u[1].ns)
		u++;
	return u;
}

/* A number of ns in a unit with up to nine decimals, rounded down. */
static struct units
put(uint64_t ns, const struct unit *u, int decimals)
{
	unsigned long long part = ns % u->ns * (1000 * 1000 * 1000 / u->ns);
	struct units d;
	int n = snprintf(d.s, sizeof d.s, "%llu.%09llu", (unsigned long long)(ns / u->ns), part);

	n -= decimals > 0 ? 9 - decimals : 10;
	snprintf(d.s + n, sizeof d.s - (size_t)n, " %s", u->name);
	return d;
}

/* How many decimals show all of ns. */
static int
decimals_of(uint64_t ns, const struct unit *u)
{
	uint64_t one = u->ns;
	int n = 0;

	for (; one > 1 && ns % one != 0; one /= 10)
		n++;
	return n;
}

struct units
units_exact(uint64_t ns)
{
	const struct unit *u = unit_of(ns);

	return put(ns, u, decimals_of(ns, u));
}

struct units
units_short(uint64_t ns)
{
	const struct unit *u = unit_of(ns);
	uint64_t whole = ns / u->ns, step;
	int decimals = whole >= 100 ? 0 : whole >= 10 ? 1 : 2;

	if (ns == 0)
		return (struct units){ "0" };
	step = u->ns / (decimals == 2 ? 100 : decimals == 1 ? 10 : 1);
	if (step > 1 && ns <= UINT64_MAX - step / 2)
		ns = (ns + step / 2) / step * step;
	u = unit_of(ns);
	return put(ns, u, u > units ? decimals : 0);
}

struct units
units_stamp(int64_t ns)
{
	uint64_t v = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	struct units d = put(v, &units[3], 9);

	if (ns < 0) {
		memmove(d.s + 1, d.s, strlen(d.s) + 1);
		d.s[0] = '-';
	}
	return d;
}

struct units
units_mark(uint64_t ns, uint64_t step, uint64_t span)
{
	const struct unit *u = unit_of(span);

	if (ns == 0)
		return (struct units){ "0" };
	return put(ns, u, decimals_of(step, u));
}

struct units
units_count(uint64_t v)
{
	struct units d;
	int n = snprintf(d.s, sizeof d.s, "%llu", (unsigned long long)v), i;

	for (i = n - 3; i > 0; i -= 3, n++) {
		memmove(d.s + i + 1, d.s + i, (size_t)(n - i) + 1);
		d.s[i] = ',';
	}
	return d;
}

struct units
units_amount(uint64_t milli, const char *unit)
{
	static const char *const prefix[] = { "m", "", "k", "M", "G", "T", "P" };
	uint64_t one = 1, step, part;
	int i = 0, decimals;
	struct units d;

	while (i < 6 && milli / one >= 1000) {
		one *= 1000;
		i++;
	}
	decimals = i == 0 || milli / one >= 100 ? 0 : milli / one >= 10 ? 1 : 2;
	step = decimals == 2 ? 100 : decimals == 1 ? 10 : 1;
	part = (milli + one / step / 2) / (one / step);
	snprintf(d.s, sizeof d.s, "%llu", (unsigned long long)(part / step));
	if (decimals > 0)
		snprintf(d.s + strlen(d.s), sizeof d.s - strlen(d.s), ".%0*llu", decimals,
		    (unsigned long long)(part % step));
	snprintf(d.s + strlen(d.s), sizeof d.s - strlen(d.s), " %s%s", prefix[i], unit);
	return d;
}
