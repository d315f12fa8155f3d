/* SPDX-License-Identifier: MIT */
/* Energies are exact: known digits, ties to even, and laws for any amounts. */

#include <string.h>

#include "energy/energy.h"
#include "tap.h"

enum { ROUNDS = 20000 };

static bool
prints(struct energy e, unsigned digits, const char *want)
{
	char d[ENERGY_NUMBER];
	energy_int v;
	size_t n;

	if (!energy_scaled(e, digits, &v))
		return *want == '\0';
	n = energy_put(d, v, digits);
	return n == strlen(want) && memcmp(d, want, n) == 0;
}

static bool
prints_exact(struct energy e, const char *want)
{
	char d[ENERGY_NUMBER];
	size_t n = energy_put_exact(d, e);

	return n == strlen(want) && memcmp(d, want, n) == 0;
}

static bool
prints_watts(struct energy e, int64_t ns, unsigned digits, const char *want)
{
	char d[ENERGY_NUMBER];
	energy_int v;
	size_t n;

	if (!energy_watts(e, ns, digits, &v))
		return *want == '\0';
	n = energy_put(d, v, digits);
	return n == strlen(want) && memcmp(d, want, n) == 0;
}

static uint64_t
next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static struct energy
any(uint64_t *state)
{
	uint64_t v = next(state);

	return (struct energy){ (energy_int)(v >> 20) - (1 << 20), (uint8_t)(v % 33),
		(uint8_t)(v / 64 % 13) };
}

/* a + b - b == a; a + b == b + a; a + b > a if b > 0. */
static bool
laws(uint64_t *state)
{
	struct energy a = any(state), b = any(state), ab = a, ba = b;

	if (!energy_add(&ab, b) || !energy_add(&ba, a) || energy_cmp(ab, ba) != 0)
		return false;
	if ((energy_cmp(ab, a) > 0) != (b.n > 0))
		return false;
	return energy_sub(&ab, b) && energy_cmp(ab, a) == 0;
}

/* Rounded parts differ from the rounded whole by at most half a digit for each part. */
static bool
adds_up(uint64_t *state)
{
	struct energy sum = { 0 }, part;
	energy_int whole, rounded = 0, v;
	int i;

	for (i = 0; i < 10; i++) {
		part = (struct energy){ (energy_int)(next(state) >> 24), 14, 0 };
		if (!energy_add(&sum, part) || !energy_scaled(part, 6, &v))
			return false;
		rounded += v;
	}
	return energy_scaled(sum, 6, &whole) && whole - rounded <= 5 && rounded - whole <= 5;
}

/* An energy whose digits take one division, and the same one widened until they take several. */
static bool
divides_alike(uint64_t *state)
{
	energy_int n = (energy_int)(next(state) >> 4), v, w;
	struct energy small = { n << 20, 12, 0 }, large = { n << 40, 32, 0 };

	return energy_scaled(small, 9, &v) && energy_scaled(large, 9, &w) && v == w;
}

static void
known(struct tap *t)
{
	struct energy unit = { 1, 16, 0 };
	struct energy huge = { ((energy_int)1 << 126), 0, 0 };

	tap_ok(t, prints_exact(unit, "0.0000152587890625"), "2^-16 J has 16 decimals");
	tap_ok(t, prints_exact((struct energy){ 1, 32, 0 }, "0.00000000023283064365386962890625"),
	    "2^-32 J has 32");
	tap_ok(t, prints_exact((struct energy){ -25, 1, 1 }, "-1.25"), "both exponents count");
	tap_ok(t, prints_exact((struct energy){ 0, 16, 6 }, "0"), "zero is 0");
	tap_ok(t, prints(unit, 9, "0.000015259"), "rounded up");
	tap_ok(
	    t, prints((struct energy){ 16, 14, 0 }, 9, "0.000976562"), "a tie goes down to even");
	tap_ok(t, prints((struct energy){ 15, 0, 7 }, 6, "0.000002"), "a tie goes up to even");
	tap_ok(t, prints((struct energy){ -15, 0, 7 }, 6, "-0.000002"), "a negative tie, too");
	tap_ok(t, prints((struct energy){ -1, 0, 9 }, 6, "0.000000"), "a zero has no sign");
	tap_ok(t, prints((struct energy){ 9999999, 0, 7 }, 6, "1.000000"),
	    "a carry reaches the first digit");
	tap_ok(t, prints((struct energy){ 12345, 0, 2 }, 0, "123"), "no decimals, no point");
	tap_ok(t, prints(huge, 6, ""), "a number that does not fit is not printed");
	tap_ok(
	    t, prints_exact(huge, "85070591730234615865843651857942052864"), "but exactly it is");
	tap_ok(t, prints_watts((struct energy){ 500000, 14, 0 }, 1000001000, 6, "30.517548"),
	    "power by the exact time");
	tap_ok(t, prints_watts((struct energy){ 250, 0, 0 }, 1, 6, "250000000000.000000"),
	    "power over a nanosecond");
	tap_ok(t,
	    prints_watts((struct energy){ (energy_int)1 << 90, 32, 0 }, 3, 9,
		"96076792050570581333333333.333333333"),
	    "a power whose division does not fit 128 bits");
	tap_ok(t,
	    !energy_add(&huge, huge) &&
		prints_exact(huge, "85070591730234615865843651857942052864"),
	    "a sum that does not fit changes nothing");
	tap_ok(t, energy_cmp(huge, unit) > 0 && energy_cmp(unit, huge) < 0,
	    "energies that do not fit one scale are compared");
}

int
main(void)
{
	struct tap t = { 0 };
	uint64_t state = 88172645463325252;
	bool law = true, sum = true, same = true;
	int i;

	known(&t);
	for (i = 0; i < ROUNDS; i++) {
		law = law && laws(&state);
		sum = sum && adds_up(&state);
		same = same && divides_alike(&state);
	}
	tap_ok(&t, law, "addition and subtraction are inverse");
	tap_ok(&t, sum, "rounded parts add up to the whole");
	tap_ok(&t, same, "short and long division agree");
	return tap_end(&t);
}
