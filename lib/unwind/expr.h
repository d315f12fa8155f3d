/* SPDX-License-Identifier: MIT */
/*
 * expr - evaluate the DWARF expressions of call frame information
 *
 * Facts: DWARF 5, 2.5.1. The operators that call frame information may not use (6.4.2) are left
 * out.
 */

#ifndef EXPR_H
#define EXPR_H

#include "base/bytes.h"

/* What an expression may look at. Both return false if that is not known. */
struct expr_world {
	bool (*reg)(void *arg, uint64_t reg, uint64_t *value);
	bool (*read)(void *arg, uint64_t addr, unsigned size, uint64_t *value);
	void *arg;
	unsigned size;  /* of an address */
	uint64_t *work; /* each step takes one away; 0: no more steps */
};

/* Evaluate an expression that starts with value on its stack if pushed. False if it cannot be, or
 * takes more than 256 steps. */
bool expr_eval(
    const struct expr_world *, struct bytes expr, bool pushed, uint64_t value, uint64_t *result);

#endif
