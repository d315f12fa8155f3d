/* SPDX-License-Identifier: MIT */

#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "buildid.h"
#include "elf.h"

enum { MAXLOADS = 64, MAXSECTION = 1 << 30, MAXNOTES = 64, NOTES = 4096, MAXPATH = 4096 };

/* A file while it is read. */
struct image {
	int fd;
	Elf *elf;
	GElf_Ehdr head;
	char build[BUILDID]; /* "" if it has none */
};

struct elf {
	struct symtab symbols; /* mark: a stub of the .plt */
	struct strbuf names;   /* string tables of files, each followed by a NUL byte */
	/* a segment with code: the byte at an address is at that address less shift in the file */
	struct load {
		uint64_t addr, end, shift;
	} load[MAXLOADS];
	size_t loads;
	bool stripped;
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

/* Put place i of 4 into path; false if there is no such place. */
static bool
debug_place(
    const struct image *run, const struct link *link, const char *program, int i, char *path)
{
	static const char *const places[][2] = { { "", "" }, { "", "" }, { "", ".debug/" },
		{ "/usr/lib/debug", "" } };
	const char *slash = strrchr(program, '/');
	int folder = slash == NULL ? 0 : (int)(slash - program) + 1;

	if (i == 0)
		return strlen(run->build) > 2 &&
		       snprintf(path, MAXPATH, "/usr/lib/debug/.build-id/%.2s/%s.debug", run->build,
			   run->build + 2) < MAXPATH;
	return link->name != NULL && snprintf(path, MAXPATH, "%s%.*s%s%s", places[i][0], folder,
					 program, places[i][1], link->name) < MAXPATH;
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
open_debug(struct image *debug, struct sysroot *root, const struct image *run, const char *program)
{
	struct link link = get_link(run);
	struct fault unused = { "" };
	char path[MAXPATH];
	int i, fd;

	for (i = 0; i < 4; i++) {
		if (!debug_place(run, &link, program, i, path) ||
		    (fd = sysroot_file(root, path, &unused)) < 0)
			continue;
		if (image_begin(debug, fd, &unused)) {
			if (is_debug_file(debug, run, &link))
				return true;
			elf_end(debug->elf);
		}
		close(fd);
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

/* Add a symbol whose start is its address in memory. */
static void
add(struct elf *e, struct symtab_entry s, uint64_t size)
{
	uint64_t addr = s.start;
	size_t i;

	for (i = 0; i < e->loads; i++) {
		if (addr < e->load[i].addr || addr >= e->load[i].end)
			continue;
		s.start = addr - e->load[i].shift;
		s.code = true;
		symtab_add(&e->symbols, &s, size);
		return;
	}
}

/* Copy the string table of a symbol table. Returns where it begins; false if there is none. */
static bool
copy_names(struct elf *e, const struct image *im, size_t section_index, size_t *base, size_t *size)
{
	Elf_Data *strings = contents(elf_getscn(im->elf, section_index));

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
	Elf_Data *data = contents(section(im, type, NULL, &sh));
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
		add(e,
		    (struct symtab_entry){ .start = s.st_value,
			.name = (uint32_t)(base + s.st_name),
			.weak = GELF_ST_BIND(s.st_info) == STB_WEAK,
			.global = GELF_ST_BIND(s.st_info) == STB_GLOBAL },
		    s.st_size);
	}
	return e->symbols.n > 0;
}

/* Where the first stub is and how long each is; the code before it in .plt is the machine's own. */
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
	GElf_Shdr rel = { 0 }, dyn;
	Elf_Data *data = contents(section(run, SHT_RELA, ".rela.plt", &rel)), *syms;
	uint64_t start, size;
	size_t base, strings;
	GElf_Rela r;
	GElf_Sym s;
	int i;

	syms = data == NULL ? NULL : contents(elf_getscn(run->elf, rel.sh_link));
	if (syms == NULL || gelf_getshdr(elf_getscn(run->elf, rel.sh_link), &dyn) == NULL ||
	    !plt_layout(run, &start, &size) || !copy_names(e, run, dyn.sh_link, &base, &strings))
		return;
	for (i = 0; gelf_getrela(data, i, &r) != NULL; i++, start += size)
		if (gelf_getsym(syms, (int)GELF_R_SYM(r.r_info), &s) != NULL &&
		    s.st_name < strings && e->names.p[base + s.st_name] != '\0')
			add(e,
			    (struct symtab_entry){ .start = start,
				.name = (uint32_t)(base + s.st_name),
				.mark = true },
			    size);
}

static void
add_all(struct elf *e, struct sysroot *root, const struct image *run, const char *path)
{
	struct image debug;

	get_loads(e, run);
	if (!add_table(e, run, SHT_SYMTAB) && open_debug(&debug, root, run, path)) {
		add_table(e, &debug, SHT_SYMTAB);
		elf_end(debug.elf);
		close(debug.fd);
	}
	e->stripped = e->symbols.n == 0;
	if (e->stripped)
		add_table(e, run, SHT_DYNSYM);
	add_plt(e, run);
	symtab_finish(&e->symbols, e->names.p);
}

struct elf *
elf_read(struct sysroot *root, int fd, const char *path, struct fault *why)
{
	struct image run;
	struct elf *e;

	if (!image_begin(&run, fd, why))
		return NULL;
	e = mem_alloc(sizeof *e);
	e->symbols.stops = "@";
	add_all(e, root, &run, path);
	elf_end(run.elf);
	if (e->symbols.n > 0)
		return e;
	fault_set(why, "no symbols in it, and no debug file");
	elf_free(e);
	return NULL;
}

void
elf_free(struct elf *e)
{
	if (e == NULL)
		return;
	symtab_free(&e->symbols);
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
	const struct symtab_entry *s = symtab_find(&e->symbols, off);

	if (s == NULL)
		return false;
	*found = (struct elf_symbol){ s->start, symtab_name(&e->symbols, s), s->mark };
	return true;
}
