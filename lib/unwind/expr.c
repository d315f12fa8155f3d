/* SPDX-License-Identifier: MIT */

#include <dwarf.h>

#include "expr.h"

enum { DEPTH = 32, STEPS = 256 };

struct eval {
	const struct expr_world *world;
	uint64_t stack[DEPTH];
	size_t n;    /* values on it */
	size_t next; /* operation */
	bool bad;
};

static void
push(struct eval *e, uint64_t v)
{
	if (e->n == DEPTH)
		e->bad = true;
	else
		e->stack[e->n++] = v;
}

static uint64_t
pop(struct eval *e)
{
	if (e->n == 0) {
		e->bad = true;
		return 0;
	}
	return e->stack[--e->n];
}

/* The i-th value from the top. */
static uint64_t
peek(struct eval *e, size_t i)
{
	if (i >= e->n) {
		e->bad = true;
		return 0;
	}
	return e->stack[e->n - 1 - i];
}

static void
push_reg(struct eval *e, uint64_t reg, uint64_t off)
{
	uint64_t value = 0;

	if (!e->world->reg(e->world->arg, reg, &value))
		e->bad = true;
	push(e, value + off);
}

static void
deref(struct eval *e, uint64_t size)
{
	uint64_t value = 0;

	if (size == 0 || size > sizeof value ||
	    !e->world->read(e->world->arg, pop(e), (unsigned)size, &value))
		e->bad = true;
	push(e, value);
}

/* Is it an operation that pushes its operand? libdw has extended the signs. */
static bool
is_constant(uint8_t atom)
{
	return atom == DW_OP_addr || (atom >= DW_OP_const1u && atom <= DW_OP_consts);
}

/* False if it does not only move values. */
static bool
move(struct eval *e, const struct expr_op *op)
{
	uint64_t a, b, c;

	switch (op->atom) {
	case DW_OP_dup:
		push(e, peek(e, 0));
		return true;
	case DW_OP_drop:
		pop(e);
		return true;
	case DW_OP_over:
		push(e, peek(e, 1));
		return true;
	case DW_OP_pick:
		push(e, peek(e, op->number));
		return true;
	case DW_OP_swap:
		a = pop(e);
		b = pop(e);
		push(e, a);
		push(e, b);
		return true;
	case DW_OP_rot:
		a = pop(e);
		b = pop(e);
		c = pop(e);
		push(e, a);
		push(e, c);
		push(e, b);
		return true;
	default:
		return false;
	}
}

/* False if it does not have one operand on the stack. */
static bool
unary(struct eval *e, const struct expr_op *op)
{
	uint64_t v;

	switch (op->atom) {
	case DW_OP_abs:
		v = pop(e);
		push(e, (int64_t)v < 0 ? -v : v);
		return true;
	case DW_OP_neg:
		push(e, -pop(e));
		return true;
	case DW_OP_not:
		push(e, ~pop(e));
		return true;
	case DW_OP_plus_uconst:
		push(e, pop(e) + op->number);
		return true;
	default:
		return false;
	}
}

static uint64_t
shift_right_signed(uint64_t a, uint64_t n)
{
	uint64_t sign = (int64_t)a < 0 ? ~UINT64_C(0) : 0;

	if (n == 0)
		return a;
	return n > 63 ? sign : a >> n | (sign << (64 - n));
}

static uint64_t
divide(struct eval *e, uint64_t a, uint64_t b)
{
	if (b == 0) {
		e->bad = true;
		return 0;
	}
	return b == UINT64_MAX ? -a : (uint64_t)((int64_t)a / (int64_t)b);
}

/* a op b, for the operators that compare; others are unknown. */
static uint64_t
compare(struct eval *e, uint8_t op, int64_t a, int64_t b)
{
	switch (op) {
	case DW_OP_eq:
		return a == b;
	case DW_OP_ge:
		return a >= b;
	case DW_OP_gt:
		return a > b;
	case DW_OP_le:
		return a <= b;
	case DW_OP_lt:
		return a < b;
	case DW_OP_ne:
		return a != b;
	default:
		e->bad = true;
		return 0;
	}
}

/* a op b, for the operators with two operands. */
static uint64_t
binary(struct eval *e, uint8_t op, uint64_t a, uint64_t b)
{
	switch (op) {
	case DW_OP_and:
		return a & b;
	case DW_OP_div:
		return divide(e, a, b);
	case DW_OP_minus:
		return a - b;
	case DW_OP_mod:
		return b == 0 ? divide(e, a, b) : a % b;
	case DW_OP_mul:
		return a * b;
	case DW_OP_or:
		return a | b;
	case DW_OP_plus:
		return a + b;
	case DW_OP_shl:
		return b > 63 ? 0 : a << b;
	case DW_OP_shr:
		return b > 63 ? 0 : a >> b;
	case DW_OP_shra:
		return shift_right_signed(a, b);
	case DW_OP_xor:
		return a ^ b;
	default:
		return compare(e, op, (int64_t)a, (int64_t)b);
	}
}

static void
step(struct eval *e, const struct expr_op *op)
{
	uint64_t a, b;

	if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
		push(e, op->atom - DW_OP_lit0);
	else if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
		push_reg(e, op->atom - DW_OP_breg0, op->number);
	else if (op->atom == DW_OP_bregx)
		push_reg(e, op->number, op->number2);
	else if (op->atom == DW_OP_call_frame_cfa)
		push(e, e->world->cfa);
	else if (is_constant(op->atom))
		push(e, op->number);
	else if (op->atom == DW_OP_deref)
		deref(e, e->world->size);
	else if (op->atom == DW_OP_deref_size)
		deref(e, op->number);
	else if (op->atom == DW_OP_skip || (op->atom == DW_OP_bra && pop(e) != 0))
		e->next = op->number;
	else if (op->atom != DW_OP_bra && op->atom != DW_OP_nop && op->atom != DW_OP_stack_value &&
		 !move(e, op) && !unary(e, op)) {
		b = pop(e);
		a = pop(e);
		push(e, binary(e, op->atom, a, b));
	}
}

bool
expr_eval(const struct expr_world *w, const struct expr_op *op, size_t n, uint64_t *result)
{
	struct eval e;
	int steps;

	e.world = w;
	e.n = e.next = 0;
	e.bad = false;
	for (steps = 0; e.next < n && !e.bad; steps++) {
		if (steps == STEPS || *w->work == 0)
			return false;
		--*w->work;
		step(&e, &op[e.next++]);
	}
	if (e.bad || e.n == 0)
		return false;
	*result = e.stack[e.n - 1];
	return true;
}
