/* SPDX-License-Identifier: MIT */
/* sum - add up numbers, and count those that do not fit */

#ifndef SUM_H
#define SUM_H

#include <stdint.h>

/* Add to a sum that is at most this: what does not fit leaves it there, and is counted. */
static inline void
sum_add(uint64_t *sum, uint64_t v, uint64_t most, uint64_t *overflows)
{
	if (v > most - *sum) {
		*sum = most;
		(*overflows)++;
	} else {
		*sum += v;
	}
}

#endif
