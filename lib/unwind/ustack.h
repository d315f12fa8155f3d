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
	size_t reach;   /* how far the text was read */
	bool cut;       /* set if a read failed because the record ends before that address */
	bool damaged;   /* set if a word that was read is malformed */
	bool same;      /* as the stack before, but for the registers */
	/* private */
	struct strbuf text; /* of the words */
	size_t next;        /* where in it the first word begins that was not counted */
	uint64_t end;       /* the number of words that were counted */
	struct ustack_block {
		uint64_t words;  /* the number of those that end before it */
		uint64_t blanks; /* which of its bytes are blanks: bit i is for byte i */
		size_t first;    /* where the first word that ends in it begins */
	} * block;               /* the pieces of the text whose words were counted */
	size_t n, cap;
	struct {
		size_t block, at; /* where it ends; where it begins in the text */
		uint64_t word;    /* its number */
	} last;                   /* the word, or run of equal ones, that was read last */
};

/* Take registers and stack of a record. What was counted of the words of the stack before remains
 * if they are equal. Returns false if its instruction set is not supported, or the registers are
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
