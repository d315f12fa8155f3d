/* SPDX-License-Identifier: MIT */
/* The line tables that libdw may read. */

#include <dwarf.h>

#include "srclines_int.h"

/* What the names of a line table cost, so far: libdw puts each file's directory before its name. */
struct names {
	const struct srclimits *limits;
	struct bytes b;         /* the rest of the table */
	bool wide;              /* offsets of 64 bits */
	uint64_t longest, cost; /* of the directories; bytes */
};

/* A text that ends within n bytes. Returns n if it does not. */
static uint64_t
length_within(const void *text, size_t n)
{
	const char *end = n == 0 ? NULL : memchr(text, '\0', n);

	return end == NULL ? n : (uint64_t)(end - (const char *)text);
}

/* Skip a text of the table. Returns its length. */
static uint64_t
skip_text(struct names *n)
{
	uint64_t len = length_within(n->b.p, bytes_left(&n->b));

	bytes_take(&n->b, len + 1);
	return len;
}

/* Skip an offset of a text. Returns its length. One that does not end makes the table bad. */
static uint64_t
skip_offset(struct names *n, const Elf_Data *texts)
{
	uint64_t off = n->wide ? bytes_u64(&n->b) : bytes_u32(&n->b);
	struct bytes text = srclimits_bytes(n->limits, texts, off);
	uint64_t len = length_within(text.p, bytes_left(&text));

	if (len == bytes_left(&text))
		bytes_spoil(&n->b);
	return len;
}

/* Skip a value. Returns the length of the text that it is or refers to, or 0. Forms that no
 * compiler uses there make the table bad. */
static uint64_t
skip_value(struct names *n, uint64_t form)
{
	switch (form) {
	case DW_FORM_string:
		return skip_text(n);
	case DW_FORM_strp:
		return skip_offset(n, n->limits->texts[0]);
	case DW_FORM_line_strp:
		return skip_offset(n, n->limits->texts[1]);
	case DW_FORM_data1:
		bytes_u8(&n->b);
		break;
	case DW_FORM_data2:
		bytes_u16(&n->b);
		break;
	case DW_FORM_data4:
		bytes_u32(&n->b);
		break;
	case DW_FORM_data8:
		bytes_u64(&n->b);
		break;
	case DW_FORM_data16:
		bytes_take(&n->b, 16);
		break;
	case DW_FORM_udata:
		srclimits_leb(&n->b);
		break;
	case DW_FORM_block:
		bytes_take(&n->b, srclimits_leb(&n->b));
		break;
	default:
		bytes_spoil(&n->b);
	}
	return 0;
}

/* Are there names to read, in a table that is not bad, and which cost little enough so far? */
static bool
goes_on(const struct names *n)
{
	return n->cost < n->limits->names_room && !bytes_bad(&n->b);
}

static void
add_directory(struct names *n, uint64_t len)
{
	n->longest = len > n->longest ? len : n->longest;
	n->cost += len + 1;
}

static void
add_file(struct names *n, uint64_t len)
{
	n->cost += n->longest + len + 2;
}

/* Skip a list of texts, which an empty one ends. */
static void
skip_list(struct names *n, bool files)
{
	uint64_t len;

	while (goes_on(n) && (len = skip_text(n)) > 0) {
		if (files) {
			srclimits_leb(&n->b); /* the directory, time and size */
			srclimits_leb(&n->b);
			srclimits_leb(&n->b);
		}
		(files ? add_file : add_directory)(n, len);
	}
}

/* Skip a list that says itself what it has: since DWARF 5. */
static void
skip_described(struct names *n, bool files)
{
	uint64_t form[UINT8_MAX], count, len;
	size_t forms = bytes_u8(&n->b), i;

	for (i = 0; i < forms; i++) {
		srclimits_leb(&n->b); /* what it is */
		form[i] = srclimits_leb(&n->b);
	}
	for (count = srclimits_leb(&n->b); count > 0 && forms > 0 && goes_on(n); count--) {
		len = 0;
		for (i = 0; i < forms; i++)
			len += skip_value(n, form[i]);
		(files ? add_file : add_directory)(n, len);
	}
}

/* Add the files that the rest of the table may define: wherever the code of that could be. */
static void
add_defined(struct names *n)
{
	const uint8_t *p = n->b.p, *end = p + bytes_left(&n->b);

	while (goes_on(n) && p < end && (p = memchr(p, 0, (size_t)(end - p))) != NULL) {
		if (end - p > 3 && p[2] == DW_LNE_define_file)
			add_file(n, length_within(p + 3, (size_t)(end - p - 3)));
		p++;
	}
}

/* The length of the folder of a unit, which is the first directory before DWARF 5. One that does
 * not end within the entries makes the table bad: libdw would read on. */
static uint64_t
folder_length(struct names *n, Dwarf_Die *unit)
{
	const Elf_Data *entries = n->limits->entries;
	Dwarf_Attribute attr;
	const char *text = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attr));
	uintptr_t at = (uintptr_t)text - (uintptr_t)entries->d_buf;
	uint64_t len;

	if (text == NULL)
		return 0;
	if (dwarf_whatform(&attr) != DW_FORM_string || at >= entries->d_size)
		return strlen(text);
	len = length_within(text, entries->d_size - at);
	if (len == entries->d_size - at)
		bytes_spoil(&n->b);
	return len;
}

/* The bytes of the names that libdw makes of a table, or some that are more than there is room for.
 * A table that is damaged, or that we cannot read, has too many. */
static uint64_t
cost_of_names(const struct srclimits *l, Dwarf_Die *unit, struct bytes b, bool wide)
{
	struct names n = { .limits = l, .b = b, .wide = wide };
	unsigned version = bytes_u16(&n.b), codes;

	if (version < 2 || version > 5)
		return UINT64_MAX;
	add_directory(&n, folder_length(&n, unit));
	bytes_take(&n.b, (version >= 5 ? 2 : 0) + (wide ? 8 : 4) + (version >= 4 ? 5 : 4));
	codes = bytes_u8(&n.b);
	bytes_take(&n.b, codes == 0 ? 0 : codes - 1);
	(version >= 5 ? skip_described : skip_list)(&n, false);
	(version >= 5 ? skip_described : skip_list)(&n, true);
	add_defined(&n);
	return bytes_bad(&n.b) ? UINT64_MAX : n.cost;
}

/* Take room for the table at an offset. libdw keeps the tables that it has read, tens of bytes for
 * each byte, and the names that it makes of them. Tables that do not overlap all fit into their
 * section; others may share most of their bytes. */
static bool
take_table(struct srclimits *l, Dwarf_Die *unit, uint64_t off)
{
	struct bytes b = srclimits_bytes(l, l->tables, off);
	uint64_t n, cost;
	bool wide;

	n = srclimits_length(&b, &wide);
	if (n > bytes_left(&b) || n > l->tables_room)
		return false;
	bytes_keep(&b, n);
	l->tables_room -= n;
	cost = cost_of_names(l, unit, b, wide);
	if (cost >= l->names_room)
		return false;
	l->names_room -= cost;
	return true;
}

/* Is the line table of a unit one that may be read, if it has one? */
static enum srcseen
see_table(struct srclimits *l, Dwarf_Die *unit)
{
	Dwarf_Attribute attr;
	Dwarf_Word off;
	uint64_t *seen;

	if (dwarf_formudata(dwarf_attr(unit, DW_AT_stmt_list, &attr), &off) != 0)
		return SRC_READ;
	seen = hash_put(&l->tables_seen, off);
	if (*seen == SRC_NEW) {
		*seen = take_table(l, unit, off) ? SRC_READ : SRC_REFUSED;
		l->overlapping += *seen == SRC_REFUSED;
	}
	return *seen;
}

bool
srctables_may_read(struct srclimits *l, Dwarf_Die *unit)
{
	uint64_t *seen = hash_put(&l->tables_of, dwarf_dieoffset(unit));

	if (*seen == SRC_NEW)
		*seen = see_table(l, unit);
	return *seen == SRC_READ;
}
