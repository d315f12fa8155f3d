/* SPDX-License-Identifier: MIT */
/* percentiles - of many numbers, exact; a number is kept in as many bytes as it needs. Starts as {
 * 0 }.
 */

#ifndef PERCENTILES_H
#define PERCENTILES_H

#include "strbuf.h"

struct percentiles {
	size_t n;     /* the number of numbers */
	uint64_t max; /* the greatest */
	/* private */
	struct strbuf numbers;
};

void percentiles_add(struct percentiles *, uint64_t);

/* Find the 50th, 95th and 99th percentile by nearest rank: the ceil(p n / 100)-th smallest; 0 if
 * there are no numbers. */
enum { PERCENTILE_50, PERCENTILE_95, PERCENTILE_99, PERCENTILES };

void percentiles_find(const struct percentiles *, uint64_t found[PERCENTILES]);

/* Forget all numbers, keeping the memory for others; free it. */
void percentiles_clear(struct percentiles *);
void percentiles_free(struct percentiles *);

#endif
