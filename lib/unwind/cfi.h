/* SPDX-License-Identifier: MIT */
/*
 * cfi - call frame information: how to get the caller's registers at a place in the code
 *
 * One CIE and one FDE of an .eh_frame section make the row that holds at an address. All sizes are
 * checked; the time is that of reading both entries once.
 * Facts: DWARF 5, 6.4 and 2.5; Linux Standard Base 5, Core, 10.6 (.eh_frame, .eh_frame_hdr); DWARF
 * for the ARM 64-bit architecture (AADWARF64) for DW_CFA_AARCH64_negate_ra_state.
 */

#ifndef CFI_H
#define CFI_H

#include "base/bytes.h"

enum {
	CFI_REGS = 33, /* DWARF's numbers 0 to 32; vector registers above them are left out */
	CFI_EXPR = 255 /* bytes of the longest expression */
};

enum cfi_how {
	CFI_SAME, /* the caller's value is this frame's; so for registers without a rule */
	CFI_UNDEFINED,
	CFI_OFFSET,     /* saved at CFA + off */
	CFI_VAL_OFFSET, /* is CFA + off */
	CFI_REGISTER,   /* is in the register off */
	CFI_EXPR_AT,    /* saved where the expression says */
	CFI_EXPR_VALUE  /* is what the expression says */
};

struct cfi_rule {
	uint8_t how; /* of the CFA: CFI_VAL_OFFSET from the register reg, or CFI_EXPR_VALUE */
	uint8_t reg;
	uint8_t size; /* of the expression */
	int64_t off;
	const uint8_t *expr; /* in the entry */
};

struct cfi_row {
	struct cfi_rule cfa, reg[CFI_REGS];
	uint8_t ra;     /* the register that has the return address */
	bool signal;    /* a signal frame: the caller was interrupted, it made no call */
	bool ra_signed; /* the return address has a pointer authentication code */
};

/* Where an entry is: pointers may be relative to its address. bytes is all of it, with its length
 * field. */
struct cfi_entry {
	uint64_t addr;
	struct bytes bytes;
	bool is64;
};

/* The address of the CIE that an FDE belongs to. False if it is no FDE. */
bool cfi_cie_of(const struct cfi_entry *fde, uint64_t *cie);

/* The address of the code that an FDE begins with. False if an entry is malformed. */
bool cfi_begin(const struct cfi_entry *cie, const struct cfi_entry *fde, uint64_t *pc);

/* Make the row at pc. False if the FDE does not cover pc, or if an entry is malformed or of an
 * unknown form. */
bool cfi_row_at(
    const struct cfi_entry *cie, const struct cfi_entry *fde, uint64_t pc, struct cfi_row *);

/* Decode a pointer in one of the DW_EH_PE_* encodings at the cursor, which is at the address at.
 * Spoils the cursor if the encoding is unknown. */
uint64_t cfi_pointer(struct bytes *, uint8_t encoding, uint64_t at, bool is64);

/* LEB128 numbers. */
uint64_t cfi_uleb(struct bytes *);
int64_t cfi_sleb(struct bytes *);

#endif
