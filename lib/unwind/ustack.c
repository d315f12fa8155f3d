/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "ustack.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	MAXREGS = 33,
	UNUSED = CFI_REGS,
	BLOCK = 64, /* bytes of text that are looked at together */
	ROOM = 16,
	NEAR = 8 /* blocks */
};

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

/* With what follows the name. */
#define REG(name, number)                                                                          \
	{                                                                                          \
		STR_INIT(name "=0x"), number                                                       \
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

/* The place of a register in its isa; MAXREGS, where there is none, if it is unknown. The name ends
 * with "=0x". */
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

	if (name.n == 0 || name.n > left->n || !str_eq(name, isa->reg[*place].name)) {
		if ((p = memchr(name.p, '=', left->n)) == NULL)
			return false;
		if (!str_starts((struct str){ p, (size_t)(end - p) }, "=0x"))
			return false;
		name.n = (size_t)(p + 3 - name.p);
		*place = find_reg(isa, name);
	}
	p = take_hex(name.p + name.n, end, &value);
	if (p == NULL || (p < end && *p != ' '))
		return false;
	if (isa->reg[*place].number < UNUSED && isa->reg[*place].name.n > 0)
		ustack_set(u, isa->reg[*place].number, u->size == 4 ? (uint32_t)value : value);
	*place += *place < MAXREGS;
	*left = (struct str){ p + (p < end), (size_t)(end - p) - (p < end) };
	return true;
}

/* Set the words, so that a blank follows them, and bytes that can be read. Returns whether they are
 * those of the stack before; what was counted of them remains. */
static bool
set_words(struct ustack *u, struct str words)
{
	u->reach = 0;
	u->last.block = u->last.at = u->last.word = 0;
	if (u->text.n == words.n + 1 && !u->damaged && memcmp(u->text.p, words.p, words.n) == 0)
		return true;
	strbuf_clear(&u->text);
	memset(strbuf_reserve(&u->text, words.n + 1 + BLOCK + ROOM) + words.n + 1, 0, BLOCK + ROOM);
	strbuf_add(&u->text, words);
	strbuf_putc(&u->text, ' ');
	u->next = u->n = 0;
	u->end = 0;
	u->damaged = false;
	return false;
}

static bool
take_regs(struct ustack *u, const struct isa *isa, struct str regs)
{
	size_t place = 0;

	u->size = isa->size;
	u->pc = isa->pc;
	u->sp = isa->sp;
	u->fp = isa->fp;
	u->code = isa->code;
	u->known = u->saved = 0;
	while (regs.n > 0)
		if (!take_reg(u, isa, &regs, &place))
			return false;
	return (u->known >> u->pc & u->known >> u->sp & 1) != 0;
}

bool
ustack_open(struct ustack *u, const struct rec_usample *s)
{
	const struct isa *isa = find_isa(s->isa);
	const uint64_t begin = u->begin;
	const unsigned pc = u->pc; /* that of each isa is another */

	if (isa == NULL || !take_regs(u, isa, s->regs)) {
		strbuf_clear(&u->text);
		return false;
	}
	u->asked = 0;
	u->begin = u->reg[u->sp];
	u->same = set_words(u, s->words) && begin == u->begin && pc == u->pc;
	return true;
}

void
ustack_free(struct ustack *u)
{
	free(u->block);
	strbuf_free(&u->text);
}

/* --- words: numbers, and runs of words that are equal, 0*N or -*N, N being hexadecimal */

/* A word, or a run of n. */
struct run {
	uint64_t n, value;
	bool unknown; /* it has no value */
	bool damaged;
};

/* Parse one with any number of digits. */
static struct run
get_long(const char *p, const char *end)
{
	struct run r = { .n = 1 };

	if (end - p < 3 || p[1] != '*') {
		r.damaged = text_hex(p, end, &r.value) != end;
		return r;
	}
	r.unknown = *p == '-';
	r.damaged = (!r.unknown && *p != '0') || p[2] == '0';
	r.n = 0;
	for (p += 2; p < end && text_nibble[(unsigned char)*p] > 0; p++)
		r.n = r.n < MAXWORDS / 16 ? r.n << 4 | (text_nibble[(unsigned char)*p] - 1u)
					  : MAXWORDS;
	r.damaged |= p < end;
	return r;
}

#ifdef __SSE2__
/* The same; 16 bytes after it can be read. */
static inline struct run
get_run(const char *p, const char *end)
{
	const bool is_run = end - p > 2 && p[1] == '*', unknown = is_run && *p == '-';
	const char *first = is_run ? p + 2 : p;
	const size_t n = (size_t)(end - first);
	__m128i digits;
	unsigned bad;
	uint64_t v;

	if (n - 1 >= 16)
		return get_long(p, end);
	bad = get_digits(first, &digits) & ((1U << n) - 1);
	bad |= *first == '0' && end - p > 1;
	bad |= is_run && !unknown && *p != '0';
	v = join_digits(digits, (unsigned)n);
	return (struct run){ is_run ? v : 1, is_run ? 0 : v, unknown, bad != 0 };
}

/* Which of BLOCK bytes are c? Bit i is for byte i. */
static inline uint64_t
find_bytes(const char *s, char c)
{
	const __m128i all = _mm_set1_epi8(c);
	uint64_t found = 0;
	__m128i v;
	int i;

	for (i = 0; i < BLOCK; i += 16) {
		v = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
		found |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, all)) << i;
	}
	return found;
}
#else
static struct run
get_run(const char *p, const char *end)
{
	return get_long(p, end);
}

static uint64_t
find_bytes(const char *s, char c)
{
	uint64_t found = 0;
	int i;

	for (i = 0; i < BLOCK; i++)
		found |= (uint64_t)(s[i] == c) << i;
	return found;
}
#endif

/* The number of words that a number or run is; a malformed one is one word. */
static inline uint64_t
count(const char *p, const char *end)
{
	const char *first = p + 2;
	uint64_t n = 0;
	struct run run;

	if (p[1] != '*')
		return 1;
	if (end - first > 8) {
		run = get_long(p, end);
		return run.damaged ? 1 : run.n;
	}
	for (p = first; p < end && text_nibble[(unsigned char)*p] > 0; p++)
		n = n << 4 | (text_nibble[(unsigned char)*p] - 1u);
	return n == 0 || p < end || *first == '0' ? 1 : n;
}

static inline uint64_t
add(uint64_t words, uint64_t n)
{
	return n < MAXWORDS - words ? words + n : MAXWORDS;
}

/* Count the words that end in the next BLOCK bytes. Returns false at the end of the text. */
static bool
count_block(struct ustack *u)
{
	const size_t at = u->n * BLOCK;
	const char *block = u->text.p + at, *p;
	struct ustack_block b = { .words = u->end, .first = u->next };
	uint64_t runs, last;

	if (at >= u->text.n)
		return false;
	b.blanks = find_bytes(block, ' ');
	if (u->n == u->cap)
		u->block = mem_grow(u->block, u->n, &u->cap, sizeof *u->block);
	u->block[u->n++] = b;
	if (b.blanks == 0)
		return true;
	/* the first one may begin before the block, the others follow a blank */
	u->end = add(u->end, count(u->text.p + b.first, block + __builtin_ctzll(b.blanks)));
	u->end = add(u->end, (uint64_t)__builtin_popcountll(b.blanks) - 1);
	last = UINT64_C(1) << (BLOCK - 1 - __builtin_clzll(b.blanks));
	runs = find_bytes(block, '*') & b.blanks << 2 & ~(b.blanks << 1) & (last - 1);
	for (; runs != 0; runs &= runs - 1) {
		p = block + __builtin_ctzll(runs) - 1;
		u->end =
		    add(u->end, count(p, block + __builtin_ctzll(b.blanks & -(runs & -runs))) - 1);
	}
	u->next = at + BLOCK - (size_t)__builtin_clzll(b.blanks);
	return true;
}

/* Make the last word the first one of the block in which word i, which was counted, ends. */
static void
find_block(struct ustack *u, uint64_t i)
{
	size_t low = u->last.block, high = u->n, near = low + NEAR, middle;

	if (u->block[low].words > i) {
		high = low;
		low = 0;
	} else {
		while (low < near && low + 1 < high && u->block[low + 1].words <= i)
			low++;
		high = low < near ? low + 1 : high;
	}
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (u->block[middle].words > i)
			high = middle;
		else
			low = middle;
	}
	if (low != u->last.block || i < u->last.word) {
		u->last.block = low;
		u->last.at = u->block[low].first;
		u->last.word = u->block[low].words;
	}
}

/* Find word i, which was counted: the last word becomes it, or the run that has it. */
static struct run
find_word(struct ustack *u, uint64_t i)
{
	const char *block, *p, *end;
	uint64_t blanks, n;

	find_block(u, i);
	block = u->text.p + u->last.block * BLOCK;
	blanks = u->block[u->last.block].blanks;
	p = u->text.p + u->last.at;
	if (p > block)
		blanks &= UINT64_MAX << (p - block);
	for (;; blanks &= blanks - 1, p = end + 1) {
		end = block + __builtin_ctzll(blanks);
		n = count(p, end);
		if (i - u->last.word < n)
			break;
		u->last.word += n;
	}
	u->last.at = (size_t)(p - u->text.p);
	return get_run(p, end);
}

/* Get word i. Returns false if it is not known, with a mark set if there are fewer or it is
 * damaged. */
static bool
get_word(struct ustack *u, uint64_t i, uint64_t *word)
{
	struct run run;

	while (u->end <= i)
		if (!count_block(u)) {
			u->cut = true;
			return false;
		}
	if (u->damaged)
		return false;
	run = find_word(u, i);
	u->reach = u->last.at < u->reach ? u->reach : u->last.at + 1;
	u->damaged = run.damaged;
	*word = run.value;
	return !run.unknown && !run.damaged;
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
ustack_restore(struct ustack *u, unsigned reg, uint64_t *value)
{
	if ((u->saved >> reg & 1) == 0)
		return false;
	if (!ustack_read(u, u->reg[reg], u->size, value)) {
		ustack_forget(u, reg);
		return false;
	}
	ustack_set(u, reg, *value);
	return true;
}
