/* SPDX-License-Identifier: MIT */

#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "buildid.h"
#include "debugfile.h"
#include "elf.h"

enum { MAXLOADS = 64, MAXSECTION = 1 << 30 };

/* A file while it is read. */
struct image {
	int fd;
	Elf *elf;
	GElf_Ehdr head;
	char build[BUILDID]; /* "" where it has none */
};

struct elf {
	struct symtab symbols;
	/* the segments with code: what is at [addr, end) in memory is shift lower in the file */
	struct load {
		uint64_t addr, end, shift;
	} load[MAXLOADS];
	size_t loads;
	bool stripped;
};

/* --- the file */

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

/* A section's bytes; none of one that is compressed, without contents, or out of all proportion. */
static Elf_Data *
contents(Elf_Scn *scn)
{
	GElf_Shdr sh;

	if (scn == NULL || gelf_getshdr(scn, &sh) == NULL || sh.sh_type == SHT_NOBITS)
		return NULL;
	if (sh.sh_size == 0 || sh.sh_size > MAXSECTION || (sh.sh_flags & SHF_COMPRESSED) != 0)
		return NULL;
	return elf_getdata(scn, NULL);
}

/* A string of a table, NULL where there is no whole one. */
static const char *
string_at(const Elf_Data *strings, size_t at)
{
	const char *s = strings->d_buf;

	if (s == NULL || at >= strings->d_size ||
	    memchr(s + at, '\0', strings->d_size - at) == NULL)
		return NULL;
	return s + at;
}

static bool
note_in(struct image *im, const Elf_Data *data)
{
	bool big = im->head.e_ident[EI_DATA] == ELFDATA2MSB;
	const uint8_t *p;

	if (data == NULL || data->d_buf == NULL)
		return false;
	p = data->d_buf;
	return buildid_note(bytes_of(p, data->d_size, big), im->build);
}

/* Sections first: a separate debug file has them, but no segments of its own. */
static void
get_build(struct image *im)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	GElf_Phdr ph;
	size_t n, i;

	while ((scn = elf_nextscn(im->elf, scn)) != NULL)
		if (gelf_getshdr(scn, &sh) != NULL && sh.sh_type == SHT_NOTE &&
		    contents(scn) != NULL && note_in(im, elf_rawdata(scn, NULL)))
			return;
	if (elf_getphdrnum(im->elf, &n) != 0)
		return;
	for (i = 0; i < n && gelf_getphdr(im->elf, (int)i, &ph) != NULL; i++)
		if (ph.p_type == PT_NOTE && ph.p_filesz <= MAXSECTION &&
		    note_in(im, elf_getdata_rawchunk(
				    im->elf, (int64_t)ph.p_offset, ph.p_filesz, ELF_T_BYTE)))
			return;
}

/* Look at an open file, which stays the caller's. */
static bool
image_begin(struct image *im, int fd)
{
	*im = (struct image){ .fd = fd };
	elf_version(EV_CURRENT);
	im->elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf_kind(im->elf) == ELF_K_ELF && gelf_getehdr(im->elf, &im->head) != NULL) {
		get_build(im);
		return true;
	}
	elf_end(im->elf);
	return false;
}

static bool
image_open(struct image *im, struct sysroot *o, const char *path, struct fault *why)
{
	int fd = sysroot_file(o, path, why);

	if (fd < 0)
		return false;
	if (image_begin(im, fd)) {
		if (im->head.e_type == ET_EXEC || im->head.e_type == ET_DYN)
			return true;
		elf_end(im->elf);
	}
	close(fd);
	return fault_set(why, "not a program or library");
}

static void
image_close(struct image *im)
{
	elf_end(im->elf);
	close(im->fd);
}

static bool
has_build(const struct image *im, const char *build, struct fault *why)
{
	return buildid_same(im->build, build) ||
	       fault_set(why, "the file there has another build id");
}

bool
elf_check_build(int fd, const char *build, struct fault *why)
{
	struct image im;
	bool same;

	if (!image_begin(&im, fd))
		return fault_set(why, "not a program or library");
	same = has_build(&im, build, why);
	elf_end(im.elf);
	return same;
}

bool
elf_segments(int fd, void (*each)(void *arg, uint64_t addr, uint64_t len, uint64_t off), void *arg)
{
	struct image im;
	GElf_Phdr ph;
	size_t n, i;

	if (!image_begin(&im, fd))
		return false;
	if (elf_getphdrnum(im.elf, &n) != 0)
		n = 0;
	for (i = 0; i < n && gelf_getphdr(im.elf, (int)i, &ph) != NULL; i++)
		if (ph.p_type == PT_LOAD && ph.p_filesz > 0)
			each(arg, ph.p_vaddr, ph.p_filesz, ph.p_offset);
	elf_end(im.elf);
	return true;
}

/* --- the separate debug file */

static bool
is_debug_file(const struct image *dbg, const struct debugfile *f)
{
	if (*f->build != '\0')
		return strcmp(dbg->build, f->build) == 0;
	return debugfile_checksum(dbg->fd) == f->checksum;
}

static bool
open_debug(struct image *dbg, struct sysroot *o, const struct image *run, const char *program)
{
	char path[DEBUGFILE_PATH];
	struct debugfile f = { .program = program, .build = run->build };
	bool big = run->head.e_ident[EI_DATA] == ELFDATA2MSB;
	struct fault unused;
	GElf_Shdr sh;
	Elf_Data *data = contents(section(run, 0, ".gnu_debuglink", &sh));
	const uint8_t *p = data == NULL ? NULL : data->d_buf;
	int i;

	if (p != NULL)
		debugfile_link(&f, bytes_of(p, data->d_size, big));
	for (i = 0; i < DEBUGFILE_PLACES; i++) {
		unused.text[0] = '\0';
		if (!debugfile_place(&f, i, path) || !image_open(dbg, o, path, &unused))
			continue;
		if (is_debug_file(dbg, &f))
			return true;
		image_close(dbg);
	}
	return false;
}

/* --- symbols */

static void
get_loads(struct elf *e, const struct image *run)
{
	GElf_Phdr ph;
	size_t n, i;

	if (elf_getphdrnum(run->elf, &n) != 0)
		return;
	for (i = 0; i < n && e->loads < MAXLOADS; i++)
		if (gelf_getphdr(run->elf, (int)i, &ph) != NULL && ph.p_type == PT_LOAD &&
		    (ph.p_flags & PF_X) != 0 && ph.p_memsz <= UINT64_MAX - ph.p_vaddr)
			e->load[e->loads++] = (struct load){ ph.p_vaddr, ph.p_vaddr + ph.p_memsz,
				ph.p_vaddr - ph.p_offset };
}

/* Add a symbol that is known by its address in memory. */
static void
add(struct elf *e, struct symtab_symbol *s)
{
	uint64_t addr = s->start;
	size_t i;

	for (i = 0; i < e->loads; i++) {
		if (addr < e->load[i].addr || addr >= e->load[i].end)
			continue;
		s->start = addr - e->load[i].shift;
		symtab_add(&e->symbols, s);
		return;
	}
}

/* Functions and labels, not what ARM marks code and data with, nor local labels. */
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
	return name != NULL && *name != '\0' && *name != '$' && strncmp(name, ".L", 2) != 0;
}

static bool
add_table(struct elf *e, const struct image *im, uint32_t type)
{
	GElf_Shdr sh;
	Elf_Data *data = contents(section(im, type, NULL, &sh)), *strings;
	const char *name;
	GElf_Sym s;
	int i;

	strings = data == NULL ? NULL : contents(elf_getscn(im->elf, sh.sh_link));
	for (i = 0; strings != NULL && gelf_getsym(data, i, &s) != NULL; i++) {
		name = string_at(strings, s.st_name);
		if (!is_code(&s, name))
			continue;
		if (im->head.e_machine == EM_ARM)
			s.st_value &= ~UINT64_C(1);
		add(e,
		    &(struct symtab_symbol){ s.st_value, s.st_size,
			{ name, strcspn(name + 1, "@") + 1 }, GELF_ST_BIND(s.st_info) == STB_WEAK,
			GELF_ST_BIND(s.st_info) == STB_GLOBAL });
	}
	return e->symbols.n > 0;
}

/* Where the stubs start and how long one is: what stands before them in .plt is the machine's. */
static bool
plt_layout(const struct image *run, uint64_t *start, uint64_t *size)
{
	GElf_Shdr sh;

	*size = 16;
	if (run->head.e_machine == EM_X86_64 && section(run, 0, ".plt.sec", &sh) != NULL) {
		*start = sh.sh_addr;
		return true;
	}
	if (section(run, 0, ".plt", &sh) == NULL)
		return false;
	*start = sh.sh_addr + (run->head.e_machine == EM_AARCH64 ? 32 : 16);
	return run->head.e_machine == EM_X86_64 || run->head.e_machine == EM_AARCH64;
}

/* Stub i of the .plt belongs to relocation i of .rela.plt. */
static void
add_plt(struct elf *e, const struct image *run)
{
	GElf_Shdr rel, dyn;
	Elf_Data *data = contents(section(run, SHT_RELA, ".rela.plt", &rel)), *syms, *strings;
	uint64_t start, size;
	GElf_Rela r;
	GElf_Sym s;
	char name[1024];
	const char *of;
	int i;

	syms = data == NULL ? NULL : contents(elf_getscn(run->elf, rel.sh_link));
	if (syms == NULL || gelf_getshdr(elf_getscn(run->elf, rel.sh_link), &dyn) == NULL ||
	    (strings = contents(elf_getscn(run->elf, dyn.sh_link))) == NULL ||
	    !plt_layout(run, &start, &size))
		return;
	for (i = 0; gelf_getrela(data, i, &r) != NULL; i++, start += size) {
		if (gelf_getsym(syms, (int)GELF_R_SYM(r.r_info), &s) == NULL ||
		    (of = string_at(strings, s.st_name)) == NULL || *of == '\0')
			continue;
		snprintf(name, sizeof name, "%s@plt", of);
		add(e, &(struct symtab_symbol){ start, size, str_of(name), false, false });
	}
}

/* --- all together */

static void
add_all(struct elf *e, struct sysroot *o, const struct image *run, const char *path)
{
	struct image dbg;

	get_loads(e, run);
	if (!add_table(e, run, SHT_SYMTAB) && open_debug(&dbg, o, run, path)) {
		add_table(e, &dbg, SHT_SYMTAB);
		image_close(&dbg);
	}
	e->stripped = e->symbols.n == 0;
	if (e->stripped)
		add_table(e, run, SHT_DYNSYM);
	add_plt(e, run);
	symtab_finish(&e->symbols);
}

struct elf *
elf_read(struct sysroot *o, const char *path, const char *build, struct fault *why)
{
	struct image run;
	struct elf *e = NULL;

	if (!image_open(&run, o, path, why))
		return NULL;
	if (*build == '\0' || has_build(&run, build, why)) {
		e = mem_alloc(sizeof *e);
		add_all(e, o, &run, path);
	}
	image_close(&run);
	if (e != NULL && e->symbols.n == 0) {
		fault_set(why, "no symbols in it, and no debug file");
		elf_free(e);
		return NULL;
	}
	return e;
}

void
elf_free(struct elf *e)
{
	if (e == NULL)
		return;
	symtab_free(&e->symbols);
	free(e);
}

bool
elf_is_stripped(const struct elf *e)
{
	return e->stripped;
}

bool
elf_find(const struct elf *e, uint64_t off, struct symtab_symbol *found)
{
	return symtab_find(&e->symbols, off, found);
}
