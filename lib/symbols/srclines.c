/* SPDX-License-Identifier: MIT */

#include <dwarf.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "elf.h"
#include "segments.h"
#include "srclines_int.h"

enum { NAMES = 16 }; /* entries that are searched for a name */

struct srclines {
	int fd;
	struct segments segments;
	struct srclimits limits; /* limits.dwarf is NULL if no file has DWARF */
	struct srcfunctions functions;
	struct callee {
		const char *name;
		uint64_t file; /* the number of the one with the call; UINT64_MAX: unknown */
		int line;
	} * callee;
	size_t n, cap;
	struct hash index; /* the offset of an inlined function -> the number of its callee */
};

static void
add_segment(void *arg, uint64_t addr, uint64_t len, uint64_t off)
{
	segments_add(arg, off, len, addr);
}

static void
close_dwarf(struct srclines *l)
{
	hash_free(&l->index);
	srcfunctions_end(&l->functions);
	srclimits_end(&l->limits);
	dwarf_end(l->limits.dwarf);
	l->limits.dwarf = NULL;
	close(l->fd);
}

/* Take a descriptor if its file has DWARF; else close it. */
static bool
open_dwarf(struct srclines *l, int fd)
{
	Dwarf *dwarf;

	if (fd < 0)
		return false;
	dwarf = dwarf_begin(fd, DWARF_C_READ);
	if (dwarf == NULL) {
		close(fd);
		return false;
	}
	/* libdw would look for the file of .gnu_debugaltlink outside the sysroot: this is how it
	 * marks one that it did not find */
	dwarf_setalt(dwarf, (Dwarf *)-1);
	l->fd = fd;
	srclimits_begin(&l->limits, dwarf);
	if (srcfunctions_begin(&l->functions, &l->limits) || l->limits.overlapping > 0)
		return true;
	close_dwarf(l);
	return false;
}

struct srclines *
srclines_new(int program, int debug, uint64_t shift)
{
	struct srclines *l = mem_alloc(sizeof *l);

	if (program >= 0)
		elf_segments(program, add_segment, &l->segments);
	else
		segments_add(&l->segments, 0, UINT64_MAX, shift);
	segments_done(&l->segments);
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
	if (l == NULL)
		return;
	if (l->limits.dwarf != NULL)
		close_dwarf(l);
	free(l->callee);
	segments_free(&l->segments);
	free(l);
}

/* What an entry says about the name of its function. */
struct naming {
	const Elf_Data *entries;
	const char *name, *linkage;
	Dwarf_Attribute next; /* the entry that says more, if code is not 0 */
	const char *end;      /* of the attributes that were read */
};

/* The text of an attribute. One that is within the entries must end there. */
static const char *
read_text(Dwarf_Attribute *attr, struct naming *n)
{
	const char *text = dwarf_formstring(attr), *end;
	uintptr_t at = (uintptr_t)text - (uintptr_t)n->entries->d_buf;

	if (text == NULL || dwarf_whatform(attr) != DW_FORM_string || at >= n->entries->d_size)
		return text;
	end = memchr(text, '\0', n->entries->d_size - at);
	n->end = end == NULL ? text + (n->entries->d_size - at) : end;
	return end == NULL ? NULL : text;
}

static int
read_naming(Dwarf_Attribute *attr, void *arg)
{
	struct naming *n = arg;

	n->end = (const char *)attr->valp;
	switch (dwarf_whatattr(attr)) {
	case DW_AT_linkage_name:
	case DW_AT_MIPS_linkage_name:
		n->linkage = read_text(attr, n);
		break;
	case DW_AT_name:
		n->name = read_text(attr, n);
		break;
	case DW_AT_abstract_origin:
		n->next = *attr;
		break;
	case DW_AT_specification:
		if (n->next.code == 0)
			n->next = *attr;
		break;
	default:
		if (dwarf_whatform(attr) == DW_FORM_string)
			read_text(attr, n);
	}
	return DWARF_CB_OK;
}

/* Find the name of a function. It may be in another entry that the function refers to, in any unit.
 */
static const char *
find_name(struct srclines *l, const Dwarf_Die *function)
{
	const char *name = NULL;
	Dwarf_Die die = *function;
	struct naming n;
	int i;

	for (i = 0; i < NAMES && l->limits.steps > 0; i++) {
		if (!srclimits_may_read_entries(&l->limits, &die))
			break;
		n = (struct naming){ .entries = l->limits.entries, .end = die.addr };
		dwarf_getattrs(&die, read_naming, &n, 0);
		srclimits_step(&l->limits, (uint64_t)(n.end - (const char *)die.addr));
		srclimits_count_cut(&l->limits);
		if (n.linkage != NULL)
			return n.linkage;
		name = name == NULL ? n.name : name;
		if (n.next.code == 0 || dwarf_formref_die(&n.next, &die) == NULL)
			break;
	}
	return name == NULL ? "?" : name;
}

/* Read where an inlined function is called. */
static void
read_call(struct callee *c, const Dwarf_Die *inlined)
{
	Dwarf_Die die = *inlined;
	Dwarf_Attribute attr;
	Dwarf_Word n;

	if (dwarf_formudata(dwarf_attr(&die, DW_AT_call_file, &attr), &n) == 0)
		c->file = n;
	if (dwarf_formudata(dwarf_attr(&die, DW_AT_call_line, &attr), &n) == 0 && n <= INT32_MAX)
		c->line = (int)n;
}

/* What is known of an inlined function, whose entry is read once. Valid until the next call. */
static const struct callee *
callee_of(struct srclines *l, const Dwarf_Die *inlined)
{
	Dwarf_Die die = *inlined;
	uint64_t *number = hash_put(&l->index, dwarf_dieoffset(&die));
	struct callee *c;

	if (*number == 0) {
		l->callee = mem_grow(l->callee, l->n, &l->cap, sizeof *l->callee);
		c = &l->callee[l->n];
		*c = (struct callee){ .name = find_name(l, inlined), .file = UINT64_MAX };
		read_call(c, inlined);
		*number = ++l->n;
	}
	return &l->callee[*number - 1];
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

static void
set_call(struct srclines_place *p, Dwarf_Die *unit, const struct callee *c)
{
	Dwarf_Files *files;
	size_t n;

	if (c->file != UINT64_MAX && dwarf_getsrcfiles(unit, &files, &n) == 0 && c->file < n)
		p->file = dwarf_filesrc(files, c->file, NULL, NULL);
	p->line = c->line;
}

size_t
srclines_find(
    struct srclines *l, uint64_t off, bool inlines, struct srclines_place place[SRCLINES_DEPTH + 1])
{
	Dwarf_Die unit, inlined[SRCLINES_DEPTH];
	const struct callee *c;
	uint64_t addr;
	size_t n = 0, i;
	bool may_read;

	if (!segments_find(&l->segments, off, &addr) ||
	    !srcfunctions_unit(&l->functions, addr, &unit))
		return 0;
	if (inlines)
		n = srcfunctions_inlined(&l->functions, &unit, addr, inlined);
	may_read = srctables_may_read(&l->limits, &unit);
	memset(place, 0, (n + 1) * sizeof *place);
	if (may_read)
		set_line(&place[0], &unit, addr);
	for (i = 0; i < n; i++) {
		c = callee_of(l, &inlined[i]);
		place[i].function = c->name;
		if (may_read)
			set_call(&place[i + 1], &unit, c);
	}
	return n + 1;
}

uint64_t
srclines_overlapping(const struct srclines *l)
{
	return l == NULL ? 0 : l->limits.overlapping;
}

uint64_t
srclines_cut(const struct srclines *l)
{
	return l == NULL ? 0 : l->limits.cut;
}
