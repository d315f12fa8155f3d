/* SPDX-License-Identifier: MIT */
/*
 * ustack - a user's registers and stack, from a usample record
 *
 * Words are parsed as far as they are read. Registers have DWARF's numbers. Facts: System
 * V ABI, AMD64 supplement, 3.36; System V ABI, i386 supplement, 2.14; DWARF for the ARM 64-bit
 * architecture, 4.1; DWARF for the ARM architecture, 3.1.
 */

#ifndef USTACK_H
#define USTACK_H

#include "base/strbuf.h"
#include "cfi.h"
#include "rec/rec.h"

struct ustack {
	unsigned size;      /* of an address: 4 or 8 */
	uint8_t pc, sp, fp; /* the numbers of these registers */
	uint64_t code;      /* bits of a return address that are its code's address */
	uint64_t reg[CFI_REGS];
	uint64_t known; /* the registers that have a value: bit n for number n */
	uint64_t saved; /* those that have the address of their value, which is on the stack */
	uint64_t asked; /* those that were asked for */
	uint64_t begin; /* where the stack is: the stack pointer */
	size_t reach;   /* the number of tokens of the text up to the last one that was read */
	bool cut;       /* set if a read failed because the record ends before that address */
	bool damaged;   /* set if a word that was parsed is malformed */
	bool same;      /* as the stack before, but for the registers */
	/* private */
	struct strbuf text; /* of the words */
	size_t word, block; /* where in it: the next word; where blanks are looked for */
	uint64_t end;       /* the number of words that were taken */
	struct ustack_token {
		uint64_t begin; /* twice the number of words before it; and one, if it is unknown */
		uint64_t value;
	} * token;           /* words, or runs of equal ones, that were taken */
	size_t n, cap, last; /* last: the one that had the last word */
};

/* Take registers and stack of a record. What was taken of the words of the stack before remains if
 * they are equal. Returns false if its instruction set is not supported, or the registers are
 * malformed or lack the stack pointer or where the program was. */
bool ustack_open(struct ustack *, const struct rec_usample *);

/* Start with { 0 }. */
void ustack_free(struct ustack *);

/* Read 1 to 8 bytes at an address. Returns false if the record does not have them. */
bool ustack_read(struct ustack *, uint64_t addr, unsigned size, uint64_t *value);

bool ustack_restore(struct ustack *, unsigned reg, uint64_t *value); /* for ustack_reg() */

/* Get the value of a register. Returns false if it is unknown. */
static inline bool
ustack_reg(struct ustack *u, uint64_t reg, uint64_t *value)
{
	if (reg >= CFI_REGS)
		return false;
	u->asked |= UINT64_C(1) << reg;
	if ((u->known >> reg & 1) == 0)
		return ustack_restore(u, (unsigned)reg, value);
	*value = u->reg[reg];
	return true;
}

static inline void
ustack_set(struct ustack *u, unsigned reg, uint64_t value)
{
	u->reg[reg] = value;
	u->known |= UINT64_C(1) << reg;
	u->saved &= ~(UINT64_C(1) << reg);
}

/* The value is at an address; it is read if it is asked for. */
static inline void
ustack_set_saved(struct ustack *u, unsigned reg, uint64_t addr)
{
	u->reg[reg] = addr;
	u->known &= ~(UINT64_C(1) << reg);
	u->saved |= UINT64_C(1) << reg;
}

static inline void
ustack_forget(struct ustack *u, unsigned reg)
{
	u->known &= ~(UINT64_C(1) << reg);
	u->saved &= ~(UINT64_C(1) << reg);
}

#endif
