/* SPDX-License-Identifier: MIT */

#include "energy.h"
#include "base/text.h"

__extension__ typedef unsigned __int128 u128;

enum { TEN19_DIGITS = 19, NANO = 9 };

static const uint64_t tens[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
	1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
	10000000000000000000u };

/* Raise the exponents of an energy, keeping its value; false if that does not fit. */
static bool
widen(struct energy *e, unsigned two, unsigned ten)
{
	energy_int n;

	if (__builtin_mul_overflow(e->n, (energy_int)1 << (two - e->two), &n) ||
	    __builtin_mul_overflow(n, (energy_int)tens[ten - e->ten], &n))
		return false;
	*e = (struct energy){ n, (uint8_t)two, (uint8_t)ten };
	return true;
}

/* Give both the same exponents. */
static bool
align(struct energy *a, struct energy *b)
{
	unsigned two = a->two > b->two ? a->two : b->two;
	unsigned ten = a->ten > b->ten ? a->ten : b->ten;

	return widen(a, two, ten) && widen(b, two, ten);
}

bool
energy_add(struct energy *a, struct energy b)
{
	struct energy sum = *a;

	if (!align(&sum, &b) || __builtin_add_overflow(sum.n, b.n, &sum.n))
		return false;
	*a = sum;
	return true;
}

bool
energy_sub(struct energy *a, struct energy b)
{
	struct energy rest = *a;

	if (!align(&rest, &b) || __builtin_sub_overflow(rest.n, b.n, &rest.n))
		return false;
	*a = rest;
	return true;
}

bool
energy_near(struct energy a, struct energy b, struct energy err)
{
	if (!energy_sub(&a, b))
		return false;
	a.n = a.n < 0 ? -a.n : a.n;
	return energy_cmp(a, err) <= 0;
}

bool
energy_times(struct energy *e, uint64_t n)
{
	energy_int v;

	if (__builtin_mul_overflow(e->n, (energy_int)n, &v))
		return false;
	e->n = v;
	return true;
}

static int
sign(energy_int v)
{
	return v < 0 ? -1 : v > 0;
}

int
energy_cmp(struct energy a, struct energy b)
{
	if (sign(a.n) != sign(b.n))
		return sign(a.n) - sign(b.n);
	if (align(&a, &b))
		return a.n < b.n ? -1 : a.n > b.n;
	/* They do not fit 128 bits with the same exponents: one has the larger integer part. */
	a.n /= (energy_int)1 << a.two;
	b.n /= (energy_int)1 << b.two;
	a.n /= (energy_int)tens[a.ten];
	b.n /= (energy_int)tens[b.ten];
	return a.n < b.n ? -1 : a.n > b.n;
}

/* Does a quotient with remainder rest of den round up, half to even? */
static bool
rounds_up(u128 quotient, u128 rest, u128 den)
{
	u128 half = den - rest;

	return rest > half || (rest == half && (quotient & 1) != 0);
}

/* Divide as ratio() does when num * 10^digits does not fit. */
static bool
long_ratio(u128 num, u128 den, unsigned digits, u128 *v)
{
	u128 rest = num % den;
	uint64_t part = 0;
	unsigned i;

	if (den > (u128)1 << 124 || __builtin_mul_overflow(num / den, (u128)tens[digits], v))
		return false;
	for (i = 0; i < digits; i++) {
		rest *= 10;
		part = part * 10 + (uint64_t)(rest / den);
		rest %= den;
	}
	part += rounds_up(part, rest, den);
	return !__builtin_add_overflow(*v, (u128)part, v) && *v >> 127 == 0;
}

/* Give num / den in units of 10^-digits, rounded half to even; false if that does not fit. */
static bool
ratio(energy_int signed_num, u128 den, unsigned digits, energy_int *v)
{
	u128 num = signed_num < 0 ? -(u128)signed_num : (u128)signed_num, scaled, q;

	if (__builtin_mul_overflow(num, (u128)tens[digits], &scaled)) {
		if (!long_ratio(num, den, digits, &q))
			return false;
	} else {
		q = scaled / den;
		q += rounds_up(q, scaled - q * den, den);
		if (q >> 127 != 0)
			return false;
	}
	*v = signed_num < 0 ? -(energy_int)q : (energy_int)q;
	return true;
}

bool
energy_scaled(struct energy e, unsigned digits, energy_int *v)
{
	return ratio(e.n, (u128)tens[e.ten] << e.two, digits, v);
}

bool
energy_watts(struct energy e, int64_t ns, unsigned digits, energy_int *v)
{
	unsigned ten = e.ten > NANO ? e.ten - NANO : 0;

	if (e.ten < NANO && __builtin_mul_overflow(e.n, (energy_int)tens[NANO - e.ten], &e.n))
		return false;
	return ratio(e.n, ((u128)tens[ten] << e.two) * (u128)ns, digits, v);
}

static size_t
put_u128(char *d, u128 v)
{
	size_t n = 0, i;
	uint64_t low;

	if (v <= UINT64_MAX)
		return text_put_u64(d, (uint64_t)v);
	n = put_u128(d, v / tens[TEN19_DIGITS]);
	low = (uint64_t)(v % tens[TEN19_DIGITS]);
	for (i = TEN19_DIGITS; i-- > 0; low /= 10)
		d[n + i] = (char)('0' + low % 10);
	return n + TEN19_DIGITS;
}

size_t
energy_put(char *d, energy_int v, unsigned digits)
{
	u128 u = v < 0 ? -(u128)v : (u128)v, whole = u / tens[digits];
	char *begin = d;

	if (v < 0)
		*d++ = '-';
	d += put_u128(d, whole);
	if (digits == 0)
		return (size_t)(d - begin);
	/* a 1 before the decimals keeps their zeros */
	text_put_u64(d, tens[digits] + (uint64_t)u - (uint64_t)whole * tens[digits]);
	*d = '.';
	return (size_t)(d + 1 + digits - begin);
}

size_t
energy_put_exact(char *d, struct energy e)
{
	u128 u = e.n < 0 ? -(u128)e.n : (u128)e.n, den = (u128)tens[e.ten] << e.two;
	char *begin = d;

	if (e.n < 0)
		*d++ = '-';
	d += put_u128(d, u / den);
	if ((u %= den) != 0)
		*d++ = '.';
	for (; u != 0; u %= den) {
		u *= 10;
		*d++ = (char)('0' + (unsigned)(u / den));
	}
	return (size_t)(d - begin);
}
