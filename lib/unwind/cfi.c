/* SPDX-License-Identifier: MIT */

#include "cfi.h"

enum { STATES = 16 };

/* DW_EH_PE_* */
enum {
	PE_ABSPTR = 0,
	PE_ULEB = 1,
	PE_UDATA2 = 2,
	PE_UDATA4 = 3,
	PE_UDATA8 = 4,
	PE_SLEB = 9,
	PE_SDATA2 = 0xa,
	PE_SDATA4 = 0xb,
	PE_SDATA8 = 0xc,
	PE_FORM = 0xf,
	PE_PCREL = 0x10,
	PE_OMIT = 0xff
};

/* DW_CFA_* */
enum {
	CFA_NOP,
	CFA_SET_LOC,
	CFA_ADVANCE_LOC1,
	CFA_ADVANCE_LOC2,
	CFA_ADVANCE_LOC4,
	CFA_OFFSET_EXTENDED,
	CFA_RESTORE_EXTENDED,
	CFA_UNDEFINED,
	CFA_SAME_VALUE,
	CFA_REGISTER,
	CFA_REMEMBER_STATE,
	CFA_RESTORE_STATE,
	CFA_DEF_CFA,
	CFA_DEF_CFA_REGISTER,
	CFA_DEF_CFA_OFFSET,
	CFA_DEF_CFA_EXPRESSION,
	CFA_EXPRESSION,
	CFA_OFFSET_EXTENDED_SF,
	CFA_DEF_CFA_SF,
	CFA_DEF_CFA_OFFSET_SF,
	CFA_VAL_OFFSET,
	CFA_VAL_OFFSET_SF,
	CFA_VAL_EXPRESSION,
	CFA_NEGATE_RA_STATE = 0x2d,
	CFA_ARGS_SIZE = 0x2e,
	CFA_NEGATIVE_OFFSET_EXTENDED = 0x2f,
	CFA_ADVANCE_LOC = 0x40,
	CFA_OFFSET = 0x80,
	CFA_RESTORE = 0xc0
};

/* What a CIE says. */
struct common {
	uint64_t code_align;
	int64_t data_align;
	uint64_t ra;
	uint8_t encoding;
	bool augmented; /* entries have augmentation data, with their length */
	bool signal;
	struct bytes program;
};

/* The instructions of an entry while they are run. */
struct run {
	const struct common *cie;
	struct bytes program;
	uint64_t addr; /* of the program's first byte */
	const uint8_t *begin;
	bool is64;
	uint64_t loc, pc; /* the row at pc is wanted */
	struct cfi_row *row;
	const struct cfi_row *initial; /* NULL while the CIE's are run */
	struct {
		struct cfi_rule cfa, reg[CFI_REGS];
		bool ra_signed;
	} state[STATES];
	size_t states;
};

/* --- numbers */

/* Take a LEB128 number: its bits, the number of them, and its last byte. */
static uint64_t
leb(struct bytes *b, unsigned *bits, uint8_t *last)
{
	uint64_t v = 0;

	*bits = 0;
	do {
		*last = bytes_u8(b);
		if (*bits < 64)
			v |= (uint64_t)(*last & 0x7f) << *bits;
		*bits += 7;
	} while (*last & 0x80);
	return v;
}

uint64_t
cfi_uleb(struct bytes *b)
{
	unsigned bits;
	uint8_t last;

	return leb(b, &bits, &last);
}

int64_t
cfi_sleb(struct bytes *b)
{
	unsigned bits;
	uint8_t last;
	uint64_t v = leb(b, &bits, &last);

	if (bits < 64 && last & 0x40)
		v |= ~UINT64_C(0) << bits;
	return (int64_t)v;
}

static uint64_t
get_form(struct bytes *b, uint8_t form, bool is64)
{
	switch (form) {
	case PE_ABSPTR:
		return is64 ? bytes_u64(b) : bytes_u32(b);
	case PE_ULEB:
		return cfi_uleb(b);
	case PE_UDATA2:
		return bytes_u16(b);
	case PE_UDATA4:
		return bytes_u32(b);
	case PE_UDATA8:
	case PE_SDATA8:
		return bytes_u64(b);
	case PE_SLEB:
		return (uint64_t)cfi_sleb(b);
	case PE_SDATA2:
		return (uint64_t)(int16_t)bytes_u16(b);
	case PE_SDATA4:
		return (uint64_t)(int32_t)bytes_u32(b);
	default:
		bytes_spoil(b);
		return 0;
	}
}

uint64_t
cfi_pointer(struct bytes *b, uint8_t encoding, uint64_t at, bool is64)
{
	uint64_t v = get_form(b, encoding & PE_FORM, is64);

	if ((encoding & ~PE_FORM) == PE_PCREL)
		v += at;
	else if ((encoding & ~PE_FORM) != 0)
		bytes_spoil(b);
	return is64 ? v : (uint32_t)v;
}

/* --- entries */

/* Take length and id of an entry: the cursor is at what follows, and ends with the entry. */
static bool
open_entry(const struct cfi_entry *e, struct bytes *b, uint32_t *id)
{
	uint32_t length;

	*b = e->bytes;
	length = bytes_u32(b);
	*b = bytes_cut(b, length); /* 0xffffffff, the form with 64 bits, is more than there is */
	*id = bytes_u32(b);
	return !bytes_bad(b);
}

bool
cfi_cie_of(const struct cfi_entry *fde, uint64_t *cie)
{
	struct bytes b;
	uint32_t id;

	if (!open_entry(fde, &b, &id) || id == 0)
		return false;
	*cie = fde->addr + 4 - id;
	return true;
}

/* Read what the letters of the augmentation announce. */
static bool
get_augmentation(struct common *c, struct bytes *b, const char *letters, bool is64)
{
	struct bytes data;
	uint8_t encoding;

	if (*letters == '\0')
		return true;
	if (*letters != 'z')
		return false;
	c->augmented = true;
	data = bytes_cut(b, cfi_uleb(b));
	for (letters++; *letters != '\0'; letters++)
		if (*letters == 'R') {
			c->encoding = bytes_u8(&data);
		} else if (*letters == 'P') {
			encoding = bytes_u8(&data);
			get_form(&data, encoding & PE_FORM, is64);
		} else if (*letters == 'L') {
			bytes_u8(&data);
		} else if (*letters == 'S') {
			c->signal = true;
		} else if (*letters != 'B' && *letters != 'G') {
			return false;
		}
	return !bytes_bad(&data);
}

static bool
get_common(const struct cfi_entry *cie, struct common *c)
{
	struct bytes b;
	const char *letters;
	uint8_t version;
	uint32_t id;
	size_t n;

	*c = (struct common){ .encoding = PE_ABSPTR };
	if (!open_entry(cie, &b, &id) || id != 0)
		return false;
	version = bytes_u8(&b);
	letters = bytes_string(&b, &n);
	if (version == 4)
		bytes_u16(&b); /* the sizes of addresses and segments */
	c->code_align = cfi_uleb(&b);
	c->data_align = cfi_sleb(&b);
	c->ra = version == 1 ? bytes_u8(&b) : cfi_uleb(&b);
	if ((version != 1 && version != 3 && version != 4) || n > 8 || bytes_bad(&b) ||
	    c->ra >= CFI_REGS || !get_augmentation(c, &b, letters, cie->is64))
		return false;
	c->program = b;
	return !bytes_bad(&b);
}

/* --- instructions */

static bool
set_rule(struct run *r, uint64_t reg, enum cfi_how how, int64_t off)
{
	if (reg < CFI_REGS)
		r->row->reg[reg] = (struct cfi_rule){ .how = (uint8_t)how, .off = off };
	return true;
}

static bool
set_expr(struct run *r, struct cfi_rule *rule, enum cfi_how how)
{
	uint64_t n = cfi_uleb(&r->program);
	struct cfi_rule unused;
	const uint8_t *expr;

	if (n > CFI_EXPR || (expr = bytes_take(&r->program, n)) == NULL)
		return false;
	*(rule == NULL ? &unused : rule) =
	    (struct cfi_rule){ .how = (uint8_t)how, .size = (uint8_t)n, .expr = expr };
	return true;
}

static struct cfi_rule *
rule_of(struct run *r, uint64_t reg)
{
	return reg < CFI_REGS ? &r->row->reg[reg] : NULL;
}

static bool
restore(struct run *r, uint64_t reg)
{
	if (r->initial == NULL)
		return false;
	if (reg < CFI_REGS)
		r->row->reg[reg] = r->initial->reg[reg];
	return true;
}

static int64_t
scaled(const struct run *r, uint64_t factor)
{
	return (int64_t)(factor * (uint64_t)r->cie->data_align);
}

static bool
remember(struct run *r)
{
	if (r->states == STATES)
		return false;
	r->state[r->states].cfa = r->row->cfa;
	r->state[r->states].ra_signed = r->row->ra_signed;
	memcpy(r->state[r->states++].reg, r->row->reg, sizeof r->row->reg);
	return true;
}

static bool
recall(struct run *r)
{
	if (r->states == 0)
		return false;
	r->row->cfa = r->state[--r->states].cfa;
	r->row->ra_signed = r->state[r->states].ra_signed;
	memcpy(r->row->reg, r->state[r->states].reg, sizeof r->row->reg);
	return true;
}

static bool
def_cfa(struct run *r, uint64_t reg, int64_t off)
{
	if (reg >= CFI_REGS)
		return false;
	r->row->cfa = (struct cfi_rule){ .how = CFI_VAL_OFFSET, .reg = (uint8_t)reg, .off = off };
	return true;
}

/* The instructions that change the CFA; it must be a register and an offset for those that change
 * only one of them. */
static bool
run_cfa(struct run *r, uint8_t op)
{
	const struct cfi_rule *cfa = &r->row->cfa;
	uint64_t reg;

	if (op == CFA_DEF_CFA_EXPRESSION)
		return set_expr(r, &r->row->cfa, CFI_EXPR_VALUE);
	if (op == CFA_DEF_CFA || op == CFA_DEF_CFA_SF) {
		reg = cfi_uleb(&r->program);
		return def_cfa(r, reg,
		    op == CFA_DEF_CFA ? (int64_t)cfi_uleb(&r->program)
				      : scaled(r, (uint64_t)cfi_sleb(&r->program)));
	}
	if (cfa->how != CFI_VAL_OFFSET)
		return false;
	if (op == CFA_DEF_CFA_REGISTER)
		return def_cfa(r, cfi_uleb(&r->program), cfa->off);
	return def_cfa(r, cfa->reg,
	    op == CFA_DEF_CFA_OFFSET ? (int64_t)cfi_uleb(&r->program)
				     : scaled(r, (uint64_t)cfi_sleb(&r->program)));
}

/* The instructions that set the rule of a register, which is their first operand. */
static bool
run_rule(struct run *r, uint8_t op)
{
	uint64_t reg = cfi_uleb(&r->program);

	switch (op) {
	case CFA_OFFSET_EXTENDED:
		return set_rule(r, reg, CFI_OFFSET, scaled(r, cfi_uleb(&r->program)));
	case CFA_OFFSET_EXTENDED_SF:
		return set_rule(r, reg, CFI_OFFSET, scaled(r, (uint64_t)cfi_sleb(&r->program)));
	case CFA_NEGATIVE_OFFSET_EXTENDED:
		return set_rule(r, reg, CFI_OFFSET, scaled(r, -cfi_uleb(&r->program)));
	case CFA_VAL_OFFSET:
		return set_rule(r, reg, CFI_VAL_OFFSET, scaled(r, cfi_uleb(&r->program)));
	case CFA_VAL_OFFSET_SF:
		return set_rule(r, reg, CFI_VAL_OFFSET, scaled(r, (uint64_t)cfi_sleb(&r->program)));
	case CFA_RESTORE_EXTENDED:
		return restore(r, reg);
	case CFA_UNDEFINED:
		return set_rule(r, reg, CFI_UNDEFINED, 0);
	case CFA_SAME_VALUE:
		return set_rule(r, reg, CFI_SAME, 0);
	case CFA_REGISTER:
		return set_rule(r, reg, CFI_REGISTER, (int64_t)cfi_uleb(&r->program));
	case CFA_EXPRESSION:
		return set_expr(r, rule_of(r, reg), CFI_EXPR_AT);
	case CFA_VAL_EXPRESSION:
		return set_expr(r, rule_of(r, reg), CFI_EXPR_VALUE);
	default:
		return false;
	}
}

static bool
advance(struct run *r, uint64_t delta)
{
	r->loc += delta * r->cie->code_align;
	return true;
}

static bool
run_extended(struct run *r, uint8_t op)
{
	switch (op) {
	case CFA_NOP:
		return true;
	case CFA_SET_LOC:
		r->loc = cfi_pointer(&r->program, r->cie->encoding,
		    r->addr + (uint64_t)(r->program.p - r->begin), r->is64);
		return true;
	case CFA_ADVANCE_LOC1:
		return advance(r, bytes_u8(&r->program));
	case CFA_ADVANCE_LOC2:
		return advance(r, bytes_u16(&r->program));
	case CFA_ADVANCE_LOC4:
		return advance(r, bytes_u32(&r->program));
	case CFA_REMEMBER_STATE:
		return remember(r);
	case CFA_RESTORE_STATE:
		return recall(r);
	case CFA_DEF_CFA:
	case CFA_DEF_CFA_SF:
	case CFA_DEF_CFA_REGISTER:
	case CFA_DEF_CFA_OFFSET:
	case CFA_DEF_CFA_OFFSET_SF:
	case CFA_DEF_CFA_EXPRESSION:
		return run_cfa(r, op);
	case CFA_NEGATE_RA_STATE:
		r->row->ra_signed = !r->row->ra_signed;
		return true;
	case CFA_ARGS_SIZE:
		cfi_uleb(&r->program);
		return true;
	default:
		return run_rule(r, op);
	}
}

/* Run a program up to the row of pc. */
static bool
run(struct run *r)
{
	uint8_t op;
	bool ok = true;

	while (ok && r->loc <= r->pc && bytes_left(&r->program) > 0) {
		op = bytes_u8(&r->program);
		switch (op & 0xc0) {
		case CFA_ADVANCE_LOC:
			ok = advance(r, op & 0x3f);
			break;
		case CFA_OFFSET:
			ok = set_rule(r, op & 0x3f, CFI_OFFSET, scaled(r, cfi_uleb(&r->program)));
			break;
		case CFA_RESTORE:
			ok = restore(r, op & 0x3f);
			break;
		default:
			ok = run_extended(r, op);
		}
	}
	return ok && !bytes_bad(&r->program);
}

/* Where the code of an FDE begins; the cursor is then at its length. */
static bool
get_begin(const struct cfi_entry *fde, const struct common *c, struct bytes *b, uint64_t *pc)
{
	const uint8_t *begin = fde->bytes.p;
	uint32_t id;

	if (!open_entry(fde, b, &id))
		return false;
	*pc = cfi_pointer(b, c->encoding, fde->addr + (uint64_t)(b->p - begin), fde->is64);
	return !bytes_bad(b);
}

bool
cfi_begin(const struct cfi_entry *cie, const struct cfi_entry *fde, uint64_t *pc)
{
	struct common c;
	struct bytes b;

	return get_common(cie, &c) && get_begin(fde, &c, &b, pc);
}

/* Find the program of an FDE that covers pc. */
static bool
open_fde(const struct cfi_entry *fde, const struct common *c, uint64_t pc, struct run *r)
{
	uint64_t range;
	struct bytes b;

	if (!get_begin(fde, c, &b, &r->loc))
		return false;
	range = get_form(&b, c->encoding & PE_FORM, fde->is64);
	if (c->augmented)
		bytes_take(&b, cfi_uleb(&b));
	if (bytes_bad(&b) || pc < r->loc || pc - r->loc >= range)
		return false;
	r->program = b;
	r->begin = fde->bytes.p;
	r->addr = fde->addr;
	return true;
}

bool
cfi_row_at(
    const struct cfi_entry *cie, const struct cfi_entry *fde, uint64_t pc, struct cfi_row *row)
{
	struct common c;
	struct cfi_row initial;
	struct run r = { .cie = &c, .is64 = fde->is64, .pc = pc, .row = row };

	if (!get_common(cie, &c))
		return false;
	memset(row, 0, sizeof *row);
	row->ra = (uint8_t)c.ra;
	row->signal = c.signal;
	r.program = c.program;
	r.begin = cie->bytes.p;
	r.addr = cie->addr;
	if (!run(&r) || !open_fde(fde, &c, pc, &r))
		return false;
	initial = *row;
	r.initial = &initial;
	r.states = 0;
	return run(&r) && row->cfa.how != CFI_SAME;
}
