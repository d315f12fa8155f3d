/* SPDX-License-Identifier: MIT */

#include "expr.h"
#include "cfi.h"

enum { DEPTH = 32, STEPS = 256 };

/* DW_OP_* */
enum {
	OP_ADDR = 0x03,
	OP_DEREF = 0x06,
	OP_CONST1U = 0x08,
	OP_CONST1S,
	OP_CONST2U,
	OP_CONST2S,
	OP_CONST4U,
	OP_CONST4S,
	OP_CONST8U,
	OP_CONST8S,
	OP_CONSTU,
	OP_CONSTS,
	OP_DUP,
	OP_DROP,
	OP_OVER,
	OP_PICK,
	OP_SWAP,
	OP_ROT,
	OP_ABS = 0x19,
	OP_AND,
	OP_DIV,
	OP_MINUS,
	OP_MOD,
	OP_MUL,
	OP_NEG,
	OP_NOT,
	OP_OR,
	OP_PLUS,
	OP_PLUS_UCONST,
	OP_SHL,
	OP_SHR,
	OP_SHRA,
	OP_XOR,
	OP_BRA,
	OP_EQ,
	OP_GE,
	OP_GT,
	OP_LE,
	OP_LT,
	OP_NE,
	OP_SKIP,
	OP_LIT0 = 0x30,
	OP_BREG0 = 0x70,
	OP_BREGX = 0x92,
	OP_DEREF_SIZE = 0x94,
	OP_NOP = 0x96
};

struct eval {
	const struct expr_world *world;
	struct bytes all, left;
	uint64_t stack[DEPTH];
	size_t n;
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
push_reg(struct eval *e, uint64_t reg)
{
	uint64_t value = 0;

	if (!e->world->reg(e->world->arg, reg, &value))
		e->bad = true;
	push(e, value + (uint64_t)cfi_sleb(&e->left));
}

static void
deref(struct eval *e, unsigned size)
{
	uint64_t value = 0;

	if (size == 0 || size > sizeof value ||
	    !e->world->read(e->world->arg, pop(e), size, &value))
		e->bad = true;
	push(e, value);
}

static void
jump(struct eval *e, bool taken)
{
	int16_t by = (int16_t)bytes_u16(&e->left);
	int64_t at = (int64_t)(e->left.p - e->all.p) + by;

	if (!taken || bytes_bad(&e->left))
		return;
	if (at < 0 || (uint64_t)at > bytes_left(&e->all)) {
		e->bad = true;
		return;
	}
	e->left = e->all;
	bytes_take(&e->left, (size_t)at);
}

/* False if op is no constant. */
static bool
push_constant(struct eval *e, uint8_t op)
{
	struct bytes *b = &e->left;

	switch (op) {
	case OP_ADDR:
		push(e, e->world->size == 4 ? bytes_u32(b) : bytes_u64(b));
		return true;
	case OP_CONST1U:
		push(e, bytes_u8(b));
		return true;
	case OP_CONST1S:
		push(e, (uint64_t)(int8_t)bytes_u8(b));
		return true;
	case OP_CONST2U:
		push(e, bytes_u16(b));
		return true;
	case OP_CONST2S:
		push(e, (uint64_t)(int16_t)bytes_u16(b));
		return true;
	case OP_CONST4U:
		push(e, bytes_u32(b));
		return true;
	case OP_CONST4S:
		push(e, (uint64_t)(int32_t)bytes_u32(b));
		return true;
	case OP_CONST8U:
	case OP_CONST8S:
		push(e, bytes_u64(b));
		return true;
	case OP_CONSTU:
		push(e, cfi_uleb(b));
		return true;
	case OP_CONSTS:
		push(e, (uint64_t)cfi_sleb(b));
		return true;
	default:
		return false;
	}
}

/* False if op does not only move values. */
static bool
move(struct eval *e, uint8_t op)
{
	uint64_t a, b, c;

	switch (op) {
	case OP_DUP:
		push(e, peek(e, 0));
		return true;
	case OP_DROP:
		pop(e);
		return true;
	case OP_OVER:
		push(e, peek(e, 1));
		return true;
	case OP_PICK:
		push(e, peek(e, bytes_u8(&e->left)));
		return true;
	case OP_SWAP:
		a = pop(e);
		b = pop(e);
		push(e, a);
		push(e, b);
		return true;
	case OP_ROT:
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

/* False if op does not have one operand on the stack. */
static bool
unary(struct eval *e, uint8_t op)
{
	uint64_t v;

	switch (op) {
	case OP_ABS:
		v = pop(e);
		push(e, (int64_t)v < 0 ? -v : v);
		return true;
	case OP_NEG:
		push(e, -pop(e));
		return true;
	case OP_NOT:
		push(e, ~pop(e));
		return true;
	case OP_PLUS_UCONST:
		push(e, pop(e) + cfi_uleb(&e->left));
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
	case OP_EQ:
		return a == b;
	case OP_GE:
		return a >= b;
	case OP_GT:
		return a > b;
	case OP_LE:
		return a <= b;
	case OP_LT:
		return a < b;
	case OP_NE:
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
	case OP_AND:
		return a & b;
	case OP_DIV:
		return divide(e, a, b);
	case OP_MINUS:
		return a - b;
	case OP_MOD:
		return b == 0 ? divide(e, a, b) : a % b;
	case OP_MUL:
		return a * b;
	case OP_OR:
		return a | b;
	case OP_PLUS:
		return a + b;
	case OP_SHL:
		return b > 63 ? 0 : a << b;
	case OP_SHR:
		return b > 63 ? 0 : a >> b;
	case OP_SHRA:
		return shift_right_signed(a, b);
	case OP_XOR:
		return a ^ b;
	default:
		return compare(e, op, (int64_t)a, (int64_t)b);
	}
}

static void
step(struct eval *e)
{
	uint8_t op = bytes_u8(&e->left);
	uint64_t a, b;

	if (op >= OP_LIT0 && op < OP_LIT0 + 32)
		push(e, op - OP_LIT0);
	else if (op >= OP_BREG0 && op < OP_BREG0 + 32)
		push_reg(e, op - OP_BREG0);
	else if (op == OP_BREGX)
		push_reg(e, cfi_uleb(&e->left));
	else if (op == OP_DEREF)
		deref(e, e->world->size);
	else if (op == OP_DEREF_SIZE)
		deref(e, bytes_u8(&e->left));
	else if (op == OP_SKIP)
		jump(e, true);
	else if (op == OP_BRA)
		jump(e, pop(e) != 0);
	else if (op != OP_NOP && !push_constant(e, op) && !move(e, op) && !unary(e, op)) {
		b = pop(e);
		a = pop(e);
		push(e, binary(e, op, a, b));
	}
}

bool
expr_eval(
    const struct expr_world *w, struct bytes expr, bool pushed, uint64_t value, uint64_t *result)
{
	struct eval e = { .world = w, .all = expr, .left = expr };
	int steps;

	if (pushed)
		push(&e, value);
	for (steps = 0; bytes_left(&e.left) > 0 && !e.bad && !bytes_bad(&e.left); steps++) {
		if (steps == STEPS || *w->work == 0)
			return false;
		--*w->work;
		step(&e);
	}
	if (e.bad || bytes_bad(&e.left) || e.n == 0)
		return false;
	*result = e.stack[e.n - 1];
	return true;
}
