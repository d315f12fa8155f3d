/* SPDX-License-Identifier: MIT */
/*
 * cfi - call frame information: how to get the caller's registers at a place in the code
 *
 * libdw finds and runs the entries of .eh_frame and, for code that has none there, of .debug_frame.
 * It reserves memory for any register that an entry names, keeps any number of remembered states
 * and reads operands beyond the end of an entry. So it gets a copy of each section in which every
 * entry has been checked, and those that it could not take are invalid; see cfi.c for the limits.
 * Facts: DWARF 5, 6.4; Linux Standard Base 5, Core, 10.6 (.eh_frame).
 */

#ifndef CFI_H
#define CFI_H

#include "expr.h"
#include "symbols/files.h"

enum {
	CFI_REGS = 33, /* DWARF's numbers 0 to 32; vector registers above them are left out */
	CFI_OPS = 512  /* operations of all expressions of a row; rules beyond are unknown */
};

enum cfi_how {
	CFI_SAME,       /* the caller's value is this frame's; so for registers without a rule */
	CFI_OFFSET,     /* saved at CFA + off */
	CFI_VAL_OFFSET, /* is CFA + off */
	CFI_UNDEFINED,
	CFI_REGISTER,  /* is in the register reg, plus off */
	CFI_EXPR_AT,   /* saved where the expression says */
	CFI_EXPR_VALUE /* is what the expression says */
};

struct cfi_rule {
	int64_t off;
	uint8_t how, reg;
	uint8_t target; /* the register that it is for */
	uint16_t op, n; /* its operations */
};

/* The rules that hold at a place: that of the CFA (CFI_REGISTER or CFI_EXPR_VALUE), then those of
 * n registers. */
struct cfi_row {
	uint16_t n, ops;
	uint8_t ra;  /* the register that has the return address */
	bool signal; /* a signal frame: the caller was interrupted, it made no call */
	struct cfi_rule rule[1 + CFI_REGS];
	struct expr_op op[CFI_OPS];
};

struct cfi;

/* Read what a program and its debug file have; their descriptors, which may be -1, stay open.
 * Returns NULL, and why, if there is no such information. */
struct cfi *cfi_new(struct files *, int program, int debug, const char **why);
void cfi_free(struct cfi *);

/* Make the row for the code at an offset of the program. Returns false if there is none. *cost is
 * set to an upper bound of the number of bytes that were looked at. */
bool cfi_row(struct cfi *, uint64_t off, struct cfi_row *, uint64_t *cost);

#endif
