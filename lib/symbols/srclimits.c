/* SPDX-License-Identifier: MIT */

#include <dwarf.h>

#include "srclines_int.h"

enum {
	STEPS_LEAST = 16 << 20,   /* steps, and */
	STEPS_EACH = 64,          /* for each byte of entries */
	RANGE_STEPS = 8,          /* steps that libdw needs to read a range */
	RANGES_LEAST = 256 << 10, /* ranges that are kept, and */
	RANGES_PART = 8,          /* one for each of these bytes of entries */
	ABBREVS_LEAST = 8 << 20,  /* bytes of abbreviations that are read, and */
	ABBREVS_EACH = 4,         /* for each byte of entries */
	NAMES_LEAST = 8 << 20,    /* bytes of names of files that line tables make, and */
	NAMES_EACH = 16,          /* for each byte of entries and line tables */
	EMPTY = 32                /* attributes of an entry that take no bytes in it */
};

/* Is it .NAME or .zNAME? libdw takes no other names, but for files that have none of these. */
static bool
is_named(const char *section, const char *name)
{
	return section[0] == '.' && strcmp(section + 1 + (section[1] == 'z'), name) == 0;
}

/* The bytes of a section, which libdw has inflated; NULL if there are none. If several have the
 * name, it is not known which one libdw reads. */
static const Elf_Data *
section(struct srclimits *l, const char *wanted)
{
	Elf *elf = dwarf_getelf(l->dwarf);
	Elf_Scn *scn = NULL, *found = NULL;
	const char *name;
	size_t names, n = 0;
	GElf_Shdr sh;

	if (elf_getshdrstrndx(elf, &names) != 0)
		return NULL;
	while ((scn = elf_nextscn(elf, scn)) != NULL) {
		name = gelf_getshdr(scn, &sh) == NULL ? NULL : elf_strptr(elf, names, sh.sh_name);
		if (name == NULL || sh.sh_type == SHT_NOBITS || !is_named(name, wanted))
			continue;
		found = scn;
		n++;
	}
	l->overlapping += n > 1;
	return n == 1 ? elf_getdata(found, NULL) : NULL;
}

static uint64_t
size_of(const Elf_Data *data)
{
	return data == NULL ? 0 : data->d_size;
}

void
srclimits_begin(struct srclimits *l, Dwarf *dwarf)
{
	uint64_t size;

	*l = (struct srclimits){ .dwarf = dwarf };
	l->entries = section(l, "debug_info");
	l->abbrevs = section(l, "debug_abbrev");
	l->tables = section(l, "debug_line");
	l->texts[0] = section(l, "debug_str");
	l->texts[1] = section(l, "debug_line_str");
	l->lists[0] = section(l, "debug_ranges");
	l->lists[1] = section(l, "debug_rnglists");
	size = size_of(l->entries);
	l->steps = STEPS_LEAST + STEPS_EACH * size;
	l->ranges = RANGES_LEAST + size / RANGES_PART;
	l->abbrevs_room = ABBREVS_LEAST + ABBREVS_EACH * size;
	l->tables_room = size_of(l->tables);
	l->names_room = NAMES_LEAST + NAMES_EACH * (size + l->tables_room);
}

void
srclimits_end(struct srclimits *l)
{
	hash_free(&l->units_seen);
	hash_free(&l->tables_seen);
	hash_free(&l->tables_of);
}

bool
srclimits_has_entry(const struct srclimits *l, const Dwarf_Die *die)
{
	return l->entries != NULL &&
	       (uintptr_t)die->addr - (uintptr_t)l->entries->d_buf < l->entries->d_size;
}

bool
srclimits_step(struct srclimits *l, uint64_t n)
{
	l->steps -= n < l->steps ? n : l->steps;
	return l->steps > 0;
}

void
srclimits_count_cut(struct srclimits *l)
{
	l->cut += l->steps == 0;
}

/* libdw walks the descendants, unless the entry says where its sibling is. */
int
srclimits_next_sibling(struct srclimits *l, Dwarf_Die *die)
{
	Dwarf_Off at = dwarf_dieoffset(die);
	Dwarf_Die next = { .addr = NULL };
	int more = dwarf_siblingof(die, &next);

	if (next.addr != NULL)
		srclimits_step(l, (uint64_t)((const char *)next.addr - (const char *)die->addr));
	else if (at < size_of(l->entries))
		srclimits_step(l, l->entries->d_size - at);
	*die = next;
	return more;
}

struct bytes
srclimits_bytes(const struct srclimits *l, const Elf_Data *data, uint64_t off)
{
	bool big = elf_getident(dwarf_getelf(l->dwarf), NULL)[EI_DATA] == ELFDATA2MSB;

	if (off >= size_of(data))
		return bytes_of(NULL, 0, big);
	return bytes_of((const char *)data->d_buf + off, data->d_size - off, big);
}

uint64_t
srclimits_leb(struct bytes *b)
{
	uint64_t v = 0;
	unsigned shift;
	uint8_t byte;

	for (shift = 0; shift < 70; shift += 7) {
		byte = bytes_u8(b);
		v |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return v;
	}
	return UINT64_MAX;
}

/* Skip an abbreviation. Sets code, and empty to the number of attributes that take no bytes in an
 * entry. Returns false at the end of their table, which a byte of 0 is. libdw has 32 bits for
 * numbers. */
static bool
skip_abbrev(struct bytes *b, uint32_t *code, size_t *empty)
{
	uint32_t name, form;

	*empty = 0;
	if (bytes_left(b) == 0 || *b->p == 0)
		return false;
	*code = (uint32_t)srclimits_leb(b);
	srclimits_leb(b); /* the tag */
	bytes_u8(b);
	do {
		name = (uint32_t)srclimits_leb(b);
		form = (uint32_t)srclimits_leb(b);
		if (form == DW_FORM_implicit_const)
			srclimits_leb(b);
		*empty += form == DW_FORM_implicit_const || form == DW_FORM_flag_present;
	} while ((name != 0 || form != 0) && !bytes_bad(b));
	return !bytes_bad(b);
}

/* The offset of a list that a unit numbers. */
static uint64_t
numbered_list(const struct srclimits *l, const struct srcrange *r, Dwarf_Die *unit, uint64_t number,
    size_t size)
{
	Dwarf_Word base = size == 8 ? 20 : 12; /* after the head */
	Dwarf_Attribute attr;
	struct bytes b;

	dwarf_formudata(dwarf_attr(unit, DW_AT_rnglists_base, &attr), &base);
	if (number >= size_of(r->list) / size)
		return UINT64_MAX;
	b = srclimits_bytes(l, r->list, base + number * size);
	return base + (size == 8 ? bytes_u64(&b) : bytes_u32(&b));
}

/* Find the list of an entry. Returns its offset. */
static uint64_t
find_list(const struct srclimits *l, Dwarf_Die *die, struct srcrange *r)
{
	Dwarf_Attribute attr;
	uint8_t offset;
	Dwarf_Word at;
	Dwarf_Die unit;

	if (dwarf_attr(die, DW_AT_ranges, &attr) == NULL ||
	    dwarf_cu_info(die->cu, &r->version, NULL, &unit, NULL, NULL, &r->address, &offset) != 0)
		return UINT64_MAX;
	r->list = l->lists[r->version >= 5];
	if (dwarf_formudata(&attr, &at) != 0)
		return UINT64_MAX;
	return dwarf_whatform(&attr) == DW_FORM_rnglistx ? numbered_list(l, r, &unit, at, offset)
							 : at;
}

/* Skip an entry of a list if it only sets the base of those that follow. */
static bool
skip_base(struct bytes *b, const struct srcrange *r)
{
	uint64_t first;

	if (r->version < 5) {
		first = r->address == 4 ? bytes_u32(b) : bytes_u64(b);
		bytes_take(b, r->address);
		return first == (r->address == 4 ? UINT32_MAX : UINT64_MAX) && !bytes_bad(b);
	}
	switch (bytes_u8(b)) {
	case DW_RLE_base_addressx:
		srclimits_leb(b);
		return !bytes_bad(b);
	case DW_RLE_base_address:
		bytes_take(b, r->address);
		return !bytes_bad(b);
	default:
		return false;
	}
}

/* Take the steps for the next range. One call of libdw runs over all entries without one. */
static bool
take_range(struct srclimits *l, Dwarf_Die *die, struct srcrange *r)
{
	uint64_t off = r->at == 0 ? find_list(l, die, r) : (uint64_t)r->at;
	struct bytes b = srclimits_bytes(l, r->list, off);

	while (srclimits_step(l, RANGE_STEPS))
		if (!skip_base(&b, r))
			return true;
	return false;
}

bool
srclimits_next_range(struct srclimits *l, Dwarf_Die *die, struct srcrange *r)
{
	while (take_range(l, die, r) &&
	       (r->at = dwarf_ranges(die, r->at, &r->base, &r->low, &r->high)) > 0)
		if (r->low < r->high)
			return true;
	return false;
}

/* Take room for the abbreviations at an offset, up to this code (0: all of the table). Returns
 * false if there is none, or if one has so many attributes that its entries take long to skip;
 * since finding that out takes time, they take room even then. libdw keeps the abbreviations of
 * each unit, about ten bytes for each byte, even if units share them. */
static bool
take_abbrevs(struct srclimits *l, uint64_t off, uint64_t until)
{
	struct bytes b = srclimits_bytes(l, l->abbrevs, off);
	uint64_t all = bytes_left(&b), n;
	uint32_t code = 0;
	size_t empty;
	bool more, may_read;

	do {
		more = skip_abbrev(&b, &code, &empty) && (until == 0 || code != (uint32_t)until);
		n = all - bytes_left(&b);
	} while (more && empty <= EMPTY && n < l->abbrevs_room);
	may_read = all == 0 || (empty <= EMPTY && n < l->abbrevs_room);
	l->abbrevs_room -= n < l->abbrevs_room ? n : l->abbrevs_room;
	l->overlapping += !may_read;
	return may_read;
}

uint64_t
srclimits_length(struct bytes *b, bool *wide)
{
	uint64_t n = bytes_u32(b);

	*wide = n == UINT32_MAX;
	return *wide ? bytes_u64(b) : n;
}

bool
srclimits_may_read_unit(struct srclimits *l, uint64_t *at)
{
	struct bytes b = srclimits_bytes(l, l->entries, *at);
	uint64_t all = bytes_left(&b), n, abbrevs;
	bool wide;
	int type = 0;

	if (all == 0)
		return false;
	n = srclimits_length(&b, &wide);
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
	return take_abbrevs(l, abbrevs, srclimits_leb(&b));
}

bool
srclimits_may_read_entries(struct srclimits *l, const Dwarf_Die *of)
{
	Dwarf_Off abbrevs;
	uint64_t *seen;
	Dwarf_Die unit;

	if (!srclimits_has_entry(l, of) ||
	    dwarf_cu_die(of->cu, &unit, NULL, &abbrevs, NULL, NULL, NULL, NULL) == NULL)
		return false;
	seen = hash_put(&l->units_seen, dwarf_dieoffset(&unit));
	if (*seen == SRC_NEW)
		*seen = take_abbrevs(l, abbrevs, 0) ? SRC_READ : SRC_REFUSED;
	return *seen == SRC_READ;
}
