/* SPDX-License-Identifier: MIT */
/* units - times and counts as people read them */

#ifndef UNITS_H
#define UNITS_H

#include <stddef.h>
#include <stdint.h>

enum {
	UNITS_ROOM = 40
}; /* bytes that each of these may write, without a NUL; all return how many */

/* Every digit: 417 ns, 1.234 us, 12.345678 ms, 3.5 s. */
size_t units_exact(char *d, uint64_t ns);

/* Three digits that count: 1.23 us, 12.3 ms, 123 s. */
size_t units_short(char *d, uint64_t ns);

/* Seconds with nine decimals, as perf writes a time stamp: 316584.091238000 s. */
size_t units_stamp(char *d, int64_t ns);

/* A mark on an axis whose marks are step ns apart, in the unit that suits span: 0, 250 ms, 1.5 s.
 */
size_t units_mark(char *d, uint64_t ns, uint64_t step, uint64_t span);

/* 1,234,567 */
size_t units_count(char *d, uint64_t);

#endif
