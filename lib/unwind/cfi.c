/* SPDX-License-Identifier: MIT */

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "cfi.h"
#include "symbols/segments.h"

enum {
	MAXREG = 320,       /* DWARF's numbers of registers: 264 to 287 are used on ARM */
	MAXENTRY = 65536,   /* bytes of a CIE or FDE */
	MAXSTATES = 16,     /* that are remembered at once */
	MAXEXPR = 255,      /* bytes of an expression */
	MAXCOMMONS = 65536, /* CIEs of a section */
	EXPRS = 65536,      /* bytes of all expressions of a section, and an eighth of its size */
	LEB = 10,           /* bytes of the longest LEB128 number that libdw takes */
	LEAST = 256,        /* cost of a row */
	PAD = 64,           /* bytes of 0 after a section: libdw may read a few */
	HEAD = 20,          /* bytes of .eh_frame_hdr before its table */
	IMAGES = 3
};

/* A copy of a section: an ELF file in memory that has only that, as .eh_frame, and .eh_frame_hdr.
 */
struct image {
	uint8_t *file;
	Elf *elf;
	Dwarf_CFI *cfi;
	uint64_t largest; /* bytes of the largest entry and its CIE */
};

struct cfi {
	struct segments segments;
	struct image image[IMAGES];
	size_t n;
	uint64_t plt, plt_end; /* the code of .plt for x86-64, which lld gives no entries */
};

/* --- entries are checked */

/* A CIE that libdw may see. */
struct common {
	uint64_t off;
	uint8_t encoding; /* of the addresses in its FDEs */
	bool augmented;   /* these have augmentation data, with their length */
	uint32_t size;
};

struct check {
	uint8_t *section;
	size_t size;
	const unsigned char *ident; /* e_ident of the file */
	uint64_t addr;              /* of the section */
	bool eh, is64, aarch64;
	struct common *common;
	size_t n, cap;
	struct place { /* of an FDE: its code, itself; as in .eh_frame_hdr */
		uint64_t pc, fde;
	} * place;
	size_t places, cap_places;
	uint64_t exprs; /* bytes of expressions that may still come */
	uint64_t largest;
};

/* Operands of the instructions: r register, u and s LEB128 numbers, 1 2 4 bytes, p pointer,
 * b block; NULL if libdw does not know the instruction, or only on other machines. */
static const char *const operands[0x40] = {
	[DW_CFA_nop] = "",
	[DW_CFA_set_loc] = "p",
	[DW_CFA_advance_loc1] = "1",
	[DW_CFA_advance_loc2] = "2",
	[DW_CFA_advance_loc4] = "4",
	[DW_CFA_offset_extended] = "ru",
	[DW_CFA_restore_extended] = "r",
	[DW_CFA_undefined] = "r",
	[DW_CFA_same_value] = "r",
	[DW_CFA_register] = "ru",
	[DW_CFA_remember_state] = "",
	[DW_CFA_restore_state] = "",
	[DW_CFA_def_cfa] = "uu",
	[DW_CFA_def_cfa_register] = "u",
	[DW_CFA_def_cfa_offset] = "u",
	[DW_CFA_def_cfa_expression] = "b",
	[DW_CFA_expression] = "rb",
	[DW_CFA_offset_extended_sf] = "rs",
	[DW_CFA_def_cfa_sf] = "us",
	[DW_CFA_def_cfa_offset_sf] = "s",
	[DW_CFA_val_offset] = "ru",
	[DW_CFA_val_offset_sf] = "rs",
	[DW_CFA_val_expression] = "rb",
	[DW_CFA_GNU_window_save] = "",
	[DW_CFA_GNU_args_size] = "u",
	[DW_CFA_GNU_negative_offset_extended] = "ru",
};

static uint64_t
take_leb(struct bytes *b)
{
	uint64_t v = 0;
	uint8_t byte;
	unsigned i = 0;

	do {
		byte = bytes_u8(b);
		if (i < LEB)
			v |= (uint64_t)(byte & 0x7f) << 7 * i;
	} while (byte & 0x80 && ++i < LEB);
	if (i == LEB)
		bytes_spoil(b);
	return v;
}

/* Bytes of a pointer; 0 for the encodings that are not taken. */
static size_t
pointer_size(const struct check *c, uint8_t encoding)
{
	static const uint8_t sizes[] = { 0, 0, 2, 4, 8 };

	if ((encoding & 0x07) == DW_EH_PE_absptr)
		return encoding & DW_EH_PE_signed ? 0 : c->is64 ? 8 : 4;
	return (encoding & 0x07) < sizeof sizes ? sizes[encoding & 0x07] : 0;
}

/* Take the pointer to the code of an FDE. */
static uint64_t
take_pointer(const struct check *c, struct bytes *b, uint8_t encoding)
{
	uint64_t at = c->addr + (uint64_t)(b->p - c->section), v = 0;
	size_t n = pointer_size(c, encoding);

	if (n == 2)
		v = encoding & DW_EH_PE_signed ? (uint64_t)(int16_t)bytes_u16(b) : bytes_u16(b);
	else if (n == 4)
		v = encoding & DW_EH_PE_signed ? (uint64_t)(int32_t)bytes_u32(b) : bytes_u32(b);
	else
		v = bytes_u64(b);
	return (encoding & 0xf0) == DW_EH_PE_pcrel ? v + at : v;
}

static void
take_block(struct check *c, struct bytes *b)
{
	uint64_t n = take_leb(b);

	if (n > MAXEXPR || n > c->exprs || bytes_take(b, n) == NULL) {
		bytes_spoil(b);
		return;
	}
	c->exprs -= n;
}

static void
take_operand(struct check *c, struct bytes *b, uint8_t encoding, char kind)
{
	if (kind == 'r') {
		if (take_leb(b) >= MAXREG)
			bytes_spoil(b);
	} else if (kind == 'u' || kind == 's') {
		take_leb(b);
	} else if (kind == 'b') {
		take_block(c, b);
	} else {
		bytes_take(b, kind == 'p' ? pointer_size(c, encoding) : (size_t)(kind - '0'));
	}
}

/* Check an instruction of the first 64, whose byte has been taken, and count the states that are
 * remembered. */
static bool
check_instruction(struct check *c, struct bytes *b, uint8_t op, uint8_t encoding, int *states)
{
	const char *kind = operands[op];

	if (kind == NULL)
		return false;
	for (; *kind != '\0'; kind++)
		take_operand(c, b, encoding, *kind);
	if (op == DW_CFA_GNU_window_save) {
		/* On AArch64 it says that the return address is signed; it is taken without its
		 * code always. libdw 0.188 runs SPARC's instruction. */
		if (!c->aarch64)
			return false;
		c->section[b->p - 1 - c->section] = DW_CFA_nop;
	}
	*states += (op == DW_CFA_remember_state) - (op == DW_CFA_restore_state);
	return *states >= 0 && *states <= MAXSTATES;
}

/* Check the instructions of an entry. */
static bool
check_program(struct check *c, struct bytes b, uint8_t encoding)
{
	int states = 0;
	uint8_t op;

	while (bytes_left(&b) > 0 && !bytes_bad(&b)) {
		op = bytes_u8(&b);
		if ((op & 0xc0) == DW_CFA_offset)
			take_leb(&b);
		else if (op != DW_CFA_nop && op < DW_CFA_advance_loc &&
			 !check_instruction(c, &b, op, encoding, &states))
			return false;
	}
	return !bytes_bad(&b);
}

/* Check a CIE, and remember it for its FDEs. */
static bool
check_common(struct check *c, uint64_t off, const Dwarf_CIE *cie, uint32_t size)
{
	struct bytes data = bytes_of(cie->augmentation_data, cie->augmentation_data_size, false);
	const char *letter = cie->augmentation;
	struct common common = { off, DW_EH_PE_absptr, *letter == 'z', size };
	size_t n;

	if (c->n == MAXCOMMONS || (*letter != 'z' && *letter != '\0'))
		return false;
	for (letter += common.augmented; *letter != '\0'; letter++)
		if (*letter == 'R') {
			common.encoding = bytes_u8(&data);
		} else if (*letter == 'L') {
			bytes_u8(&data);
		} else if (*letter == 'P') {
			if ((n = pointer_size(c, bytes_u8(&data))) == 0)
				return false;
			bytes_take(&data, n);
		} else if (strchr("SBG", *letter) == NULL) {
			return false;
		}
	n = (size_t)(cie->initial_instructions_end - cie->initial_instructions);
	if (bytes_bad(&data) || pointer_size(c, common.encoding) == 0 ||
	    (common.encoding & 0xf0 & ~DW_EH_PE_pcrel) != 0 ||
	    !check_program(c, bytes_of(cie->initial_instructions, n, false), common.encoding))
		return false;
	c->common = mem_grow(c->common, c->n, &c->cap, sizeof *c->common);
	c->common[c->n++] = common;
	return true;
}

/* The CIE at an offset, if it is before the FDE and in order; NULL if not. */
static const struct common *
find_common(const struct check *c, uint64_t off)
{
	size_t low = 0, high = c->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (c->common[mid].off <= off)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 && c->common[low - 1].off == off ? &c->common[low - 1] : NULL;
}

static bool
check_fde(struct check *c, uint64_t off, const Dwarf_FDE *fde, uint32_t size)
{
	const struct common *common = find_common(c, fde->CIE_pointer);
	struct bytes b = bytes_of(fde->start, (size_t)(fde->end - fde->start), false);
	uint64_t pc;

	if (common == NULL)
		return false;
	pc = take_pointer(c, &b, common->encoding);
	bytes_take(&b, pointer_size(c, common->encoding));
	if (common->augmented)
		bytes_take(&b, take_leb(&b));
	if (bytes_bad(&b) || !check_program(c, b, common->encoding))
		return false;
	if (c->largest < common->size + size)
		c->largest = common->size + size;
	c->place = mem_grow(c->place, c->places, &c->cap_places, sizeof *c->place);
	c->place[c->places++] = (struct place){ pc, c->addr + off };
	return true;
}

static void
put(uint8_t *p, unsigned size, uint64_t v)
{
	unsigned i;

	for (i = 0; i < size; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* Where the id of an entry is: after its length, which has 12 bytes in the form with 64 bits. */
static uint8_t *
id_of(const struct check *c, uint64_t off, bool *is_long)
{
	*is_long = memcmp(c->section + off, "\xff\xff\xff\xff", 4) == 0;
	return c->section + off + (*is_long ? 12 : 4);
}

/* Check the entry at off. False if libdw may not see it. */
static bool
check_entry(struct check *c, uint64_t off, uint64_t size, Dwarf_CFI_Entry *entry)
{
	bool is_common = dwarf_cfi_cie_p(entry), is_long;
	uint8_t *id = id_of(c, off, &is_long);

	if (size > MAXENTRY || is_long ||
	    (is_common ? !check_common(c, off, &entry->cie, (uint32_t)size)
		       : !check_fde(c, off, &entry->fde, (uint32_t)size)))
		return false;
	if (!c->eh) /* give it the form of .eh_frame, where a CIE is found by its distance */
		put(id, 4, is_common ? 0 : off + 4 - entry->fde.CIE_pointer);
	return true;
}

static int
by_pc(const void *va, const void *vb)
{
	const struct place *a = va, *b = vb;

	return a->pc < b->pc ? -1 : a->pc > b->pc;
}

/* Check all entries, and make those invalid that libdw may not see: their CIE is before the
 * section. Returns the size of the section up to the first that has no end. */
static size_t
check_section(struct check *c)
{
	Elf_Data data = { .d_buf = c->section, .d_size = c->size };
	Dwarf_Off off = 0, next = 0;
	Dwarf_CFI_Entry entry;
	bool is_long;
	uint8_t *id;
	int result;

	while ((result = dwarf_next_cfi(c->ident, &data, c->eh, off, &next, &entry)) <= 0 &&
	       next > off) {
		if (result < 0 || !check_entry(c, off, next - off, &entry)) {
			id = id_of(c, off, &is_long);
			memset(id, 0xff, is_long ? 8 : 4);
		}
		off = next;
	}
	if (c->places > 0)
		qsort(c->place, c->places, sizeof *c->place, by_pc);
	return off;
}

/* --- a section is copied */

/* Write the headers of an ELF file with a segment PT_GNU_EH_FRAME, which has HEAD bytes and the
 * places. Its sizes are those of ELF32 or ELF64, for words of 4 or 8 bytes. */
static void
put_head(uint8_t *file, const GElf_Ehdr *h, unsigned word, uint64_t off, const struct check *c)
{
	size_t head = 40 + 3 * word, size = 8 + 6 * word;
	uint8_t *p = file + head;

	memcpy(file, h->e_ident, EI_NIDENT);
	put(file + EI_NIDENT, 2, ET_DYN);
	put(file + EI_NIDENT + 2, 2, h->e_machine);
	put(file + EI_NIDENT + 4, 4, EV_CURRENT);
	put(file + 24 + word, word, head);
	put(file + head - 12, 2, head);
	put(file + head - 10, 2, size);
	put(file + head - 8, 2, 1);
	put(p, 4, PT_GNU_EH_FRAME);
	p += word; /* in ELF64, the flags are between */
	put(p, word, off);
	put(p + word, word, c->addr + (off - (head + size)));
	put(p + 3 * word, word, HEAD + c->places * sizeof *c->place);
}

/* Write what .eh_frame_hdr has, which libdw reads in the byte order of this machine: where
 * .eh_frame is, and the places. */
static void
put_places(uint8_t *p, const struct check *c)
{
	uint64_t words[] = { c->addr, c->places };

	memcpy(p, (uint8_t[]){ 1, DW_EH_PE_udata8, DW_EH_PE_udata8, DW_EH_PE_udata8 }, 4);
	memcpy(p + 4, words, sizeof words);
	memcpy(p + HEAD, c->place, c->places * sizeof *c->place);
}

static void
image_free(struct image *m)
{
	if (m->cfi != NULL)
		dwarf_cfi_end(m->cfi);
	elf_end(m->elf);
	free(m->file);
}

/* Make an ELF file of what was checked, n bytes. */
static void
make_image(struct cfi *c, const struct check *check, const GElf_Ehdr *h, size_t n)
{
	unsigned word = check->is64 ? 8 : 4;
	size_t begin = 48 + 9 * word, hdr = begin + n + PAD,
	       size = hdr + HEAD + check->places * sizeof *check->place;
	struct image *m = &c->image[c->n];

	*m = (struct image){ mem_alloc(size), .largest = check->largest };
	put_head(m->file, h, word, hdr, check);
	memcpy(m->file + begin, check->section, n);
	put_places(m->file + hdr, check);
	m->elf = elf_memory((char *)m->file, size);
	m->cfi = dwarf_getcfi_elf(m->elf);
	if (m->cfi != NULL)
		c->n++;
	else
		image_free(m);
}

static void
add_image(struct cfi *c, const GElf_Ehdr *h, uint64_t addr, const Elf_Data *data, bool eh)
{
	struct check check = { data->d_buf, data->d_size, h->e_ident, addr, eh,
		.is64 = h->e_ident[EI_CLASS] == ELFCLASS64, .aarch64 = h->e_machine == EM_AARCH64,
		.exprs = EXPRS + data->d_size / 8 };
	size_t n;

	if (c->n == IMAGES || data->d_size > INT32_MAX || h->e_ident[EI_DATA] != ELFDATA2LSB)
		return;
	n = check_section(&check);
	if (check.places > 0)
		make_image(c, &check, h, n);
	free(check.common);
	free(check.place);
}

/* --- files */

static void
read_segments(struct cfi *c, Elf *elf)
{
	size_t n, i;
	GElf_Phdr p;

	if (elf_getphdrnum(elf, &n) != 0)
		return;
	for (i = 0; i < n && gelf_getphdr(elf, (int)i, &p) != NULL; i++)
		if (p.p_type == PT_LOAD && p.p_memsz > 0)
			segments_add(&c->segments, p.p_offset, p.p_memsz, p.p_vaddr);
	segments_done(&c->segments);
}

/* Inflate a section if it is compressed. */
static bool
inflate(struct files *files, Elf_Scn *scn, const GElf_Shdr *s)
{
	GElf_Chdr ch;

	if ((s->sh_flags & SHF_COMPRESSED) == 0)
		return true;
	if (gelf_getchdr(scn, &ch) == NULL || ch.ch_size > files_room(files))
		return false;
	files_inflated(files, ch.ch_size);
	return elf_compress(scn, 0, 0) == 1;
}

/* The first section of a name that has bytes in the file; NULL if there is none. */
static Elf_Scn *
find_section(Elf *elf, const char *wanted, GElf_Ehdr *head, GElf_Shdr *s)
{
	size_t names;
	Elf_Scn *scn = NULL;
	const char *name;

	if (gelf_getehdr(elf, head) == NULL || elf_getshdrstrndx(elf, &names) != 0)
		return NULL;
	while ((scn = elf_nextscn(elf, scn)) != NULL)
		if (gelf_getshdr(scn, s) != NULL && s->sh_type != SHT_NOBITS &&
		    (name = elf_strptr(elf, names, s->sh_name)) != NULL &&
		    strcmp(name, wanted) == 0)
			break;
	return scn;
}

/* Take a section of a name; true if it was useful. */
static bool
read_section(struct cfi *c, struct files *files, Elf *elf, const char *wanted, bool eh)
{
	const size_t had = c->n;
	GElf_Ehdr head;
	GElf_Shdr s;
	Elf_Scn *scn = find_section(elf, wanted, &head, &s);
	Elf_Data *data = NULL;

	if (scn != NULL && inflate(files, scn, &s))
		data = elf_rawdata(scn, NULL);
	if (data != NULL && data->d_buf != NULL)
		add_image(c, &head, s.sh_addr, data, eh);
	return c->n > had;
}

static Elf *
open_elf(int fd)
{
	elf_version(EV_CURRENT);
	return fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
}

static void
find_plt(struct cfi *c, Elf *elf)
{
	GElf_Ehdr head;
	GElf_Shdr s;

	if (find_section(elf, ".plt", &head, &s) != NULL && head.e_machine == EM_X86_64 &&
	    s.sh_size <= UINT64_MAX - s.sh_addr) {
		c->plt = s.sh_addr;
		c->plt_end = s.sh_addr + s.sh_size;
	}
}

struct cfi *
cfi_new(struct files *files, int program, int debug, const char **why)
{
	struct cfi *c = mem_alloc(sizeof *c);
	Elf *elf = open_elf(program), *other;
	bool found;

	*why = elf == NULL || elf_kind(elf) != ELF_K_ELF ? "not a program or library"
							 : "it has no call frame information";
	read_segments(c, elf);
	find_plt(c, elf);
	read_section(c, files, elf, ".eh_frame", true);
	found = read_section(c, files, elf, ".debug_frame", false);
	elf_end(elf);
	other = found ? NULL : open_elf(debug);
	read_section(c, files, other, ".debug_frame", false);
	elf_end(other);
	if (c->n > 0 && c->segments.n > 0)
		return c;
	cfi_free(c);
	return NULL;
}

void
cfi_free(struct cfi *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++)
		image_free(&c->image[i]);
	segments_free(&c->segments);
	free(c);
}

/* --- rows */

/* The index of the operation that a branch leads to. */
static bool
find_target(const Dwarf_Op *op, size_t n, const Dwarf_Op *branch, uint64_t *number)
{
	uint64_t to = branch->offset + 3 + branch->number;
	size_t i;

	for (i = 0; i < n && op[i].offset != to; i++)
		;
	*number = i;
	return i < n;
}

/* Take the operations of a rule; false if there is no room for them, or a branch leads astray. */
static bool
take_ops(struct cfi_row *row, struct cfi_rule *rule, const Dwarf_Op *op, size_t n)
{
	struct expr_op *to = &row->op[row->ops];
	size_t i;

	if (row->ops + n > CFI_OPS)
		return false;
	for (i = 0; i < n; i++) {
		to[i] = (struct expr_op){ op[i].number, op[i].number2, op[i].atom };
		if ((op[i].atom == DW_OP_bra || op[i].atom == DW_OP_skip) &&
		    !find_target(op, n, &op[i], &to[i].number))
			return false;
	}
	rule->op = row->ops;
	rule->n = (uint16_t)n;
	row->ops += (uint16_t)n;
	return true;
}

static bool
take_cfa(struct cfi_row *row, Dwarf_Frame *frame)
{
	struct cfi_rule *rule = &row->rule[0];
	Dwarf_Op *op;
	size_t n;

	if (dwarf_frame_cfa(frame, &op, &n) != 0 || n == 0)
		return false;
	if (n > 1 || op->atom != DW_OP_bregx) {
		*rule = (struct cfi_rule){ .how = CFI_EXPR_VALUE };
		return take_ops(row, rule, op, n);
	}
	*rule = (struct cfi_rule){ .how = CFI_REGISTER,
		.off = (int64_t)op->number2,
		.reg = op->number < CFI_REGS ? (uint8_t)op->number : CFI_REGS };
	return true;
}

/* The rule that operations have which libdw makes itself: the CFA, perhaps a number to add, and the
 * mark of a value; or a register. CFI_SAME: it is an expression. */
static struct cfi_rule
simple_rule(const Dwarf_Op *op, size_t n)
{
	struct cfi_rule rule = { .how = CFI_OFFSET };
	size_t i = 1;

	if (op->atom == DW_OP_regx && n == 1)
		return (struct cfi_rule){ .how = CFI_REGISTER,
			.reg = op->number < CFI_REGS ? (uint8_t)op->number : CFI_REGS };
	if (i < n && op[i].atom == DW_OP_plus_uconst)
		rule.off = (int64_t)op[i++].number;
	if (i < n && op[i].atom == DW_OP_stack_value) {
		rule.how = CFI_VAL_OFFSET;
		i++;
	}
	if (op->atom != DW_OP_call_frame_cfa || i < n)
		rule.how = CFI_SAME;
	return rule;
}

/* Take the rule of a register, unless it has none. That registers are undefined counts for the
 * return address alone: libdw 0.188 has others in its place for some that calls preserve. */
static void
take_rule(struct cfi_row *row, Dwarf_Frame *frame, unsigned reg)
{
	struct cfi_rule rule = { .how = CFI_UNDEFINED };
	Dwarf_Op mem[3], *op;
	size_t n;

	if (dwarf_frame_register(frame, (int)reg, mem, &op, &n) != 0 ||
	    (n == 0 && (op == NULL || reg != row->ra)))
		return;
	if (n > 0)
		rule = simple_rule(op, n);
	if (rule.how == CFI_SAME) {
		rule.how = op[n - 1].atom == DW_OP_stack_value ? CFI_EXPR_VALUE : CFI_EXPR_AT;
		if (!take_ops(row, &rule, op, n))
			rule.how = CFI_UNDEFINED;
	}
	rule.target = (uint8_t)reg;
	row->rule[++row->n] = rule;
}

static bool
take_frame(struct cfi_row *row, Dwarf_Frame *frame)
{
	int ra = dwarf_frame_info(frame, NULL, NULL, &row->signal);
	unsigned reg;

	row->n = row->ops = 0;
	if (ra < 0 || ra >= CFI_REGS || !take_cfa(row, frame))
		return false;
	row->ra = (uint8_t)ra;
	for (reg = 0; reg < CFI_REGS; reg++)
		take_rule(row, frame, reg);
	return true;
}

/* An entry of 16 bytes jumps through its slot, or pushes its number, at 6, and jumps to the first
 * one, at 11. That pushes the link map, and jumps to the dynamic linker, at 6. */
static bool
plt_row(const struct cfi *c, uint64_t addr, struct cfi_row *row)
{
	const uint64_t at = addr - c->plt;
	const bool first = at < 16;

	if (addr < c->plt || addr >= c->plt_end)
		return false;
	row->n = 1;
	row->ops = 0;
	row->ra = 16;
	row->signal = false;
	row->rule[0] = (struct cfi_rule){ .how = CFI_REGISTER, .reg = 7, .off = 8 };
	if (first)
		row->rule[0].off = at < 6 ? 16 : 24;
	else if (at % 16 >= 11)
		row->rule[0].off = 16;
	row->rule[1] = (struct cfi_rule){ .how = CFI_OFFSET, .target = 16, .off = -8 };
	return true;
}

bool
cfi_row(struct cfi *c, uint64_t off, struct cfi_row *row, uint64_t *cost)
{
	Dwarf_Frame *frame;
	uint64_t addr;
	bool found = false;
	size_t i;

	*cost = LEAST;
	if (!segments_find(&c->segments, off, &addr))
		return false;
	for (i = 0; i < c->n && !found; i++) {
		*cost += c->image[i].largest;
		if (dwarf_cfi_addrframe(c->image[i].cfi, addr, &frame) != 0)
			continue;
		found = take_frame(row, frame);
		free(frame);
	}
	return found || plt_row(c, addr, row);
}
