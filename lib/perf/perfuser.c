/* SPDX-License-Identifier: MIT */

/* Facts: arch/ARCH/include/uapi/asm/perf_regs.h of Linux 6.18. */

#include "perfrec_int.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	REGS = 64,
	ABI_32 = 1,
	ABI_64 = 2,
	STACKS = sizeof((struct perf_user *)NULL)->stack / sizeof(struct perf_user_stack)
};

/* How a register is written, before its value. */
struct reg {
	char text[sizeof "flags=0x"];
	uint8_t n;
};

#define REG(name)                                                                                  \
	{                                                                                          \
		name "=0x", sizeof name "=0x" - 1                                                  \
	}

static const struct reg x86_regs[REGS] = { REG("ax"), REG("bx"), REG("cx"), REG("dx"), REG("si"),
	REG("di"), REG("bp"), REG("sp"), REG("ip"), REG("flags"), REG("cs"), REG("ss"), REG("ds"),
	REG("es"), REG("fs"), REG("gs"), REG("r8"), REG("r9"), REG("r10"), REG("r11"), REG("r12"),
	REG("r13"), REG("r14"), REG("r15") };
static const struct reg arm_regs[REGS] = { REG("r0"), REG("r1"), REG("r2"), REG("r3"), REG("r4"),
	REG("r5"), REG("r6"), REG("r7"), REG("r8"), REG("r9"), REG("r10"), REG("fp"), REG("ip"),
	REG("sp"), REG("lr"), REG("pc") };
static const struct reg arm64_regs[REGS] = { REG("x0"), REG("x1"), REG("x2"), REG("x3"), REG("x4"),
	REG("x5"), REG("x6"), REG("x7"), REG("x8"), REG("x9"), REG("x10"), REG("x11"), REG("x12"),
	REG("x13"), REG("x14"), REG("x15"), REG("x16"), REG("x17"), REG("x18"), REG("x19"),
	REG("x20"), REG("x21"), REG("x22"), REG("x23"), REG("x24"), REG("x25"), REG("x26"),
	REG("x27"), REG("x28"), REG("x29"), REG("lr"), REG("sp"), REG("pc") };

/* The machines of uname(2) whose registers are known. */
static const struct isa {
	const char *arch;
	struct str word[2]; /* for 32-bit and 64-bit tasks */
	const struct reg *regs;
	uint64_t mask; /* the registers that perf records for --call-graph dwarf */
	unsigned sp;   /* the bit of the stack pointer */
	/* The bits that an address of a 64-bit task does not have; wide: if its stack pointer has
	 * one of them, as with 5 levels of pages. Addresses of AArch64 may have tags and signatures
	 * above bit 47. */
	uint64_t none, wide;
} isas[] = {
	{ "x86_64", { STR_INIT("i386"), STR_INIT("x86_64") }, x86_regs, 0xff0fff, 7,
	    0xffff800000000000, 0xff00000000000000 },
	{ "aarch64", { STR_INIT("arm"), STR_INIT("aarch64") }, arm64_regs, 0x1ffffffff, 31,
	    0x0080000000000000, 0 },
	{ "arm", { STR_INIT("arm"), STR_INIT("-") }, arm_regs, 0, 0, 0, 0 },
	{ "i386", { STR_INIT("i386"), STR_INIT("-") }, x86_regs, 0, 0, 0, 0 },
	{ "i686", { STR_INIT("i386"), STR_INIT("-") }, x86_regs, 0, 0, 0, 0 },
};

void
perf_user_free(struct perf_user *u)
{
	size_t i;

	strbuf_free(&u->regs);
	strbuf_free(&u->arch);
	for (i = 0; i < STACKS; i++) {
		strbuf_free(&u->stack[i].bytes);
		strbuf_free(&u->stack[i].words);
	}
}

void
perf_user_arch(struct perf_user *u, struct bytes feature)
{
	struct bytes text = bytes_cut(&feature, bytes_u32(&feature));
	size_t n;
	const char *arch = bytes_string(&text, &n);

	if (bytes_bad(&text))
		return;
	strbuf_clear(&u->arch);
	strbuf_add_bytes(&u->arch, arch, n);
}

static const struct isa *
find_isa(const struct perf_user *u, uint64_t mask)
{
	struct str arch = strbuf_str(&u->arch);
	size_t i;

	for (i = 0; i < sizeof isas / sizeof *isas; i++)
		if (arch.n > 0 ? str_starts(arch, isas[i].arch) : mask == isas[i].mask)
			return &isas[i];
	return NULL;
}

/* Set the end of a field, without the blank after its last word. */
static void
end_field(struct strbuf *b, const char *end)
{
	b->n = (size_t)(end - b->p);
	b->n -= b->n > 0;
}

static void
put_regs(struct perf_user *u, const struct isa *isa, uint64_t mask, struct bytes regs)
{
	const struct reg *reg;
	unsigned bit;
	char *d;

	strbuf_clear(&u->regs);
	d = strbuf_reserve(&u->regs, REGS * (sizeof reg->text + 1 + TEXT_NUMBER));
	for (; mask != 0; mask &= mask - 1) {
		bit = (unsigned)__builtin_ctzll(mask);
		reg = isa == NULL ? NULL : &isa->regs[bit];
		if (reg != NULL && reg->n > 0) {
			memcpy(d, reg->text, sizeof reg->text);
			d += reg->n;
		} else {
			*d++ = 'r';
			d += text_put_u64(d, bit);
			d = str_put(d, STR("=0x"));
		}
		d += text_put_hex(d, bytes_u64(&regs));
		*d++ = ' ';
	}
	end_field(&u->regs, d);
}

/* The words of a stack, 64 at once. */
struct words {
	bool swapped;   /* they are not in the byte order of this machine */
	uint64_t none;  /* as in struct isa */
	uint64_t big;   /* the bits of which numbers below 4096 have none */
	uint64_t small; /* bit i: word i is such a number */
	uint64_t other; /* it is none, and can be no address */
	char *d;        /* where their text is written */
	size_t run;     /* the number of equal words that are not yet written: */
	char of;        /* '0' for small ones, or '-' for others that are no addresses */
};

/* Classify the words from i to n. */
static void
look_from(struct words *w, const uint8_t *p, unsigned i, unsigned n)
{
	uint64_t v;

	for (; i < n; i++) {
		memcpy(&v, p + i * sizeof v, sizeof v);
		v = w->swapped ? __builtin_bswap64(v) : v;
		w->small |= (uint64_t)((v & w->big) == 0) << i;
		w->other |= (uint64_t)((v & w->none) != 0) << i;
	}
}

#ifdef __SSE2__
/* Which of four numbers are 0? */
static uint64_t
are_zero(__m128i v)
{
	v = _mm_cmpeq_epi32(v, _mm_setzero_si128());
	return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(v));
}

/* Classify the next n words: four at once, their halves in two vectors. */
static void
look(struct words *w, const uint8_t *p, unsigned n)
{
	const __m128i none = _mm_set1_epi32((int)(w->none >> 32)),
		      big = _mm_set1_epi32((int)w->big);
	uint64_t small = 0, address = 0;
	__m128i low, high;
	__m128 a, b;
	unsigned i;

	for (i = 0; i + 4 <= n && !w->swapped; i += 4) {
		a = _mm_loadu_ps((const float *)(const void *)(p + i * sizeof(uint64_t)));
		b = _mm_loadu_ps((const float *)(const void *)(p + (i + 2) * sizeof(uint64_t)));
		low = _mm_castps_si128(_mm_shuffle_ps(a, b, 0x88));
		high = _mm_castps_si128(_mm_shuffle_ps(a, b, 0xdd));
		small |= are_zero(_mm_or_si128(_mm_and_si128(low, big), high)) << i;
		address |= are_zero(_mm_and_si128(high, none)) << i;
	}
	w->small = small;
	w->other = ~address & (i < 64 ? (UINT64_C(1) << i) - 1 : UINT64_MAX);
	look_from(w, p, i, n);
}
#else
static void
look(struct words *w, const uint8_t *p, unsigned n)
{
	w->small = w->other = 0;
	look_from(w, p, 0, n);
}
#endif

static void
end_run(struct words *w)
{
	if (w->run > 0) {
		*w->d++ = w->of;
		if (w->run > 1 || w->of == '-') {
			*w->d++ = '*';
			w->d += text_put_hex(w->d, w->run);
		}
		*w->d++ = ' ';
		w->run = 0;
	}
}

/* Add to a run those of the next n words that bits marks, up to the first that it does not. Returns
 * their number. */
static unsigned
add_run(struct words *w, uint64_t bits, unsigned n, char of)
{
	unsigned run = ~bits == 0 ? 64 : (unsigned)__builtin_ctzll(~bits);

	if (w->of != of)
		end_run(w);
	w->of = of;
	run = run < n ? run : n;
	w->run += run;
	return run;
}

static void
put_words(struct words *w, struct bytes *stack)
{
	unsigned n, i;

	while (bytes_left(stack) >= sizeof(uint64_t)) {
		n = bytes_left(stack) < 512 ? (unsigned)(bytes_left(stack) / 8) : 64;
		look(w, stack->p, n);
		for (i = 0; i < n;)
			if (w->small >> i & 1) {
				i += add_run(w, w->small >> i, n - i, '0');
			} else if (w->other >> i & 1) {
				i += add_run(w, (w->other & ~w->small) >> i, n - i, '-');
			} else {
				end_run(w);
				w->d += text_put_hex(w->d, bytes_u64_at(stack, stack->p + 8 * i++));
				*w->d++ = ' ';
			}
		bytes_take(stack, 8 * n);
	}
	end_run(w);
}

/* Which words of a sample's stack are written: all of them if its pointer is odd, as addresses may
 * then lie across two. */
static struct words
choose_words(const struct isa *isa, uint64_t mask, const struct perf_sample *s)
{
	struct words w = { .swapped = bytes_swapped(&s->stack), .big = UINT64_MAX };
	struct bytes regs = s->regs_user;
	uint64_t sp;

	if (isa == NULL || isa->none == 0 || s->regs_user_abi != ABI_64 || !(mask >> isa->sp & 1))
		return w;
	bytes_take(&regs, 8 * (size_t)__builtin_popcountll(mask & ((UINT64_C(1) << isa->sp) - 1)));
	sp = bytes_u64(&regs);
	if (sp % 8 == 0) {
		w.none = sp & isa->none ? isa->wide : isa->none;
		w.big = ~UINT64_C(4095);
	}
	return w;
}

/* Write a sample's stack, unless it is the one that was written last. */
static void
put_stack(struct perf_user_stack *last, struct words w, struct bytes stack)
{
	struct str bytes = { (const char *)stack.p, bytes_left(&stack) };

	if (last->swapped == w.swapped && last->none == w.none && last->big == w.big &&
	    str_eq(bytes, strbuf_str(&last->bytes)))
		return;
	last->swapped = w.swapped;
	last->none = w.none;
	last->big = w.big;
	strbuf_clear(&last->bytes);
	strbuf_add(&last->bytes, bytes);
	strbuf_clear(&last->words);
	w.d = strbuf_reserve(&last->words, bytes.n / 8 * (TEXT_NUMBER + 1) + TEXT_NUMBER);
	put_words(&w, &stack);
	end_field(&last->words, w.d);
}

bool
perf_user_fill(
    struct perf_user *u, const struct perf_attr *a, const struct perf_sample *s, struct rec *r)
{
	const struct isa *isa = find_isa(u, a->regs_user);
	struct perf_user_stack *stack = &u->stack[(uint32_t)s->tid % STACKS];

	if (bytes_left(&s->stack) < sizeof(uint64_t) || bytes_left(&s->regs_user) == 0)
		return false;
	put_regs(u, isa, a->regs_user, s->regs_user);
	put_stack(stack, choose_words(isa, a->regs_user, s), s->stack);
	r->kind = REC_USAMPLE;
	r->usample = (struct rec_usample){
		.isa = isa == NULL || s->regs_user_abi > ABI_64
			   ? STR_NONE
			   : isa->word[s->regs_user_abi - ABI_32],
		.regs = strbuf_field(&u->regs),
		.words = strbuf_field(&stack->words),
	};
	return true;
}
