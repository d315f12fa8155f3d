/* SPDX-License-Identifier: MIT */
/* units - times and counts as people read them */

#ifndef UNITS_H
#define UNITS_H

#include <stdint.h>

struct units {
	char s[40]; /* ends with a NUL */
};

/* Every digit: 417 ns, 1.234 us, 12.345678 ms, 3.5 s. */
struct units units_exact(uint64_t ns);

/* Three significant digits: 1.23 us, 12.3 ms, 123 s. */
struct units units_short(uint64_t ns);

/* Seconds with nine decimals, as perf writes a time stamp: 316584.091238000 s. */
struct units units_stamp(int64_t ns);

/* A mark on an axis whose marks are step ns apart, in the unit that suits span: 0, 250 ms, 1.5 s.
 */
struct units units_mark(uint64_t ns, uint64_t step, uint64_t span);

/* 1,234,567 */
struct units units_count(uint64_t);

/* Three significant digits of thousandths of a unit: 150 mW, 3.12 W, 48.1 kJ. */
struct units units_amount(uint64_t milli, const char *unit);

#endif
