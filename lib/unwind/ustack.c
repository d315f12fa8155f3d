/* SPDX-License-Identifier: MIT */

#include <endian.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ustack.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { MAXREGS = 33, BLOCK = 64, UNUSED = CFI_REGS };

/* The registers in perf's order, with their numbers. */
struct isa {
	struct str name;
	unsigned size;
	uint8_t pc, sp, fp; /* fp: CFI_REGS if frames are not chained by it in one way */
	uint64_t code;
	struct {
		struct str name;
		uint8_t number;
	} reg[MAXREGS];
};

#define REG(name, number)                                                                          \
	{                                                                                          \
		STR_INIT(name), number                                                             \
	}

static const struct isa isas[] = {
	{ STR_INIT("x86_64"), 8, 16, 7, 6, UINT64_MAX,
	    { REG("ax", 0), REG("bx", 3), REG("cx", 2), REG("dx", 1), REG("si", 4), REG("di", 5),
		REG("bp", 6), REG("sp", 7), REG("ip", 16), REG("flags", UNUSED), REG("cs", UNUSED),
		REG("ss", UNUSED), REG("r8", 8), REG("r9", 9), REG("r10", 10), REG("r11", 11),
		REG("r12", 12), REG("r13", 13), REG("r14", 14), REG("r15", 15) } },
	{ STR_INIT("i386"), 4, 8, 4, 5, UINT64_MAX,
	    { REG("ax", 0), REG("bx", 3), REG("cx", 1), REG("dx", 2), REG("si", 6), REG("di", 7),
		REG("bp", 5), REG("sp", 4), REG("ip", 8), REG("flags", UNUSED), REG("cs", UNUSED),
		REG("ss", UNUSED) } },
	{ STR_INIT("aarch64"), 8, 32, 31, 29, (UINT64_C(1) << 48) - 1, /* it may be signed */
	    { REG("x0", 0), REG("x1", 1), REG("x2", 2), REG("x3", 3), REG("x4", 4), REG("x5", 5),
		REG("x6", 6), REG("x7", 7), REG("x8", 8), REG("x9", 9), REG("x10", 10),
		REG("x11", 11), REG("x12", 12), REG("x13", 13), REG("x14", 14), REG("x15", 15),
		REG("x16", 16), REG("x17", 17), REG("x18", 18), REG("x19", 19), REG("x20", 20),
		REG("x21", 21), REG("x22", 22), REG("x23", 23), REG("x24", 24), REG("x25", 25),
		REG("x26", 26), REG("x27", 27), REG("x28", 28), REG("x29", 29), REG("lr", 30),
		REG("sp", 31), REG("pc", 32) } },
	{ STR_INIT("arm"), 4, 15, 13, CFI_REGS, ~UINT64_C(1), /* bit 0: Thumb */
	    { REG("r0", 0), REG("r1", 1), REG("r2", 2), REG("r3", 3), REG("r4", 4), REG("r5", 5),
		REG("r6", 6), REG("r7", 7), REG("r8", 8), REG("r9", 9), REG("r10", 10),
		REG("fp", 11), REG("ip", 12), REG("sp", 13), REG("lr", 14), REG("pc", 15) } },
};

static const struct isa *
find_isa(struct str name)
{
	size_t i;

	for (i = 0; i < sizeof isas / sizeof *isas; i++)
		if (str_eq(isas[i].name, name))
			return &isas[i];
	return NULL;
}

/* The place of a register in its isa, from the one expected on; MAXREGS if it is unknown. */
static size_t
find_reg(const struct isa *isa, struct str name, size_t expected)
{
	size_t i, at;

	for (i = 0; i < MAXREGS; i++) {
		at = (expected + i) % MAXREGS;
		if (str_eq(isa->reg[at].name, name))
			return at;
	}
	return MAXREGS;
}

static bool
take_reg(struct ustack *u, const struct isa *isa, struct str word, size_t *expected)
{
	const char *end = word.p + word.n, *equals = memchr(word.p, '=', word.n);
	uint64_t value;
	size_t at;

	if (equals == NULL || !str_starts((struct str){ equals, (size_t)(end - equals) }, "=0x") ||
	    text_hex(equals + 3, end, &value) != end)
		return false;
	at = find_reg(isa, (struct str){ word.p, (size_t)(equals - word.p) }, *expected);
	if (at == MAXREGS)
		return true;
	if (isa->reg[at].number != UNUSED)
		ustack_set(u, isa->reg[at].number, u->size == 4 ? (uint32_t)value : value);
	*expected = at + 1;
	return true;
}

bool
ustack_open(struct ustack *u, const struct rec_usample *s)
{
	const struct isa *isa = find_isa(s->isa);
	struct str left = s->regs, word;
	size_t expected = 0;

	u->known = u->saved = 0;
	u->n = 0;
	if (isa == NULL)
		return false;
	u->size = isa->size;
	u->pc = isa->pc;
	u->sp = isa->sp;
	u->fp = isa->fp;
	u->code = isa->code;
	while ((word = str_word(&left)).n > 0)
		if (!take_reg(u, isa, word, &expected))
			return false;
	u->words = s->words;
	u->block = mem_grow(u->block, 0, &u->cap, sizeof *u->block);
	u->block[0].before = 0;
	u->n = u->last = 0;
	return ustack_reg(u, u->sp, &u->begin) && u->known >> u->pc & 1;
}

void
ustack_free(struct ustack *u)
{
	free(u->block);
}

/* --- words */

/* Which of 64 bytes are blanks: bit i is for byte i. */
#ifdef __SSE2__
static uint64_t
find_blanks(const char *s)
{
	const __m128i blank = _mm_set1_epi8(' ');
	uint64_t blanks = 0;
	__m128i v;
	int i;

	for (i = 0; i < BLOCK; i += 16) {
		v = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
		blanks |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, blank)) << i;
	}
	return blanks;
}
#else
static uint64_t
find_blanks(const char *s)
{
	const uint64_t ones = 0x0101010101010101, low = ones * 0x7f;
	uint64_t w, other, blanks = 0;
	int i;

	for (i = 0; i < BLOCK; i += 8) {
		memcpy(&w, s + i, sizeof w);
		w = le64toh(w) ^ ones * ' ';
		other = ((w & low) + low) | w; /* bit 7: not a blank */
		blanks |= ((~other >> 7 & ones) * 0x0102040810204080 >> 56) << i;
	}
	return blanks;
}
#endif

/* Look at the next block. False at the end of the text. */
static bool
next_block(struct ustack *u)
{
	size_t at = u->n * BLOCK, left = u->words.n - at;
	char padded[BLOCK] = "";
	struct ustack_block *b;

	if (at >= u->words.n)
		return false;
	u->block = mem_grow(u->block, u->n + 1, &u->cap, sizeof *u->block);
	b = &u->block[u->n++];
	if (left < BLOCK)
		memcpy(padded, u->words.p + at, left);
	b[0].blanks = find_blanks(left < BLOCK ? padded : u->words.p + at);
	b[1].before = b[0].before + (unsigned)__builtin_popcountll(b[0].blanks);
	return true;
}

/* The place after blank number i, counted from 1; NULL if there are fewer. */
static const char *
after_blank(struct ustack *u, uint64_t i)
{
	size_t b = u->last;
	uint64_t bits, skip;

	while (u->block[u->n].before < i)
		if (!next_block(u))
			return NULL;
	while (u->block[b].before >= i)
		b--;
	while (u->block[b + 1].before < i)
		b++;
	u->last = b;
	bits = u->block[b].blanks;
	for (skip = i - u->block[b].before - 1; skip > 0; skip--)
		bits &= bits - 1;
	return u->words.p + b * BLOCK + (unsigned)__builtin_ctzll(bits) + 1;
}

static bool
get_word(struct ustack *u, uint64_t i, uint64_t *word)
{
	const char *end = u->words.p + u->words.n, *p = i == 0 ? u->words.p : after_blank(u, i);

	p = p == NULL ? NULL : text_hex(p, end, word);
	return p != NULL && (p == end || *p == ' ');
}

/* Note why words could not be read: are there fewer? */
static bool
fail(struct ustack *u, uint64_t i)
{
	while (u->block[u->n].before < i)
		if (!next_block(u))
			break;
	u->cut = u->cut || u->block[u->n].before < i;
	return false;
}

bool
ustack_read(struct ustack *u, uint64_t addr, unsigned size, uint64_t *value)
{
	uint64_t at = addr - u->begin, first, second = 0;
	unsigned shift = 8 * (unsigned)(at % 8);

	if (addr < u->begin)
		return false;
	if (!get_word(u, at / 8, &first))
		return fail(u, at / 8);
	if (shift + 8 * size > 64 && !get_word(u, at / 8 + 1, &second))
		return fail(u, at / 8 + 1);
	*value = shift == 0 ? first : first >> shift | second << (64 - shift);
	if (size < 8)
		*value &= (UINT64_C(1) << 8 * size) - 1;
	return true;
}

bool
ustack_reg(struct ustack *u, uint64_t reg, uint64_t *value)
{
	if (reg >= CFI_REGS)
		return false;
	if (u->saved >> reg & 1) {
		if (ustack_read(u, u->reg[reg], u->size, value))
			ustack_set(u, (unsigned)reg, *value);
		else
			ustack_forget(u, (unsigned)reg);
	}
	*value = u->reg[reg];
	return u->known >> reg & 1;
}
