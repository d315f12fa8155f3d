/* SPDX-License-Identifier: MIT */
/*
 * energy - exact amounts of energy: nothing is rounded before its digits are written
 *
 * Counters count in units of 2^-n J (perf, the registers) or of whole nanojoules (powercap); text
 * has decimals. A struct energy holds all of them exactly.
 */

#ifndef ENERGY_H
#define ENERGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef __int128 energy_int;

/* n / (2^two * 10^ten) joules; two <= 32, ten <= 12 */
struct energy {
	energy_int n;
	uint8_t two, ten;
};

enum { ENERGY_DIGITS = 18 }; /* the most decimals that a rounded number has */
enum { ENERGY_NUMBER = 96 }; /* the longest number: sign, 39 digits, point, decimals */

/* *a + b, *a - b; false, *a unchanged, where 128 bits do not hold it. */
bool energy_add(struct energy *a, struct energy b);
bool energy_sub(struct energy *a, struct energy b);

/* n times e; false where that does not fit. */
bool energy_times(struct energy *e, uint64_t n);

/* Below zero, zero, above: as a is less than, equal to, more than b. */
int energy_cmp(struct energy a, struct energy b);

/* e in units of 10^-digits J, and the power of e over ns nanoseconds (> 0) in units of 10^-digits
 * W, rounded half to even; false where that does not fit. */
bool energy_scaled(struct energy e, unsigned digits, energy_int *);
bool energy_watts(struct energy e, int64_t ns, unsigned digits, energy_int *);

/* Write v, in units of 10^-digits, at d; e with all its decimals: how many bytes, at most
 * ENERGY_NUMBER. */
size_t energy_put(char *d, energy_int v, unsigned digits);
size_t energy_put_exact(char *d, struct energy e);

#endif
