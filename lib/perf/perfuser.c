/* SPDX-License-Identifier: MIT */

/* Facts: arch/ARCH/include/uapi/asm/perf_regs.h of Linux 6.18. */

#include "perfrec_int.h"
#include "rec/pairs.h"

enum { REGS = 64, ABI_32 = 1, ABI_64 = 2 };

static const char *const x86_names[REGS] = { "ax", "bx", "cx", "dx", "si", "di", "bp", "sp", "ip",
	"flags", "cs", "ss", "ds", "es", "fs", "gs", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
	"r15" };
static const char *const arm_names[REGS] = { "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8",
	"r9", "r10", "fp", "ip", "sp", "lr", "pc" };
static const char *const arm64_names[REGS] = { "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8",
	"x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21",
	"x22", "x23", "x24", "x25", "x26", "x27", "x28", "x29", "lr", "sp", "pc" };

/* The machines of uname(2) whose registers are known. mask: the registers that perf records for
 * --call-graph dwarf there. */
static const struct isa {
	const char *arch;
	struct str word[2]; /* for 32-bit and 64-bit tasks */
	const char *const *names;
	uint64_t mask;
} isas[] = {
	{ "x86_64", { STR_INIT("i386"), STR_INIT("x86_64") }, x86_names, 0xff0fff },
	{ "aarch64", { STR_INIT("arm"), STR_INIT("aarch64") }, arm64_names, 0x1ffffffff },
	{ "arm", { STR_INIT("arm"), STR_INIT("-") }, arm_names, 0 },
	{ "i386", { STR_INIT("i386"), STR_INIT("-") }, x86_names, 0 },
	{ "i686", { STR_INIT("i386"), STR_INIT("-") }, x86_names, 0 },
};

void
perf_user_free(struct perf_user *u)
{
	strbuf_free(&u->regs);
	strbuf_free(&u->words);
	strbuf_free(&u->arch);
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

static void
put_regs(struct perf_user *u, const struct isa *isa, uint64_t mask, struct bytes regs)
{
	char name[8] = "r", value[2 + TEXT_NUMBER] = "0x";
	struct str key;
	unsigned bit;
	size_t n;

	strbuf_clear(&u->regs);
	for (; mask != 0; mask &= mask - 1) {
		bit = (unsigned)__builtin_ctzll(mask);
		if (isa != NULL && isa->names[bit] != NULL)
			key = str_of(isa->names[bit]);
		else
			key = (struct str){ name, 1 + text_put_u64(name + 1, bit) };
		n = text_put_hex(value + 2, bytes_u64(&regs));
		pairs_add(&u->regs, key, (struct str){ value, 2 + n });
	}
}

static void
put_words(struct perf_user *u, struct bytes stack)
{
	size_t n = bytes_left(&stack) / sizeof(uint64_t);
	char *begin, *d;
	uint64_t v;

	strbuf_clear(&u->words);
	begin = d = strbuf_reserve(&u->words, n * (TEXT_NUMBER + 1));
	for (; n > 0; n--) {
		v = bytes_u64(&stack);
		*d = '0';
		d += v == 0 ? 1 : text_put_hex(d, v); /* most are 0 */
		*d++ = ' ';
	}
	u->words.n = d == begin ? 0 : (size_t)(d - begin) - 1;
}

bool
perf_user_fill(
    struct perf_user *u, const struct perf_attr *a, const struct perf_sample *s, struct rec *r)
{
	const struct isa *isa = find_isa(u, a->regs_user);

	if (bytes_left(&s->stack) < sizeof(uint64_t) || bytes_left(&s->regs_user) == 0)
		return false;
	put_regs(u, isa, a->regs_user, s->regs_user);
	put_words(u, s->stack);
	r->kind = REC_USAMPLE;
	r->usample = (struct rec_usample){
		.isa = isa == NULL || s->regs_user_abi > ABI_64
			   ? STR_NONE
			   : isa->word[s->regs_user_abi - ABI_32],
		.regs = strbuf_field(&u->regs),
		.words = strbuf_field(&u->words),
	};
	return true;
}
