/* SPDX-License-Identifier: MIT */
/*
 * energy - exact amounts of energy, rounded only when their digits are written
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

/* Add b to *a, or subtract it; false, with *a unchanged, if the result does not fit 128 bits. */
bool energy_add(struct energy *a, struct energy b);
bool energy_sub(struct energy *a, struct energy b);

/* Multiply e by n; false, with *e unchanged, if that does not fit. */
bool energy_times(struct energy *e, uint64_t n);

/* Less than, equal to or greater than zero, as a is less than, equal to or greater than b. */
int energy_cmp(struct energy a, struct energy b);

/* Is the distance of a and b at most err? */
bool energy_near(struct energy a, struct energy b, struct energy err);

/* Give e in units of 10^-digits J, or the power of e over ns nanoseconds (> 0) in units of
 * 10^-digits W, rounded half to even; false if that does not fit. */
bool energy_scaled(struct energy e, unsigned digits, energy_int *);
bool energy_watts(struct energy e, int64_t ns, unsigned digits, energy_int *);

/* Write v, in units of 10^-digits, or e with all its decimals, at d: the number of bytes, at most
 * ENERGY_NUMBER. */
size_t energy_put(char *d, energy_int v, unsigned digits);
size_t energy_put_exact(char *d, struct energy e);

#endif
