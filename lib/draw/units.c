/* SPDX-License-Identifier: MIT */

#include "units.h"
#include "base/text.h"

static const struct unit {
	uint64_t ns;
	const char *name;
} units[] = { { 1, " ns" }, { 1000, " us" }, { 1000 * 1000, " ms" }, { 1000 * 1000 * 1000, " s" } };

static const struct unit *
unit_of(uint64_t ns)
{
	const struct unit *u = units;

	while (u < units + 3 && ns >= u[1].ns)
		u++;
	return u;
}

static size_t
put_name(char *d, const struct unit *u)
{
	size_t n = strlen(u->name);

	memcpy(d, u->name, n);
	return n;
}

/* The decimals of part, which is less than one (a power of ten): so many of them, less the zeros at
 * the end unless they are wanted. */
static size_t
put_decimals(char *d, uint64_t part, uint64_t one, int max, int min)
{
	size_t n = 0, used = 0;

	d[n++] = '.';
	for (; max > 0 && one > 1; max--, min--) {
		one /= 10;
		d[n++] = (char)('0' + part / one);
		part %= one;
		if (d[n - 1] != '0' || min > 0)
			used = n;
	}
	return used;
}

size_t
units_exact(char *d, uint64_t ns)
{
	const struct unit *u = unit_of(ns);
	size_t n = text_put_u64(d, ns / u->ns);

	n += put_decimals(d + n, ns % u->ns, u->ns, 9, 0);
	return n + put_name(d + n, u);
}

size_t
units_short(char *d, uint64_t ns)
{
	const struct unit *u = unit_of(ns);
	uint64_t whole = ns / u->ns, step;
	int decimals = whole >= 100 ? 0 : whole >= 10 ? 1 : 2;
	size_t n;

	if (ns == 0) {
		*d = '0';
		return 1;
	}
	step = u->ns / (decimals == 2 ? 100 : decimals == 1 ? 10 : 1);
	if (step > 1 && ns <= UINT64_MAX - step / 2)
		ns = (ns + step / 2) / step * step;
	if (u < units + 3 && ns >= u[1].ns)
		u++;
	n = text_put_u64(d, ns / u->ns);
	n += put_decimals(d + n, ns % u->ns, u->ns, decimals, u->ns > 1 ? decimals : 0);
	return n + put_name(d + n, u);
}

size_t
units_stamp(char *d, int64_t ns)
{
	uint64_t v = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	const struct unit *s = &units[3];
	size_t n = 0;

	if (ns < 0)
		d[n++] = '-';
	n += text_put_u64(d + n, v / s->ns);
	n += put_decimals(d + n, v % s->ns, s->ns, 9, 9);
	return n + put_name(d + n, s);
}

size_t
units_mark(char *d, uint64_t ns, uint64_t step, uint64_t span)
{
	const struct unit *u = unit_of(span);
	uint64_t one = u->ns;
	int decimals = 0;
	size_t n;

	if (ns == 0) {
		*d = '0';
		return 1;
	}
	for (; one > 1 && step % one != 0; one /= 10)
		decimals++;
	n = text_put_u64(d, ns / u->ns);
	n += put_decimals(d + n, ns % u->ns, u->ns, decimals, decimals);
	return n + put_name(d + n, u);
}

size_t
units_count(char *d, uint64_t v)
{
	char digits[TEXT_NUMBER];
	size_t n = text_put_u64(digits, v), i, out = 0;

	for (i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			d[out++] = ',';
		d[out++] = digits[i];
	}
	return out;
}
