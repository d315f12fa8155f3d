/* SPDX-License-Identifier: MIT */

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/mem.h"
#include "elf.h"
#include "srclines.h"

enum {
	DEPTH = 32,               /* levels of nested entries that are searched for functions */
	NAMES = 16,               /* entries that are searched for a name */
	BACK = 16,                /* ranges that are tried: some contain others */
	STEPS_LEAST = 16 << 20,   /* see take_steps(), and */
	STEPS_EACH = 64,          /* for each byte of entries */
	RANGE_STEPS = 8,          /* that libdw needs to read a range */
	RANGES_LEAST = 256 << 10, /* ranges that are kept, and */
	RANGES_PART = 8,          /* one for each of these bytes of entries */
	ABBREVS_LEAST = 8 << 20,  /* bytes of abbreviations that are read, and */
	ABBREVS_EACH = 4,         /* for each byte of entries */
	EMPTY = 32                /* attributes of an entry that take no bytes in it */
};

/* A compilation unit, a function or an inlined function. */
struct entry {
	Dwarf_Die die;
	size_t outer; /* the number of the one that it is inlined into; 0: the function */
};

/* Code of an entry. Entries are numbered from 1. */
struct range {
	uint64_t low, high;
	size_t entry;
};

struct ranges {
	struct entry *entry;
	size_t entries, cap_entries;
	struct range *range;
	size_t n, cap;
};

struct load {
	uint64_t off, addr, size;
};

struct srclines {
	Dwarf *dwarf;
	int fd;
	struct load *load; /* the program's segments */
	size_t loads, cap;
	struct ranges units;
	/* of the functions of a unit, and of the inlined functions of a function; those of a
	 * function do not overlap */
	struct ranges *parts;
	size_t n, cap_parts;
	struct hash index; /* the offset of a unit or function -> the number of its parts */
	uint64_t steps, ranges_room; /* that are left */
	/* .debug_line, .debug_abbrev, .debug_info; NULL if there is none */
	const Elf_Data *tables, *abbrevs, *entries;
	uint64_t room, abbrevs_room; /* bytes of them that may still be read */
	struct hash units_seen;      /* the offset of a unit -> enum seen */
	struct hash seen;            /* the offset of a table -> enum seen */
	uint64_t overlapping;        /* tables that there was no room for */
	uint64_t cut;                /* units and functions that were read only in part */
};

enum seen { NEW, READ, REFUSED };

/* --- ranges */

static int
by_low(const void *va, const void *vb)
{
	const struct range *a = va, *b = vb;

	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	if (a->high != b->high)
		return a->high > b->high ? -1 : 1;
	return a->entry < b->entry ? -1 : a->entry > b->entry;
}

/* Take steps from those that a file of its size may cost: about the time in which libdw skips a
 * byte of entries. Returns false if none are left. */
static bool
take_steps(struct srclines *l, uint64_t n)
{
	l->steps -= n < l->steps ? n : l->steps;
	return l->steps > 0;
}

/* Move on to the next range of an entry that is not empty. Returns false if there is none. */
static bool
next_range(struct srclines *l, Dwarf_Die *die, ptrdiff_t *at, struct range *r)
{
	Dwarf_Addr base;

	while (take_steps(l, RANGE_STEPS) &&
	       (*at = dwarf_ranges(die, *at, &base, &r->low, &r->high)) > 0)
		if (r->low < r->high)
			return true;
	return false;
}

/* Returns the number of the entry. */
static size_t
add_entry(struct ranges *r, const Dwarf_Die *die, size_t outer)
{
	r->entry = mem_grow(r->entry, r->entries, &r->cap_entries, sizeof *r->entry);
	r->entry[r->entries++] = (struct entry){ *die, outer };
	return r->entries;
}

static void
add_ranges(struct srclines *l, struct ranges *r, size_t entry)
{
	Dwarf_Die die = r->entry[entry - 1].die;
	struct range range = { .entry = entry };
	ptrdiff_t at = 0;

	while (next_range(l, &die, &at, &range)) {
		if (l->ranges_room == 0) {
			l->steps = 0;
			break;
		}
		l->ranges_room--;
		r->range = mem_grow(r->range, r->n, &r->cap, sizeof *r->range);
		r->range[r->n++] = range;
	}
}

static void
sort_ranges(struct ranges *r)
{
	if (r->n > 0)
		qsort(r->range, r->n, sizeof *r->range, by_low);
}

/* The entry of the innermost range that contains addr. */
static struct entry *
find_entry(const struct ranges *r, uint64_t addr)
{
	size_t low = 0, high = r->n, mid, i;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (r->range[mid].low <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	for (i = 0; i < BACK && i < low; i++)
		if (addr < r->range[low - 1 - i].high)
			return &r->entry[r->range[low - 1 - i].entry - 1];
	return NULL;
}

/* Move to the sibling of an entry, as dwarf_siblingof(). libdw walks the descendants, unless the
 * entry says where its sibling is. */
static int
next_sibling(struct srclines *l, Dwarf_Die *die)
{
	Dwarf_Off at = dwarf_dieoffset(die);
	Dwarf_Die next = { .addr = NULL };
	int more = dwarf_siblingof(die, &next);

	if (next.addr != NULL)
		take_steps(l, (uint64_t)((const char *)next.addr - (const char *)die->addr));
	else if (l->entries != NULL && at < l->entries->d_size)
		take_steps(l, l->entries->d_size - at);
	*die = next;
	return more;
}

/* --- files */

static void
add_load(void *arg, uint64_t addr, uint64_t len, uint64_t off)
{
	struct srclines *l = arg;

	l->load = mem_grow(l->load, l->loads, &l->cap, sizeof *l->load);
	l->load[l->loads++] = (struct load){ off, addr, len };
}

static uint64_t
get_leb(struct bytes *b)
{
	uint64_t v = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		byte = bytes_u8(b);
		v |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
		shift += 7;
	} while ((byte & 0x80) != 0);
	return v;
}

/* Skip an abbreviation. Returns its code, 0 at the end of their table. Adds to n the attributes
 * that take no bytes in an entry. */
static uint64_t
skip_abbrev(struct bytes *b, size_t *n)
{
	uint64_t code = get_leb(b), name, form;

	if (code == 0)
		return 0;
	get_leb(b); /* the tag */
	bytes_u8(b);
	do {
		name = get_leb(b);
		form = get_leb(b);
		if (form == DW_FORM_implicit_const)
			get_leb(b);
		*n += form == DW_FORM_implicit_const || form == DW_FORM_flag_present;
	} while (name != 0 || form != 0);
	return code;
}

/* Take room for the abbreviations at an offset, up to this code (0: all of the table). Returns
 * false if there is none, or if one has so many attributes that its entries take long to skip.
 * libdw keeps those of each unit, about ten bytes for each of theirs, even if units have them in
 * common. */
static bool
take_abbrevs(struct srclines *l, uint64_t off, uint64_t until)
{
	uint64_t all = l->abbrevs == NULL ? 0 : l->abbrevs->d_size, code;
	const uint8_t *begin;
	struct bytes b;
	size_t empty;

	if (off >= all)
		return true;
	begin = (const uint8_t *)l->abbrevs->d_buf + off;
	b = bytes_of(begin, all - off, false);
	do {
		empty = 0;
		code = skip_abbrev(&b, &empty);
	} while (code != 0 && code != until && empty <= EMPTY &&
		 (uint64_t)(b.p - begin) < l->abbrevs_room);
	if (empty <= EMPTY && (uint64_t)(b.p - begin) < l->abbrevs_room) {
		l->abbrevs_room -= (uint64_t)(b.p - begin);
		return true;
	}
	l->overlapping++;
	return false;
}

/* May libdw read the first entry of the unit at an offset? Moves on to the next unit. */
static bool
may_read_unit(struct srclines *l, uint64_t *at)
{
	bool big = elf_getident(dwarf_getelf(l->dwarf), NULL)[EI_DATA] == ELFDATA2MSB, wide;
	uint64_t all = l->entries == NULL ? 0 : l->entries->d_size - *at, n, abbrevs;
	struct bytes b;
	int type = 0;

	if (all == 0)
		return false;
	b = bytes_of((const char *)l->entries->d_buf + *at, all, big);
	n = bytes_u32(&b);
	wide = n == UINT32_MAX;
	n = wide ? bytes_u64(&b) : n;
	*at += n < bytes_left(&b) ? all - bytes_left(&b) + n : all;
	if (bytes_u16(&b) >= 5) {
		type = bytes_u8(&b);
		bytes_u8(&b);
	}
	abbrevs = wide ? bytes_u64(&b) : bytes_u32(&b);
	if (type == 0)
		bytes_u8(&b);
	if (type == DW_UT_skeleton || type == DW_UT_split_compile)
		bytes_take(&b, 8);
	else if (type == DW_UT_type || type == DW_UT_split_type)
		bytes_take(&b, wide ? 16 : 12);
	return take_abbrevs(l, abbrevs, get_leb(&b));
}

/* May libdw read all entries of the unit of an entry? */
static bool
may_read_entries(struct srclines *l, const Dwarf_Die *of)
{
	Dwarf_Off abbrevs;
	uint64_t *seen;
	Dwarf_Die die;

	if (dwarf_cu_die(of->cu, &die, NULL, &abbrevs, NULL, NULL, NULL, NULL) == NULL)
		return false;
	seen = hash_put(&l->units_seen, dwarf_dieoffset(&die));
	if (*seen == NEW)
		*seen = take_abbrevs(l, abbrevs, 0) ? READ : REFUSED;
	return *seen == READ;
}

/* A reference may lead to any unit: none is used if there is no room for all. */
static void
add_units(struct srclines *l)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;
	uint64_t at = 0;

	while (take_steps(l, 1) && may_read_unit(l, &at) &&
	       dwarf_get_units(l->dwarf, unit, &unit, NULL, NULL, &die, NULL) == 0)
		add_ranges(l, &l->units, add_entry(&l->units, &die, 0));
	l->cut += l->steps == 0;
	if (l->overlapping > 0)
		l->units.n = 0;
	sort_ranges(&l->units);
}

/* The bytes of a section, which libdw has inflated; NULL if there are none. */
static const Elf_Data *
section(const struct srclines *l, const char *wanted)
{
	Elf *elf = dwarf_getelf(l->dwarf);
	Elf_Scn *scn = NULL;
	const char *name;
	size_t names;
	GElf_Shdr sh;

	if (elf_getshdrstrndx(elf, &names) != 0)
		return NULL;
	while ((scn = elf_nextscn(elf, scn)) != NULL) {
		name = gelf_getshdr(scn, &sh) == NULL ? NULL : elf_strptr(elf, names, sh.sh_name);
		if (name == NULL || sh.sh_type == SHT_NOBITS)
			continue;
		name += strncmp(name, ".z", 2) == 0 ? 2 : *name == '.';
		if (strcmp(name, wanted) == 0)
			return elf_getdata(scn, NULL);
	}
	return NULL;
}

static void
find_tables(struct srclines *l)
{
	uint64_t size;

	l->entries = section(l, "debug_info");
	size = l->entries == NULL ? 0 : l->entries->d_size;
	l->tables = section(l, "debug_line");
	l->room = l->tables == NULL ? 0 : l->tables->d_size;
	l->abbrevs = section(l, "debug_abbrev");
	l->abbrevs_room = ABBREVS_LEAST + ABBREVS_EACH * size;
	l->steps = STEPS_LEAST + STEPS_EACH * size;
	l->ranges_room = RANGES_LEAST + size / RANGES_PART;
}

/* Take a descriptor if its file has DWARF; else close it. */
static bool
open_dwarf(struct srclines *l, int fd)
{
	if (fd < 0)
		return false;
	l->fd = fd;
	l->dwarf = dwarf_begin(fd, DWARF_C_READ);
	if (l->dwarf != NULL) {
		/* libdw would look for the file of .gnu_debugaltlink outside the sysroot: this is
		 * how it marks one that it did not find */
		dwarf_setalt(l->dwarf, (Dwarf *)-1);
		find_tables(l);
		add_units(l);
		if (l->units.n > 0 || l->overlapping > 0)
			return true;
		dwarf_end(l->dwarf);
		l->dwarf = NULL;
	}
	close(fd);
	return false;
}

struct srclines *
srclines_new(int program, int debug, uint64_t shift)
{
	struct srclines *l = mem_alloc(sizeof *l);

	if (program >= 0)
		elf_segments(program, add_load, l);
	else
		add_load(l, shift, UINT64_MAX, 0);
	if (open_dwarf(l, program)) {
		if (debug >= 0)
			close(debug);
		return l;
	}
	if (open_dwarf(l, debug))
		return l;
	srclines_free(l);
	return NULL;
}

void
srclines_free(struct srclines *l)
{
	size_t i;

	if (l == NULL)
		return;
	if (l->dwarf != NULL) {
		dwarf_end(l->dwarf);
		close(l->fd);
	}
	for (i = 0; i < l->n; i++) {
		free(l->parts[i].entry);
		free(l->parts[i].range);
	}
	free(l->parts);
	free(l->units.entry);
	free(l->units.range);
	free(l->load);
	hash_free(&l->index);
	hash_free(&l->seen);
	hash_free(&l->units_seen);
	free(l);
}

/* --- functions */

static bool
may_have_functions(int tag)
{
	switch (tag) {
	case DW_TAG_subprogram:
	case DW_TAG_lexical_block:
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		return true;
	default:
		return false;
	}
}

/* Add the functions among the descendants of an entry. */
static void
add_functions(struct srclines *l, struct ranges *r, Dwarf_Die *parent, int depth)
{
	Dwarf_Die die;
	int more;

	if (depth == DEPTH)
		return;
	for (more = dwarf_child(parent, &die); more == 0 && take_steps(l, 1);
	     more = next_sibling(l, &die)) {
		if (dwarf_tag(&die) == DW_TAG_subprogram)
			add_ranges(l, r, add_entry(r, &die, 0));
		if (may_have_functions(dwarf_tag(&die)) && dwarf_haschildren(&die))
			add_functions(l, r, &die, depth + 1);
	}
}

/* Add the parts of a unit or a function, at first none. Returns false if they were added before.
 * The pointer is valid until the next call. */
static bool
new_parts(struct srclines *l, const Dwarf_Die *of, struct ranges **parts)
{
	uint64_t *number = hash_put(&l->index, dwarf_dieoffset((Dwarf_Die *)of));
	bool is_new = *number == 0;

	if (is_new) {
		l->parts = mem_grow(l->parts, l->n, &l->cap_parts, sizeof *l->parts);
		l->parts[l->n++] = (struct ranges){ .n = 0 };
		*number = l->n;
	}
	*parts = &l->parts[*number - 1];
	return is_new;
}

static const struct ranges *
functions_of(struct srclines *l, Dwarf_Die *unit)
{
	struct ranges *r;

	if (new_parts(l, unit, &r)) {
		if (may_read_entries(l, unit))
			add_functions(l, r, unit, 0);
		l->cut += l->steps == 0;
		sort_ranges(r);
	}
	return r;
}

/* --- inlined functions */

static bool
has_code(struct srclines *l, Dwarf_Die *die)
{
	struct range r;
	ptrdiff_t at = 0;

	return next_range(l, die, &at, &r);
}

/* Add the inlined functions among the descendants of an entry, n of which contain it, the innermost
 * one with the number outer. The ranges of an entry follow those of its descendants. */
static void
add_inlined(struct srclines *l, struct ranges *r, Dwarf_Die *parent, size_t outer, int n, int depth)
{
	Dwarf_Die die;
	bool inlined;
	size_t here;
	int more;

	if (n == SRCLINES_DEPTH || depth == SRCLINES_DEPTH + DEPTH)
		return;
	for (more = dwarf_child(parent, &die); more == 0 && take_steps(l, 1);
	     more = next_sibling(l, &die)) {
		inlined = dwarf_tag(&die) == DW_TAG_inlined_subroutine;
		if ((!inlined && dwarf_tag(&die) != DW_TAG_lexical_block) || !has_code(l, &die))
			continue;
		here = inlined ? add_entry(r, &die, outer) : outer;
		if (dwarf_haschildren(&die))
			add_inlined(l, r, &die, here, n + inlined, depth + 1);
		if (inlined)
			add_ranges(l, r, here);
	}
}

static int
by_value(const void *va, const void *vb)
{
	const uint64_t *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

/* The sorted ends of all ranges. Returns their number, which is above 0. */
static size_t
bounds_of(const struct ranges *r, uint64_t *bound)
{
	size_t i, n = 0;

	for (i = 0; i < r->n; i++) {
		bound[2 * i] = r->range[i].low;
		bound[2 * i + 1] = r->range[i].high;
	}
	qsort(bound, 2 * r->n, sizeof *bound, by_value);
	for (i = 0; i < 2 * r->n; i++)
		if (n == 0 || bound[n - 1] != bound[i])
			bound[n++] = bound[i];
	return n;
}

static size_t
index_of(const uint64_t *bound, size_t n, uint64_t value)
{
	return (size_t)((uint64_t *)bsearch(&value, bound, n, sizeof value, by_value) - bound);
}

/* The first piece from i on that has no entry. */
static size_t
next_free(size_t *next, size_t i)
{
	while (next[i] != i) {
		next[i] = next[next[i]];
		i = next[i];
	}
	return i;
}

/* Divide ranges into pieces that do not overlap: each piece is of the first range that contains it.
 * So the innermost entry is found, and of blocks that overlap the first one. */
static void
split_ranges(struct ranges *r)
{
	uint64_t *bound = mem_resize(NULL, 2 * r->n, sizeof *bound);
	size_t n = bounds_of(r, bound), i, k, end;
	size_t *next = mem_resize(NULL, n, sizeof *next);
	struct range *piece = mem_resize(NULL, n, sizeof *piece);

	for (i = 0; i < n; i++) {
		next[i] = i;
		piece[i] = (struct range){ .low = bound[i] };
	}
	for (k = 0; k < r->n; k++) {
		end = index_of(bound, n, r->range[k].high);
		for (i = next_free(next, index_of(bound, n, r->range[k].low)); i < end;
		     i = next_free(next, i)) {
			piece[i].high = bound[i + 1];
			piece[i].entry = r->range[k].entry;
			next[i] = i + 1;
		}
	}
	free(r->range);
	free(next);
	free(bound);
	r->range = piece;
	r->n = n;
}

static const struct ranges *
inlined_of(struct srclines *l, const struct entry *function)
{
	Dwarf_Die die = function->die;
	struct ranges *r;

	if (new_parts(l, &die, &r)) {
		add_inlined(l, r, &die, 0, 0, 0);
		l->cut += l->steps == 0;
		if (r->n > 0)
			split_ranges(r);
	}
	return r;
}

/* Find the functions that are inlined at an address, innermost first. Returns their number. */
static size_t
find_inlined(const struct ranges *r, uint64_t addr, const Dwarf_Die *inlined[SRCLINES_DEPTH])
{
	const struct entry *e = find_entry(r, addr);
	size_t n = 0;

	for (; e != NULL && n < SRCLINES_DEPTH; e = e->outer == 0 ? NULL : &r->entry[e->outer - 1])
		inlined[n++] = &e->die;
	return n;
}

/* --- places */

/* The name of a function, which may be that of another entry that it has, in any unit. */
static const char *
name_of(struct srclines *l, const Dwarf_Die *function)
{
	const char *name = NULL, *linkage;
	Dwarf_Die die = *function;
	Dwarf_Attribute attr;
	int i;

	for (i = 0; i < NAMES && may_read_entries(l, &die); i++) {
		if (dwarf_attr(&die, DW_AT_linkage_name, &attr) == NULL)
			dwarf_attr(&die, DW_AT_MIPS_linkage_name, &attr);
		if ((linkage = dwarf_formstring(&attr)) != NULL)
			return linkage;
		if (name == NULL)
			name = dwarf_formstring(dwarf_attr(&die, DW_AT_name, &attr));
		if ((dwarf_attr(&die, DW_AT_abstract_origin, &attr) == NULL &&
			dwarf_attr(&die, DW_AT_specification, &attr) == NULL) ||
		    dwarf_formref_die(&attr, &die) == NULL)
			break;
	}
	return name == NULL ? "?" : name;
}

/* The bytes that the line table at an offset says that it has, at most what the section has. */
static uint64_t
table_size(const struct srclines *l, uint64_t off)
{
	bool big = elf_getident(dwarf_getelf(l->dwarf), NULL)[EI_DATA] == ELFDATA2MSB;
	uint64_t all = l->tables == NULL ? 0 : l->tables->d_size, n;
	struct bytes b;

	if (off >= all)
		return 0;
	all -= off;
	b = bytes_of((const char *)l->tables->d_buf + off, all, big);
	n = bytes_u32(&b);
	n = n == UINT32_MAX ? bytes_u64(&b) : n;
	return n < all ? n : all;
}

/* May libdw read the line table of a unit? It keeps what it has read, tens of bytes for one. Tables
 * that lie side by side all fit into their section; others may have most of their bytes in common.
 */
static bool
may_read_table(struct srclines *l, Dwarf_Die *unit)
{
	Dwarf_Attribute attr;
	Dwarf_Word off;
	uint64_t *seen, n;

	if (dwarf_formudata(dwarf_attr(unit, DW_AT_stmt_list, &attr), &off) != 0)
		return true;
	seen = hash_put(&l->seen, off);
	if (*seen == NEW) {
		n = table_size(l, off);
		*seen = n <= l->room ? READ : REFUSED;
		l->room -= *seen == READ ? n : 0;
		l->overlapping += *seen == REFUSED;
	}
	return *seen == READ;
}

uint64_t
srclines_overlapping(const struct srclines *l)
{
	return l == NULL ? 0 : l->overlapping;
}

uint64_t
srclines_cut(const struct srclines *l)
{
	return l == NULL ? 0 : l->cut;
}

static void
set_line(struct srclines_place *p, Dwarf_Die *unit, uint64_t addr)
{
	Dwarf_Line *line = dwarf_getsrc_die(unit, addr);

	if (line == NULL)
		return;
	p->file = dwarf_linesrc(line, NULL, NULL);
	if (dwarf_lineno(line, &p->line) != 0)
		p->line = 0;
}

/* Where an inlined function is called. */
static void
set_call(struct srclines_place *p, Dwarf_Die *unit, const Dwarf_Die *inlined)
{
	Dwarf_Die die = *inlined;
	Dwarf_Attribute attr;
	Dwarf_Word file, line;
	Dwarf_Files *files;
	size_t n;

	if (dwarf_formudata(dwarf_attr(&die, DW_AT_call_file, &attr), &file) == 0 &&
	    dwarf_getsrcfiles(unit, &files, &n) == 0 && file < n)
		p->file = dwarf_filesrc(files, file, NULL, NULL);
	if (dwarf_formudata(dwarf_attr(&die, DW_AT_call_line, &attr), &line) == 0 &&
	    line <= INT32_MAX)
		p->line = (int)line;
}

static bool
to_addr(const struct srclines *l, uint64_t off, uint64_t *addr)
{
	size_t i;

	for (i = 0; i < l->loads; i++)
		if (off >= l->load[i].off && off - l->load[i].off < l->load[i].size) {
			*addr = off - l->load[i].off + l->load[i].addr;
			return true;
		}
	return false;
}

size_t
srclines_find(
    struct srclines *l, uint64_t off, bool inlines, struct srclines_place place[SRCLINES_DEPTH + 1])
{
	const Dwarf_Die *inlined[SRCLINES_DEPTH];
	struct entry *unit, *function = NULL;
	uint64_t addr;
	size_t n = 0, i;
	bool may_read;

	if (!to_addr(l, off, &addr) || (unit = find_entry(&l->units, addr)) == NULL)
		return 0;
	if (inlines)
		function = find_entry(functions_of(l, &unit->die), addr);
	may_read = may_read_table(l, &unit->die);
	if (function != NULL)
		n = find_inlined(inlined_of(l, function), addr, inlined);
	memset(place, 0, (n + 1) * sizeof *place);
	if (may_read)
		set_line(&place[0], &unit->die, addr);
	for (i = 0; i < n; i++) {
		place[i].function = name_of(l, inlined[i]);
		if (may_read)
			set_call(&place[i + 1], &unit->die, inlined[i]);
	}
	return n + 1;
}
