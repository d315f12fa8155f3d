/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "ustack.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { MAXREGS = 33, BLOCK = 64, UNUSED = CFI_REGS };

static const uint64_t MAXWORDS = UINT64_MAX / 8;

/* The registers in perf's order, with their numbers. */
struct isa {
	struct str name;
	unsigned size;
	uint8_t pc, sp, fp; /* fp: CFI_REGS if frames are not chained by it in one way */
	uint64_t code;
	struct {
		struct str name;
		uint8_t number;
	} reg[MAXREGS + 1];
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

/* --- numbers */

#ifdef __SSE2__
/* Take 16 bytes as hex digits. Returns those that are none: bit i for byte i. */
static unsigned
get_digits(const char *s, __m128i *digits)
{
	const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)s);
	const __m128i letters = _mm_cmpgt_epi8(v, _mm_set1_epi8('9'));
	const __m128i least = _mm_and_si128(letters, _mm_set1_epi8(10)); /* of a letter's value */
	__m128i other;

	*digits = _mm_sub_epi8(v, _mm_set1_epi8('0'));
	*digits = _mm_sub_epi8(*digits, _mm_and_si128(letters, _mm_set1_epi8('a' - '9' - 1)));
	other = _mm_or_si128(
	    _mm_cmplt_epi8(*digits, least), _mm_cmpgt_epi8(*digits, _mm_set1_epi8(15)));
	return (unsigned)_mm_movemask_epi8(other);
}

/* The number that the first 1 to 16 digits make; the others may be any bytes. */
static uint64_t
join_digits(__m128i digits, unsigned n)
{
	digits = _mm_and_si128(digits, _mm_set1_epi8(15));
	/* two in each 16 bits, the first one low */
	digits = _mm_or_si128(_mm_slli_epi16(digits, 4), _mm_srli_epi16(digits, 8));
	digits = _mm_and_si128(digits, _mm_set1_epi16(0xff));
	digits = _mm_packus_epi16(digits, digits);
	return __builtin_bswap64((uint64_t)_mm_cvtsi128_si64(digits)) >> (64 - 4 * n);
}

/* text_hex(), faster for numbers of many digits. */
static const char *
take_hex(const char *s, const char *end, uint64_t *v)
{
	__m128i digits;
	unsigned n;

	if (end - s <= 16)
		return text_hex(s, end, v);
	n = (unsigned)__builtin_ctz(get_digits(s, &digits) | 0x10000);
	if (n == 0 || n == 16 || (*s == '0' && n > 1))
		return text_hex(s, end, v);
	*v = join_digits(digits, n);
	return s + n;
}
#else
static const char *
take_hex(const char *s, const char *end, uint64_t *v)
{
	return text_hex(s, end, v);
}
#endif

/* --- registers */

/* The place of a register in its isa; MAXREGS, where there is none, if it is unknown. */
static size_t
find_reg(const struct isa *isa, struct str name)
{
	size_t i;

	for (i = 0; i < MAXREGS && !str_eq(isa->reg[i].name, name); i++)
		;
	return i;
}

/* Take the next register, NAME=0xVALUE, which is expected to be that at *place of its isa. */
static bool
take_reg(struct ustack *u, const struct isa *isa, struct str *left, size_t *place)
{
	const char *end = left->p + left->n, *p;
	struct str name = { left->p, isa->reg[*place].name.n };
	uint64_t value;

	if (name.n == 0 || name.n >= left->n || name.p[name.n] != '=' ||
	    !str_eq(name, isa->reg[*place].name)) {
		if ((p = memchr(name.p, '=', left->n)) == NULL)
			return false;
		name.n = (size_t)(p - name.p);
		*place = find_reg(isa, name);
	}
	p = name.p + name.n;
	if (!str_starts((struct str){ p, (size_t)(end - p) }, "=0x") ||
	    (p = take_hex(p + 3, end, &value)) == NULL || (p < end && *p != ' '))
		return false;
	if (isa->reg[*place].number < UNUSED && isa->reg[*place].name.n > 0)
		ustack_set(u, isa->reg[*place].number, u->size == 4 ? (uint32_t)value : value);
	*place += *place < MAXREGS;
	*left = (struct str){ p + (p < end), (size_t)(end - p) - (p < end) };
	return true;
}

bool
ustack_open(struct ustack *u, const struct rec_usample *s)
{
	const struct isa *isa = find_isa(s->isa);
	struct str left = s->regs;
	size_t place = 0;

	u->known = u->saved = 0;
	u->damaged = false;
	u->n = 0;
	if (isa == NULL)
		return false;
	u->size = isa->size;
	u->pc = isa->pc;
	u->sp = isa->sp;
	u->fp = isa->fp;
	u->code = isa->code;
	while (left.n > 0)
		if (!take_reg(u, isa, &left, &place))
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

/* --- words: numbers, and runs of words that are equal, 0*N or -*N, N being hexadecimal */

/* Which of 64 bytes are blanks, and which are stars: bit i is for byte i. */
#ifdef __SSE2__
static void
find_marks(const char *s, uint64_t *blanks, uint64_t *stars)
{
	const __m128i blank = _mm_set1_epi8(' '), star = _mm_set1_epi8('*');
	__m128i v;
	int i;

	*blanks = *stars = 0;
	for (i = 0; i < BLOCK; i += 16) {
		v = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
		*blanks |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, blank)) << i;
		*stars |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, star)) << i;
	}
}
#else
static void
find_marks(const char *s, uint64_t *blanks, uint64_t *stars)
{
	int i;

	*blanks = *stars = 0;
	for (i = 0; i < BLOCK; i++) {
		*blanks |= (uint64_t)(s[i] == ' ') << i;
		*stars |= (uint64_t)(s[i] == '*') << i;
	}
}
#endif

/* Is the run with a star there well-formed? */
static bool
check_run(const struct ustack *u, size_t at)
{
	const char *p = u->words.p + at, *end = u->words.p + u->words.n;

	if (at == 0 || (p[-1] != '0' && p[-1] != '-') || (at > 1 && p[-2] != ' '))
		return false;
	if (++p == end || *p == '0' || *p == ' ')
		return false;
	while (p < end && text_nibble[(unsigned char)*p] > 0)
		p++;
	return p == end || *p == ' ';
}

/* The number of words that a well-formed run has besides one, MAXWORDS at most. at: of its star. */
static uint64_t
get_run(const struct ustack *u, size_t at)
{
	const char *p = u->words.p + at + 1, *end = u->words.p + u->words.n;
	uint64_t n;

	p = text_hex(p, end - p > 17 ? p + 17 : end, &n); /* NULL: more than 16 digits */
	return p != NULL && n < MAXWORDS ? n - 1 : MAXWORDS;
}

/* Look at the next block; a blank is taken to follow the text. False at its end. */
static bool
next_block(struct ustack *u)
{
	size_t at = u->n * BLOCK, left = u->words.n - at;
	char last[BLOCK] = "";
	struct ustack_block *b;
	uint64_t stars;

	if (at > u->words.n)
		return false;
	u->block = mem_grow(u->block, u->n + 1, &u->cap, sizeof *u->block);
	b = &u->block[u->n++];
	if (left < BLOCK) {
		memcpy(last, u->words.p + at, left);
		last[left] = ' ';
	}
	find_marks(left < BLOCK ? last : u->words.p + at, &b->blanks, &b->stars);
	b[1].before = b->before + (unsigned)__builtin_popcountll(b->blanks);
	for (stars = b->stars; stars != 0; stars &= stars - 1) {
		if (!check_run(u, at + (unsigned)__builtin_ctzll(stars))) {
			u->damaged = true;
			break;
		}
		b[1].before += get_run(u, at + (unsigned)__builtin_ctzll(stars));
		if (b[1].before > MAXWORDS)
			b[1].before = MAXWORDS;
	}
	return true;
}

/* The place of word i, which is not before the block, nor after it. */
static size_t
find_word(const struct ustack *u, size_t block, uint64_t i)
{
	const struct ustack_block *b = &u->block[block];
	uint64_t marks = b->blanks | b->stars, at = b->before;
	size_t begin = block * BLOCK, place = begin;
	unsigned bit;

	if (at == i)
		while (place > 0 && begin - place < TEXT_NUMBER && u->words.p[place - 1] != ' ')
			place--;
	for (; at < i; marks &= marks - 1) {
		bit = (unsigned)__builtin_ctzll(marks);
		place = begin + bit + 1;
		if (b->blanks >> bit & 1) {
			at++;
		} else {
			at += get_run(u, place - 1);
			place -= 2;
		}
	}
	return place;
}

/* The block that word i is in, which has been looked at. */
static size_t
find_block(const struct ustack *u, uint64_t i)
{
	size_t low = u->last, high = u->n, middle; /* it is one from low on, before high */

	if (u->block[low].before > i) {
		high = low;
		low = 0;
	} else if (u->block[low + 1].before > i) {
		return low;
	} else if (u->block[low + 2].before > i) {
		return low + 1;
	}
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (u->block[middle].before > i)
			high = middle;
		else
			low = middle;
	}
	return low;
}

/* Get word i. Returns false if it is not known, with a mark set if there are fewer or it is
 * damaged. */
static bool
get_word(struct ustack *u, uint64_t i, uint64_t *word)
{
	const char *p, *s, *end = u->words.p + u->words.n;

	while (u->block[u->n].before <= i)
		if (!next_block(u)) {
			u->cut = true;
			return false;
		}
	if (u->damaged)
		return false;
	u->last = find_block(u, i);
	s = u->words.p + find_word(u, u->last, i);
	p = take_hex(s, end, word);
	if (p != NULL && (p == end || *p == ' ' || (*p == '*' && *word == 0)))
		return true;
	u->damaged = end - s < 2 || s[0] != '-' || s[1] != '*';
	return false;
}

bool
ustack_read(struct ustack *u, uint64_t addr, unsigned size, uint64_t *value)
{
	uint64_t at = addr - u->begin, first, second = 0;
	unsigned shift = 8 * (unsigned)(at % 8);

	if (addr < u->begin || !get_word(u, at / 8, &first))
		return false;
	if (shift + 8 * size > 64 && !get_word(u, at / 8 + 1, &second))
		return false;
	*value = shift == 0 ? first : first >> shift | second << (64 - shift);
	if (size < 8)
		*value &= (UINT64_C(1) << 8 * size) - 1;
	return true;
}

bool
ustack_restore(struct ustack *u, uint64_t reg, uint64_t *value)
{
	if (reg >= CFI_REGS || (u->saved >> reg & 1) == 0)
		return false;
	if (!ustack_read(u, u->reg[reg], u->size, value)) {
		ustack_forget(u, (unsigned)reg);
		return false;
	}
	ustack_set(u, (unsigned)reg, *value);
	return true;
}
