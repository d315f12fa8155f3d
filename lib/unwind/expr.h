/* SPDX-License-Identifier: MIT */
/*
 * expr - evaluate the DWARF expressions of call frame information
 *
 * Facts: DWARF 5, 2.5.1. The operators that call frame information may not use (6.4.2) are left
 * out.
 */

#ifndef EXPR_H
#define EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An operation, as libdw decodes it: a Dwarf_Op whose branches lead to the index in number. */
struct expr_op {
	uint64_t number, number2;
	uint8_t atom; /* DW_OP_* */
};

/* What an expression may look at. Both functions return false if that is not known. */
struct expr_world {
	bool (*reg)(void *arg, uint64_t reg, uint64_t *value);
	bool (*read)(void *arg, uint64_t addr, unsigned size, uint64_t *value);
	void *arg;
	uint64_t cfa;   /* the value of DW_OP_call_frame_cfa */
	unsigned size;  /* of an address */
	uint64_t *work; /* each step takes one away; 0: no more steps */
};

/* Evaluate n operations. False if they cannot be, or take more than 256 steps. */
bool expr_eval(const struct expr_world *, const struct expr_op *, size_t n, uint64_t *result);

#endif
