/* SPDX-License-Identifier: MIT */

#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/xz.h"
#include "buildid.h"
#include "elf.h"
#include "plt.h"

enum {
	MAXLOADS = 64,
	MAXRELOCATIONS = 8,
	MAXSECTION = 1 << 30,
	MAXNOTES = 64,
	NOTES = 4096,
	MAXPATH = 4096,
	TABLES = 2,         /* times a file's size: what its tables may have in all */
	MINTEXT = 16 << 20, /* the text of a kernel's symbols, and this many times the image */
	TEXT_RATIO = 2
};

/* A file while it is read. */
struct image {
	int fd;
	Elf *elf;
	GElf_Ehdr head;
	char build[BUILDID]; /* "" if it has none */
};

struct elf {
	struct symtab symbols;  /* mark: it has no size */
	struct symtab choosers; /* functions that choose among others (IFUNC) */
	struct symtab stubs;    /* of the .plt */
	struct strbuf names;    /* string tables of files, each followed by a NUL byte */
	/* a segment with code: the byte at an address is at that address less shift in the file */
	struct load {
		uint64_t addr, end, shift;
	} load[MAXLOADS];
	size_t loads;
	uint16_t machine;
	bool stripped;
	struct files *files; /* while it is read */
	uint64_t room;       /* bytes of tables that may be read: tables may overlap */
};

/* --- build ids */

/* Few bytes of few notes are looked at, however many there are: the build id comes early. */
static bool
read_note(struct image *im, uint64_t off, uint64_t size)
{
	bool big = im->head.e_ident[EI_DATA] == ELFDATA2MSB;
	uint8_t notes[NOTES];
	ssize_t n;

	if (off > INT64_MAX)
		return false;
	n = pread(im->fd, notes, size < NOTES ? (size_t)size : NOTES, (off_t)off);
	return n > 0 && buildid_note(bytes_of(notes, (size_t)n, big), im->build);
}

/* Sections first: a separate debug file has them, but no segments of its own. */
static void
get_build(struct image *im)
{
	Elf_Scn *scn = NULL;
	int i, notes = 0;
	GElf_Shdr sh;
	GElf_Phdr ph;
	size_t n;

	while ((scn = elf_nextscn(im->elf, scn)) != NULL && notes < MAXNOTES)
		if (gelf_getshdr(scn, &sh) != NULL && sh.sh_type == SHT_NOTE && ++notes > 0 &&
		    read_note(im, sh.sh_offset, sh.sh_size))
			return;
	if (elf_getphdrnum(im->elf, &n) != 0)
		return;
	for (i = 0; (size_t)i < n && i < MAXNOTES && gelf_getphdr(im->elf, i, &ph) != NULL; i++)
		if (ph.p_type == PT_NOTE && read_note(im, ph.p_offset, ph.p_filesz))
			return;
}

/* --- files */

/* Look at an open file, which remains the caller's. */
static bool
image_begin_any(struct image *im, int fd)
{
	*im = (struct image){ .fd = fd };
	elf_version(EV_CURRENT);
	im->elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf_kind(im->elf) == ELF_K_ELF && gelf_getehdr(im->elf, &im->head) != NULL)
		return true;
	elf_end(im->elf);
	return false;
}

static bool
image_begin(struct image *im, int fd, struct fault *why)
{
	if (!image_begin_any(im, fd))
		return fault_set(why, "not a program or library");
	if (im->head.e_type == ET_EXEC || im->head.e_type == ET_DYN) {
		get_build(im);
		return true;
	}
	elf_end(im->elf);
	return fault_set(why, "not a program or library");
}

bool
elf_check_build(int fd, const char *build, struct fault *why)
{
	struct image im;
	bool same;

	if (!image_begin(&im, fd, why))
		return false;
	same = buildid_same(im.build, build);
	elf_end(im.elf);
	return same || fault_set(why, "the file there has another build id");
}

bool
elf_segments(int fd, void (*each)(void *arg, uint64_t addr, uint64_t len, uint64_t off), void *arg)
{
	struct image im;
	GElf_Phdr ph;
	size_t n, i;

	if (!image_begin_any(&im, fd))
		return false;
	if (elf_getphdrnum(im.elf, &n) != 0)
		n = 0;
	for (i = 0; i < n && gelf_getphdr(im.elf, (int)i, &ph) != NULL; i++)
		if (ph.p_type == PT_LOAD && ph.p_filesz > 0)
			each(arg, ph.p_vaddr, ph.p_filesz, ph.p_offset);
	elf_end(im.elf);
	return true;
}

/* --- sections */

/* The first section of this type (0: any) and name (NULL: any). */
static Elf_Scn *
section(const struct image *im, uint32_t type, const char *name, GElf_Shdr *sh)
{
	Elf_Scn *scn = NULL;
	const char *has;
	size_t names;

	if (elf_getshdrstrndx(im->elf, &names) != 0)
		return NULL;
	while ((scn = elf_nextscn(im->elf, scn)) != NULL) {
		if (gelf_getshdr(scn, sh) == NULL || (type != 0 && sh->sh_type != type))
			continue;
		has = name == NULL ? NULL : elf_strptr(im->elf, names, sh->sh_name);
		if (name == NULL || (has != NULL && strcmp(has, name) == 0))
			return scn;
	}
	return NULL;
}

/* The bytes of a section; NULL if it is compressed, has none or more than a program could have. */
static Elf_Data *
contents(Elf_Scn *scn)
{
	Elf_Data *data;
	GElf_Shdr sh;

	if (scn == NULL || gelf_getshdr(scn, &sh) == NULL || sh.sh_type == SHT_NOBITS)
		return NULL;
	if (sh.sh_size == 0 || sh.sh_size > MAXSECTION || (sh.sh_flags & SHF_COMPRESSED) != 0)
		return NULL;
	data = elf_getdata(scn, NULL);
	return data == NULL || data->d_buf == NULL ? NULL : data;
}

/* What a compressed section inflates to: SHF_COMPRESSED, or GNU's .zdebug_... of any type */
static uint64_t
inflated_size(Elf *elf, Elf_Scn *scn)
{
	GElf_Shdr sh;
	GElf_Chdr ch;
	struct bytes b;
	Elf_Data *raw;

	if (gelf_getshdr(scn, &sh) == NULL || sh.sh_type == SHT_NOBITS)
		return 0;
	if ((sh.sh_flags & SHF_COMPRESSED) != 0)
		return gelf_getchdr(scn, &ch) == NULL ? 0 : ch.ch_size;
	raw = elf_getdata_rawchunk(elf, (int64_t)sh.sh_offset, 12, ELF_T_BYTE);
	if (raw == NULL || raw->d_size < 12 || memcmp(raw->d_buf, "ZLIB", 4) != 0)
		return 0;
	b = bytes_of((const char *)raw->d_buf + 4, 8, true);
	return bytes_u64(&b);
}

uint64_t
elf_inflated_size(int fd)
{
	Elf_Scn *scn = NULL;
	struct image im;
	uint64_t n, sum = 0;

	if (!image_begin_any(&im, fd))
		return 0;
	while ((scn = elf_nextscn(im.elf, scn)) != NULL) {
		n = inflated_size(im.elf, scn);
		sum = n < UINT64_MAX - sum ? sum + n : UINT64_MAX;
	}
	elf_end(im.elf);
	return sum;
}

/* --- the separate debug file, found as gdb(1) finds it */

/* What a program says about its debug file: the name and the checksum in its .gnu_debuglink. */
struct link {
	const char *name; /* NULL if it says nothing */
	uint32_t checksum;
};

/* The section holds a file name, zeros up to a multiple of four, the checksum. */
static struct link
get_link(const struct image *run)
{
	GElf_Shdr sh;
	Elf_Data *data = contents(section(run, 0, ".gnu_debuglink", &sh));
	struct link link = { NULL, 0 };
	struct bytes b;
	const char *name;
	size_t len;

	if (data == NULL)
		return link;
	name = data->d_buf;
	len = strnlen(name, data->d_size);
	b = bytes_of(name, data->d_size, run->head.e_ident[EI_DATA] == ELFDATA2MSB);
	bytes_take(&b, (len + 4) & ~(size_t)3);
	link.checksum = bytes_u32(&b);
	if (len > 0 && memchr(name, '/', len) == NULL && !bytes_bad(&b))
		link.name = name;
	return link;
}

/* The CRC-32 of IEEE 802.3 of an open file. */
static uint32_t
checksum(int fd)
{
	uint8_t buf[16384];
	uint32_t crc = ~UINT32_C(0);
	ssize_t n, i;
	off_t at;
	int bit;

	for (at = 0; (n = pread(fd, buf, sizeof buf, at)) > 0; at += n)
		for (i = 0; i < n; i++)
			for (crc ^= buf[i], bit = 0; bit < 8; bit++)
				crc = crc >> 1 ^ ((crc & 1) != 0 ? UINT32_C(0xedb88320) : 0);
	return ~crc;
}

/* It must have the program's build id; if the program has none, the checksum of its link. */
static bool
is_debug_file(const struct image *debug, const struct image *run, const struct link *link)
{
	if (*run->build != '\0')
		return strcmp(debug->build, run->build) == 0;
	return checksum(debug->fd) == link->checksum;
}

static bool
open_debug(struct image *debug, struct files *files, const struct image *run, const char *program)
{
	struct link link = get_link(run);
	struct files_wanted wanted = { program, run->build, link.name };
	struct fault unused = { "" };
	size_t i;
	int fd;

	for (i = 0; (fd = files_open(files, FILES_DEBUG, &wanted, i, &unused)) != FILES_END; i++) {
		if (fd == FILES_ABSENT)
			continue;
		if (files_read(files, fd, 1) && image_begin(debug, fd, &unused)) {
			if (is_debug_file(debug, run, &link))
				return true;
			elf_end(debug->elf);
		}
		close(fd);
	}
	return false;
}

int
elf_open_debug(struct files *files, int fd, const char *path)
{
	struct image run, debug;
	struct fault unused = { "" };
	int found = -1;

	if (!image_begin(&run, fd, &unused))
		return -1;
	if (open_debug(&debug, files, &run, path)) {
		elf_end(debug.elf);
		found = debug.fd;
	}
	elf_end(run.elf);
	return found;
}

/* --- symbols */

static void
add_load(struct elf *e, uint64_t addr, uint64_t size, uint64_t off)
{
	if (e->loads < MAXLOADS && size <= UINT64_MAX - addr)
		e->load[e->loads++] = (struct load){ addr, addr + size, addr - off };
}

/* perf inject --jit wrote files without segments before Linux 6.4. */
static void
get_loads(struct elf *e, const struct image *run)
{
	Elf_Scn *scn = NULL;
	GElf_Phdr ph;
	GElf_Shdr sh;
	size_t n, i;

	if (elf_getphdrnum(run->elf, &n) != 0)
		return;
	for (i = 0; i < n && e->loads < MAXLOADS; i++)
		if (gelf_getphdr(run->elf, (int)i, &ph) != NULL && ph.p_type == PT_LOAD &&
		    (ph.p_flags & PF_X) != 0)
			add_load(e, ph.p_vaddr, ph.p_memsz, ph.p_offset);
	while (n == 0 && (scn = elf_nextscn(run->elf, scn)) != NULL && e->loads < MAXLOADS)
		if (gelf_getshdr(scn, &sh) != NULL && (sh.sh_flags & SHF_EXECINSTR) != 0)
			add_load(e, sh.sh_addr, sh.sh_size, sh.sh_offset);
}

/* Where in the file the byte at an address is. False if that is no code. */
static bool
file_offset(const struct elf *e, uint64_t addr, uint64_t *off)
{
	size_t i;

	for (i = 0; i < e->loads; i++)
		if (addr >= e->load[i].addr && addr < e->load[i].end) {
			*off = addr - e->load[i].shift;
			return true;
		}
	return false;
}

/* Add a symbol whose start is its address in memory. */
static void
add(struct elf *e, struct symtab *to, struct symtab_entry s, uint64_t size)
{
	s.code = true;
	if (file_offset(e, s.start, &s.start))
		symtab_add(to, &s, size);
}

/* A symbol without a size ends with its section at the latest. */
static void
add_ends(struct elf *e, const struct image *run)
{
	struct symtab_entry end = { 0 };
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(run->elf, scn)) != NULL)
		if (gelf_getshdr(scn, &sh) != NULL && (sh.sh_flags & SHF_EXECINSTR) != 0 &&
		    sh.sh_size > 0 && file_offset(e, sh.sh_addr + sh.sh_size - 1, &end.start)) {
			end.start++;
			symtab_add(&e->symbols, &end, 0);
		}
}

/* Inflate a section if it is compressed, and there is room for what its header promises. */
static bool
inflate(struct elf *e, Elf_Scn *scn)
{
	GElf_Shdr sh;
	GElf_Chdr ch;

	if (scn == NULL || gelf_getshdr(scn, &sh) == NULL || (sh.sh_flags & SHF_COMPRESSED) == 0)
		return true;
	if (gelf_getchdr(scn, &ch) == NULL || ch.ch_size > files_room(e->files))
		return false;
	files_inflated(e->files, ch.ch_size);
	e->room += TABLES * ch.ch_size;
	return elf_compress(scn, 0, 0) == 1;
}

/* The bytes of a table, inflated. NULL if there are none, or if its file's tables have had more
 * than the file could hold side by side. */
static Elf_Data *
table(struct elf *e, Elf_Scn *scn)
{
	Elf_Data *data = inflate(e, scn) ? contents(scn) : NULL;

	if (data == NULL || data->d_size > e->room)
		return NULL;
	e->room -= data->d_size;
	return data;
}

/* Copy the string table of a symbol table. Returns where it begins; false if there is none. */
static bool
copy_names(struct elf *e, const struct image *im, size_t section_index, size_t *base, size_t *size)
{
	Elf_Data *strings = table(e, elf_getscn(im->elf, section_index));

	if (strings == NULL || e->names.n + strings->d_size >= UINT32_MAX)
		return false;
	*base = e->names.n;
	*size = strings->d_size;
	strbuf_add(&e->names, (struct str){ strings->d_buf, strings->d_size });
	strbuf_putc(&e->names, '\0');
	return true;
}

/* Functions and labels, but neither ARM's marks of code and data nor local labels. */
static bool
is_code(const GElf_Sym *s, const char *name)
{
	unsigned type = GELF_ST_TYPE(s->st_info);

	if (s->st_shndx == SHN_UNDEF || s->st_shndx == SHN_ABS || s->st_shndx == SHN_COMMON)
		return false;
	if (type == STT_NOTYPE && GELF_ST_VISIBILITY(s->st_other) == STV_HIDDEN)
		return false;
	if (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE)
		return false;
	return *name != '\0' && *name != '$' && strncmp(name, ".L", 2) != 0;
}

static bool
add_table(struct elf *e, const struct image *im, uint32_t type)
{
	GElf_Shdr sh = { 0 };
	Elf_Data *data = table(e, section(im, type, NULL, &sh));
	struct symtab_entry entry;
	size_t base, size;
	GElf_Sym s;
	int i;

	if (data == NULL || !copy_names(e, im, sh.sh_link, &base, &size))
		return false;
	for (i = 0; gelf_getsym(data, i, &s) != NULL; i++) {
		if (s.st_name >= size || !is_code(&s, e->names.p + base + s.st_name))
			continue;
		if (im->head.e_machine == EM_ARM)
			s.st_value &= ~UINT64_C(1);
		entry = (struct symtab_entry){ .start = s.st_value,
			.name = (uint32_t)(base + s.st_name),
			.weak = GELF_ST_BIND(s.st_info) == STB_WEAK,
			.global = GELF_ST_BIND(s.st_info) == STB_GLOBAL,
			.mark = s.st_size == 0 };
		add(e, &e->symbols, entry, s.st_size);
		entry.weak = false; /* the names that others call it by are weak */
		if (GELF_ST_TYPE(s.st_info) == STT_GNU_IFUNC)
			add(e, &e->choosers, entry, s.st_size);
	}
	return e->symbols.n > 0;
}

/* --- stubs of the .plt */

/* What a slot of the global offset table gets: a symbol's address, or that of what the function at
 * an address chooses. */
struct slot {
	uint64_t addr;
	uint64_t name; /* offset in the names + 1; 0: none */
	uint64_t chooser;
};

struct slots {
	struct slot *slot;
	size_t n, cap;
};

static const struct plt_arch {
	uint16_t elf;
	enum plt_machine machine;
	uint32_t jump_slot, glob_dat, irelative; /* relocations */
} archs[] = {
	{ EM_X86_64, PLT_X86_64, R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT, R_X86_64_IRELATIVE },
	{ EM_AARCH64, PLT_AARCH64, R_AARCH64_JUMP_SLOT, R_AARCH64_GLOB_DAT, R_AARCH64_IRELATIVE },
	{ EM_ARM, PLT_ARM, R_ARM_JUMP_SLOT, R_ARM_GLOB_DAT, R_ARM_IRELATIVE },
};

static const struct plt_arch *
arch_of(const struct image *run)
{
	size_t i;

	for (i = 0; i < sizeof archs / sizeof *archs; i++)
		if (archs[i].elf == run->head.e_machine)
			return &archs[i];
	return NULL;
}

/* The symbols that relocations refer to. */
struct imports {
	size_t section;
	Elf_Data *symbols;  /* NULL: none */
	size_t names, size; /* of their names: offset in those of the file, length */
};

/* Add the slot of a relocation, whose names are e->names. */
static void
add_slot(struct elf *e, struct slots *to, const struct plt_arch *arch, const struct imports *from,
    const GElf_Rela *r)
{
	uint32_t type = (uint32_t)GELF_R_TYPE(r->r_info);
	struct slot slot = { r->r_offset, 0, 0 };
	GElf_Sym s;

	if (type == arch->irelative)
		slot.chooser = (uint64_t)r->r_addend;
	else if ((type != arch->jump_slot && type != arch->glob_dat) || from->symbols == NULL ||
		 gelf_getsym(from->symbols, (int)GELF_R_SYM(r->r_info), &s) == NULL ||
		 s.st_name >= from->size || e->names.p[from->names + s.st_name] == '\0')
		return;
	else
		slot.name = from->names + s.st_name + 1;
	to->slot = mem_grow(to->slot, to->n, &to->cap, sizeof *to->slot);
	to->slot[to->n++] = slot;
}

static void
get_imports(struct elf *e, const struct image *run, size_t section_index, struct imports *from)
{
	Elf_Scn *scn = elf_getscn(run->elf, section_index);
	GElf_Shdr sh;

	if (from->section == section_index)
		return;
	*from = (struct imports){ .section = section_index };
	if (gelf_getshdr(scn, &sh) != NULL &&
	    copy_names(e, run, sh.sh_link, &from->names, &from->size))
		from->symbols = contents(scn);
}

static void
add_slots(struct elf *e, const struct plt_arch *arch, const struct imports *from, Elf_Scn *scn,
    struct slots *to)
{
	Elf_Data *data = table(e, scn);
	GElf_Rela r;
	GElf_Rel rel;
	int i;

	for (i = 0; data != NULL && gelf_getrela(data, i, &r) != NULL; i++)
		add_slot(e, to, arch, from, &r);
	for (i = 0; data != NULL && gelf_getrel(data, i, &rel) != NULL; i++) {
		r = (GElf_Rela){ rel.r_offset, rel.r_info, 0 };
		add_slot(e, to, arch, from, &r);
	}
}

static int
by_addr(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

static void
get_slots(struct elf *e, const struct image *run, const struct plt_arch *arch, struct slots *slots)
{
	struct imports from = { 0 };
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	int i = 0;

	while ((scn = elf_nextscn(run->elf, scn)) != NULL && i < MAXRELOCATIONS) {
		if (gelf_getshdr(scn, &sh) == NULL || (sh.sh_flags & SHF_ALLOC) == 0 ||
		    (sh.sh_type != SHT_RELA && sh.sh_type != SHT_REL))
			continue;
		get_imports(e, run, sh.sh_link, &from);
		add_slots(e, arch, &from, scn, slots);
		i++;
	}
	if (slots->n > 0)
		qsort(slots->slot, slots->n, sizeof *slots->slot, by_addr);
}

/* The name of a stub through a slot: an offset in the names; false if there is none. */
static bool
slot_name(const struct elf *e, const struct slots *slots, uint64_t addr, uint32_t *name)
{
	struct slot key = { .addr = addr };
	const struct slot *s =
	    slots->n == 0 ? NULL : bsearch(&key, slots->slot, slots->n, sizeof key, by_addr);
	const struct symtab_entry *chooser;
	uint64_t off;

	if (s != NULL && s->name > 0) {
		*name = (uint32_t)(s->name - 1);
		return true;
	}
	if (s == NULL || !file_offset(e, s->chooser, &off))
		return false;
	chooser = symtab_find(&e->choosers, off);
	if (chooser == NULL)
		chooser = symtab_find(&e->symbols, off);
	if (chooser == NULL || chooser->start != off || !chooser->code)
		return false;
	*name = chooser->name;
	return true;
}

static void
add_stubs(struct elf *e, const struct plt_arch *arch, const struct slots *slots, Elf_Scn *scn)
{
	Elf_Data *data = table(e, scn);
	struct plt_stub stub;
	struct plt_walk w;
	uint32_t name;
	GElf_Shdr sh;

	if (data == NULL || gelf_getshdr(scn, &sh) == NULL)
		return;
	w = plt_walk(
	    arch->machine, bytes_of(data->d_buf, data->d_size, false), sh.sh_addr, sh.sh_entsize);
	while (plt_next(&w, &stub))
		if (slot_name(e, slots, stub.slot, &name))
			add(e, &e->stubs, (struct symtab_entry){ .start = stub.addr, .name = name },
			    stub.size);
}

/* The symbols, which are finished, name those that choose. */
static void
add_plt(struct elf *e, const struct image *run)
{
	static const char *const sections[] = { ".plt", ".plt.sec", ".plt.got", ".iplt" };
	const struct plt_arch *arch = arch_of(run);
	struct slots slots = { 0 };
	Elf_Scn *scn;
	GElf_Shdr sh;
	size_t i;

	if (arch == NULL)
		return;
	get_slots(e, run, arch, &slots);
	for (i = 0; i < sizeof sections / sizeof *sections; i++)
		if ((scn = section(run, 0, sections[i], &sh)) != NULL)
			add_stubs(e, arch, &slots, scn);
	free(slots.slot);
}

/* The tables of a file may be read. */
static void
add_room(struct elf *e, int fd)
{
	struct stat st = { 0 };

	fstat(fd, &st);
	e->room += TABLES * (uint64_t)st.st_size;
}

static bool
add_debug(struct elf *e, struct files *files, const struct image *run, const char *path)
{
	struct image debug;
	bool has;

	if (!open_debug(&debug, files, run, path))
		return false;
	add_room(e, debug.fd);
	has = add_table(e, &debug, SHT_SYMTAB);
	elf_end(debug.elf);
	close(debug.fd);
	return has;
}

/* Add what .gnu_debugdata has: an ELF file, compressed by xz(1), with the functions that .dynsym
 * lacks. */
static bool
add_debugdata(struct elf *e, struct files *files, const struct image *run)
{
	GElf_Shdr sh;
	Elf_Data *data = contents(section(run, 0, ".gnu_debugdata", &sh));
	struct strbuf inflated = { 0 };
	struct image mini = { .fd = -1 };
	bool has = false;

	if (data == NULL ||
	    xz_unpack(data->d_buf, data->d_size, &inflated, files_room(files)) != NULL)
		inflated.n = 0;
	files_inflated(files, inflated.n);
	e->room += TABLES * inflated.n;
	mini.elf = inflated.n == 0 ? NULL : elf_memory(inflated.p, inflated.n);
	if (elf_kind(mini.elf) == ELF_K_ELF && gelf_getehdr(mini.elf, &mini.head) != NULL)
		has = add_table(e, &mini, SHT_SYMTAB);
	elf_end(mini.elf);
	strbuf_free(&inflated);
	return has;
}

static void
add_all(struct elf *e, struct files *files, const struct image *run, const char *path)
{
	get_loads(e, run);
	if (!add_table(e, run, SHT_SYMTAB) && !add_debug(e, files, run, path)) {
		e->stripped = !add_debugdata(e, files, run);
		add_table(e, run, SHT_DYNSYM);
	}
	if (e->symbols.n > 0)
		add_ends(e, run);
	symtab_finish(&e->symbols, e->names.p);
	symtab_finish(&e->choosers, e->names.p);
	add_plt(e, run);
	e->symbols.text = e->names.p;
	symtab_finish(&e->stubs, e->names.p);
}

static struct elf *
elf_new(struct files *files, const struct image *im)
{
	struct elf *e = mem_alloc(sizeof *e);

	files_read(files, im->fd, 1);
	add_room(e, im->fd);
	e->files = files;
	e->machine = im->head.e_machine;
	e->symbols.stops = e->choosers.stops = e->stubs.stops = "@";
	return e;
}

struct elf *
elf_read(struct files *files, int fd, const char *path, struct fault *why)
{
	struct image run;
	struct elf *e;

	if (!image_begin(&run, fd, why))
		return NULL;
	e = elf_new(files, &run);
	add_all(e, files, &run, path);
	elf_end(run.elf);
	if (e->symbols.n > 0 || e->stubs.n > 0)
		return e;
	fault_set(why, "no symbols in it, and no debug file");
	elf_free(e);
	return NULL;
}

/* The segment that a map holds all of: whole pages, whose size is not known. */
static void
add_mapped_load(struct elf *e, const GElf_Phdr *ph, const struct elf_map *map, uint64_t *shift)
{
	uint64_t page, addr;

	for (page = 4096; page <= 65536 && ph->p_memsz < INT64_MAX; page *= 4) {
		addr = ph->p_vaddr & ~(page - 1);
		if (((ph->p_vaddr - addr + ph->p_memsz + page - 1) & ~(page - 1)) != map->len)
			continue;
		add_load(e, addr, map->len, map->off);
		*shift = addr - map->off;
		break;
	}
}

struct elf *
elf_read_debug(
    struct files *files, int fd, const struct elf_map *map, uint64_t *shift, struct fault *why)
{
	struct image debug;
	struct elf *e;
	GElf_Phdr ph;
	size_t n, i;

	if (!image_begin(&debug, fd, why))
		return NULL;
	e = elf_new(files, &debug);
	if (elf_getphdrnum(debug.elf, &n) != 0)
		n = 0;
	for (i = 0; i < n && e->loads == 0; i++)
		if (gelf_getphdr(debug.elf, (int)i, &ph) != NULL && ph.p_type == PT_LOAD &&
		    (ph.p_flags & PF_X) != 0)
			add_mapped_load(e, &ph, map, shift);
	if (e->loads > 0 && add_table(e, &debug, SHT_SYMTAB)) {
		add_ends(e, &debug);
		symtab_finish(&e->symbols, e->names.p);
	}
	elf_end(debug.elf);
	if (e->symbols.n > 0)
		return e;
	elf_free(e);
	return NULL;
}

/* The letter that nm has for a symbol of a kernel: T t W for code, otherwise d; '\0' for none. */
static char
letter(const struct image *im, const GElf_Sym *s, const char *name)
{
	unsigned type = GELF_ST_TYPE(s->st_info), bind = GELF_ST_BIND(s->st_info);
	Elf_Scn *scn = s->st_shndx < SHN_LORESERVE ? elf_getscn(im->elf, s->st_shndx) : NULL;
	GElf_Shdr sh;

	if (s->st_shndx == SHN_UNDEF || type == STT_SECTION || type == STT_FILE ||
	    (unsigned char)*name < ' ' || strpbrk(name, " \t\n") != NULL ||
	    strlen(name) > SYMTAB_NAME)
		return '\0';
	if (scn == NULL || gelf_getshdr(scn, &sh) == NULL || (sh.sh_flags & SHF_ALLOC) == 0)
		return '\0';
	if ((sh.sh_flags & SHF_EXECINSTR) == 0 || !is_code(s, name))
		return 'd';
	return bind == STB_WEAK ? 'W' : bind == STB_GLOBAL ? 'T' : 't';
}

/* Append a line of /proc/kallsyms. */
static void
put_symbol(struct strbuf *text, const GElf_Sym *s, char type, const char *name)
{
	text->n += text_put_hex(strbuf_reserve(text, TEXT_NUMBER), s->st_value);
	strbuf_putc(text, ' ');
	strbuf_putc(text, type);
	strbuf_putc(text, ' ');
	strbuf_add(text, str_of(name));
	strbuf_putc(text, '\n');
}

bool
elf_kallsyms(int fd, struct strbuf *text, char build[BUILDID], struct fault *why)
{
	struct stat st = { 0 };
	struct image im;
	GElf_Shdr sh = { 0 };
	Elf_Data *data;
	const char *name;
	GElf_Sym s;
	char type;
	int i;

	if (!image_begin(&im, fd, why))
		return false;
	memcpy(build, im.build, BUILDID);
	fstat(fd, &st);
	data = contents(section(&im, SHT_SYMTAB, NULL, &sh));
	for (i = 0; data != NULL && gelf_getsym(data, i, &s) != NULL; i++) {
		name = elf_strptr(im.elf, sh.sh_link, s.st_name);
		if (name != NULL && *name != '\0' && (type = letter(&im, &s, name)) != '\0')
			put_symbol(text, &s, type, name);
		if (text->n > MINTEXT + TEXT_RATIO * (uint64_t)st.st_size) {
			fault_set(why, "its names would outgrow it");
			break;
		}
	}
	elf_end(im.elf);
	if (text->n == 0)
		fault_set(why, "no symbols in it");
	return !fault_is(why);
}

void
elf_free(struct elf *e)
{
	if (e == NULL)
		return;
	symtab_free(&e->symbols);
	symtab_free(&e->choosers);
	symtab_free(&e->stubs);
	strbuf_free(&e->names);
	free(e);
}

bool
elf_is_stripped(const struct elf *e)
{
	return e->stripped;
}

bool
elf_find(const struct elf *e, uint64_t off, struct elf_symbol *found)
{
	const struct symtab_entry *stub = symtab_find(&e->stubs, off);
	const struct symtab_entry *s = stub != NULL ? stub : symtab_find(&e->symbols, off);

	if (s == NULL || !s->code)
		return false;
	*found =
	    (struct elf_symbol){ s->start, symtab_name(&e->symbols, s), s->mark, stub != NULL };
	return true;
}

/* The length of an x86 instruction with an opcode of one byte, by the operand that follows it. */
static int
x86_length(const uint8_t *operand)
{
	int mod = operand[0] >> 6, rm = operand[0] & 7, sib = mod != 3 && rm == 4;
	bool far = mod == 2 || (mod == 0 && (sib != 0 ? operand[1] & 7 : rm) == 5);

	return 2 + sib + (mod == 1 ? 1 : 0) + (far ? 4 : 0);
}

/* call rel32, or one of the forms of call r/m64 */
static bool
is_x86_call(const uint8_t *end, size_t n)
{
	int i;

	for (i = 2; i <= 7 && (size_t)i <= n; i++)
		if (end[-i] == 0xff && (end[1 - i] >> 3 & 7) == 2 && x86_length(end - i + 1) == i)
			return true;
	return n >= 5 && end[-5] == 0xe8;
}

/* bl, or one of the forms of blr */
static bool
is_aarch64_call(const uint8_t *end, size_t n)
{
	struct bytes b = bytes_of(end - (n < 4 ? 0 : 4), 4, false);
	uint32_t word = n < 4 ? 0 : bytes_u32(&b);

	return (word & 0xfc000000) == 0x94000000 || (word & 0xfefff000) == 0xd63f0000;
}

bool
elf_is_call(const struct elf *e, const uint8_t *code, size_t n)
{
	if (e->machine == EM_X86_64)
		return is_x86_call(code + n, n);
	return e->machine != EM_AARCH64 || is_aarch64_call(code + n, n);
}
