/* SPDX-License-Identifier: MIT */
/* Rows of call frame information, and entries that libdw may not see. */

#include <dwarf.h>
#include <sys/resource.h>

#include "frames.h"
#include "tap.h"
#include "unwind/cfi.h"

enum { CODE = 0x100 }; /* bytes that an FDE is for */

/* A section while it is written. */
struct section {
	uint8_t p[1 << 18];
	size_t n, cie, begin; /* begin: of the entry that is open */
	bool debug, is64;
};

static void
bytes(struct section *s, const void *p, size_t n)
{
	memcpy(s->p + s->n, p, n);
	s->n += n;
}

static void
fill(struct section *s, uint8_t byte, size_t n)
{
	memset(s->p + s->n, byte, n);
	s->n += n;
}

static void
number(struct section *s, uint64_t v, size_t n)
{
	bytes(s, &v, n);
}

static void
end(struct section *s)
{
	uint32_t n;

	while (s->n % 4 != 0)
		fill(s, DW_CFA_nop, 1);
	n = (uint32_t)(s->n - s->begin - 4);
	memcpy(s->p + s->begin, &n, sizeof n);
}

/* Begin a CIE with pointers as they are; its instructions follow. */
static void
cie(struct section *s, const char *letters, uint8_t ra)
{
	s->cie = s->begin = s->n;
	number(s, 0, 4);
	number(s, s->debug ? UINT32_MAX : 0, 4);
	fill(s, 1, 1);
	bytes(s, letters, strlen(letters) + 1);
	bytes(s, "\1\170", 2); /* factors 1 and -8 */
	fill(s, ra, 1);
	if (*letters == 'z')
		fill(s, 0, 1);
}

/* Begin an FDE for CODE bytes at an address. */
static void
fde(struct section *s, uint64_t at, bool augmented)
{
	s->begin = s->n;
	number(s, 0, 4);
	number(s, s->debug ? s->cie : s->n - s->cie, 4);
	number(s, at, s->is64 ? 8 : 4);
	number(s, CODE, s->is64 ? 8 : 4);
	if (augmented)
		fill(s, 0, 1);
}

/* A CIE for x86-64 whose CFA is rsp + 8, and an FDE at CODE. */
static struct section *
begin(bool debug)
{
	static struct section s;

	s = (struct section){ .debug = debug, .is64 = true };
	cie(&s, "", 16);
	bytes(&s, "\x0c\7\10\x90\1", 5);
	end(&s);
	fde(&s, CODE, false);
	return &s;
}

/* End the FDE, and add one at 2 * CODE that is right. */
static void
finish(struct section *s)
{
	end(s);
	fde(s, 2 * CODE, false);
	end(s);
}

/* Get the row at an address; false if there is none. */
static bool
row_at(const struct section *s, uint16_t machine, uint64_t at, struct cfi_row *row)
{
	struct fault fault = { "" };
	struct files *files = files_new(&(struct files_from){ .sysroot = "/dev" }, &fault);
	int fd = frames_file(machine, s->debug ? ".debug_frame" : ".eh_frame", s->p, s->n);
	const char *why;
	struct cfi *c = cfi_new(files, fd, -1, &why);
	uint64_t cost;
	bool found = c != NULL && cfi_row(c, at, row, &cost);

	cfi_free(c);
	close(fd);
	files_free(files);
	return found;
}

static const struct cfi_rule *
rule_of(const struct cfi_row *row, unsigned reg)
{
	static const struct cfi_rule none = { .how = CFI_SAME };
	size_t i;

	for (i = 1; i <= row->n; i++)
		if (row->rule[i].target == reg)
			return &row->rule[i];
	return &none;
}

static bool
is_rule(const struct cfi_row *row, unsigned reg, enum cfi_how how, int64_t off)
{
	return rule_of(row, reg)->how == how && rule_of(row, reg)->off == off;
}

static void
test_rows(struct tap *t, bool debug)
{
	struct section *s = begin(debug);
	struct cfi_row row;

	bytes(s, "\x42\x0e\x10\x83\2\x44\x0a\x0e\x20\x42\x0b", 11);
	finish(s);
	tap_ok(t,
	    row_at(s, EM_X86_64, CODE, &row) && row.ra == 16 && !row.signal &&
		row.rule[0].how == CFI_REGISTER && row.rule[0].reg == 7 && row.rule[0].off == 8 &&
		is_rule(&row, 16, CFI_OFFSET, -8) && is_rule(&row, 3, CFI_SAME, 0),
	    "the CIE's row");
	tap_ok(t,
	    row_at(s, EM_X86_64, CODE + 2, &row) && row.rule[0].off == 16 &&
		is_rule(&row, 3, CFI_OFFSET, -16) && row_at(s, EM_X86_64, CODE + 7, &row) &&
		row.rule[0].off == 32 && row_at(s, EM_X86_64, CODE + 9, &row) &&
		row.rule[0].off == 16,
	    "a register is saved; a state is remembered");
	tap_ok(t,
	    !row_at(s, EM_X86_64, CODE - 1, &row) && !row_at(s, EM_X86_64, 3 * CODE, &row) &&
		row_at(s, EM_X86_64, 3 * CODE - 1, &row),
	    "no rows outside of the FDEs");
}

static void
test_expressions(struct tap *t)
{
	struct section *s = begin(false);
	struct cfi_row row;

	bytes(s, "\x0f\3\x77\10\6\x10\6\2\x76\x78\x16\14\1\x31", 14);
	finish(s);
	tap_ok(t,
	    row_at(s, EM_X86_64, CODE, &row) && row.rule[0].how == CFI_EXPR_VALUE &&
		row.rule[0].n == 2 && row.op[0].atom == DW_OP_breg7 && row.op[0].number == 8 &&
		rule_of(&row, 6)->how == CFI_EXPR_AT && rule_of(&row, 12)->how == CFI_EXPR_VALUE,
	    "the rules that are expressions");
	s = begin(false);
	bytes(s, "\x16\3\4\x2f\x10\0\x31", 7); /* a branch to nowhere */
	finish(s);
	tap_ok(t, row_at(s, EM_X86_64, CODE, &row) && rule_of(&row, 3)->how == CFI_UNDEFINED,
	    "a branch out of its expression makes the register unknown");
}

static long
memory(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return used.ru_maxrss;
}

/* The FDE is not seen, the one after it is, and little memory is used. */
static void
test_refused(struct tap *t, struct section *s, const char *what)
{
	struct cfi_row row;
	long had = memory();

	finish(s);
	tap_ok(t,
	    !row_at(s, EM_X86_64, CODE, &row) && row_at(s, EM_X86_64, 2 * CODE, &row) &&
		memory() < had + 32768,
	    what);
}

static void
test_hostile(struct tap *t, bool debug)
{
	struct section *s = begin(debug);

	bytes(s, "\7\x80\x80\x80\x80\10", 6);
	test_refused(t, s, "a register of number 2^31");
	s = begin(debug);
	bytes(s, "\5\x80\x80\x80\x20\1", 6);
	test_refused(t, s, "a register of number 2^26");
	s = begin(debug);
	fill(s, DW_CFA_remember_state, 60000);
	test_refused(t, s, "states remembered without end");
	s = begin(debug);
	fill(s, DW_CFA_restore_state, 3);
	test_refused(t, s, "a state that was not remembered");
	s = begin(debug);
	fill(s, DW_CFA_nop, 100000);
	test_refused(t, s, "an entry of 100,000 bytes");
	s = begin(debug);
	bytes(s, "\x0f\x7f\x31", 3);
	test_refused(t, s, "an expression that the entry ends in");
	s = begin(debug);
	bytes(s, "\x0f\xff\1", 3);
	fill(s, DW_OP_nop, 255);
	bytes(s, "\x0f\x80\2", 3);
	fill(s, DW_OP_nop, 256);
	test_refused(t, s, "an expression of 256 bytes");
	s = begin(debug);
	fill(s, DW_CFA_GNU_args_size, 1);
	fill(s, 0xff, 11);
	test_refused(t, s, "a number that has no end");
	s = begin(debug);
	bytes(s, "\x1d\0\0\0\0\0\0\0\0\0", 10);
	test_refused(t, s, "an instruction of other machines");
}

static void
test_augmentations(struct tap *t)
{
	static const char *const letters[] = { "eh", "zX", "zRRRR", "R", "zPLR", "zP" };
	struct section *s;
	struct cfi_row row;
	bool bad = false;
	size_t i;

	for (i = 0; i < sizeof letters / sizeof *letters; i++) {
		s = begin(false);
		end(s);
		cie(s, letters[i], 16);
		bytes(s, "\x0c\7\10\x90\1", 5);
		end(s);
		fde(s, 2 * CODE, *letters[i] == 'z');
		end(s);
		bad = bad || row_at(s, EM_X86_64, 2 * CODE, &row) ||
		      !row_at(s, EM_X86_64, CODE, &row);
	}
	tap_ok(
	    t, !bad, "an augmentation that is unknown, or is not there, hides its entries alone");
}

static void
test_all_code(struct tap *t)
{
	struct section *s = begin(false);
	struct cfi_row row;

	memset(s->p + s->begin + 8, 0, 8);
	memset(s->p + s->begin + 16, 0xff, 8);
	fill(s, 0x4f, 60000);
	end(s);
	tap_ok(t,
	    row_at(s, EM_X86_64, 0, &row) && row_at(s, EM_X86_64, 1 << 30, &row) &&
		row.rule[0].off == 8,
	    "an FDE for all code");
	s->n -= 100;
	tap_ok(t, !row_at(s, EM_X86_64, 0, &row), "an FDE that the section ends in");
}

static void
test_machines(struct tap *t)
{
	static struct section s;
	struct cfi_row row;

	s = (struct section){ .is64 = true };
	cie(&s, "", 30);
	bytes(&s, "\x0c\x1f\0", 3);
	end(&s);
	fde(&s, CODE, false);
	bytes(&s, "\x2d\x41\x0e\x10\x9e\2\x41\x2d", 8);
	end(&s);
	tap_ok(t,
	    row_at(&s, EM_AARCH64, CODE + 1, &row) && row.rule[0].reg == 31 &&
		row.rule[0].off == 16 && is_rule(&row, 30, CFI_OFFSET, -16) && row.ra == 30 &&
		is_rule(&row, 19, CFI_SAME, 0) && is_rule(&row, 29, CFI_SAME, 0),
	    "AArch64, where return addresses are signed");
	s = (struct section){ .debug = true };
	cie(&s, "", 14);
	bytes(&s, "\x0c\x0d\0", 3);
	end(&s);
	fde(&s, CODE, false);
	bytes(&s, "\x41\x0e\x10\x8e\1\x05\x88\2\2", 9); /* and d8 */
	end(&s);
	tap_ok(t,
	    row_at(&s, EM_ARM, CODE + 1, &row) && row.rule[0].reg == 13 && row.rule[0].off == 16 &&
		is_rule(&row, 14, CFI_OFFSET, -8) && row.ra == 14,
	    "ARM with 32 bits");
	s = (struct section){ .debug = false };
	cie(&s, "", 8);
	bytes(&s, "\x0c\4\4\x88\1", 5);
	end(&s);
	fde(&s, CODE, false);
	end(&s);
	tap_ok(t,
	    row_at(&s, EM_386, CODE, &row) && row.rule[0].reg == 4 && row.ra == 8 &&
		is_rule(&row, 8, CFI_OFFSET, -8),
	    "i386");
}

int
main(void)
{
	struct tap t = { 0 };

	test_rows(&t, false);
	test_rows(&t, true);
	test_expressions(&t);
	test_hostile(&t, false);
	test_hostile(&t, true);
	test_augmentations(&t);
	test_all_code(&t);
	test_machines(&t);
	return tap_end(&t);
}
