/* SPDX-License-Identifier: MIT */

#include <dwarf.h>
#include <stdlib.h>

#include "base/mem.h"
#include "srclines_int.h"

enum { DEPTH = 32 }; /* levels of nested entries that are searched for functions */

/* A compilation unit, a function or an inlined function. */
struct entry {
	Dwarf_Die die;
	size_t outer; /* the number of the one that it is inlined into; 0: the function */
};

/* Entries, numbered from 1, and their code. */
struct srcentries {
	struct entry *entry;
	size_t n, cap;
	struct coderanges ranges;
};

/* Returns the number of the entry. */
static size_t
add_entry(struct srcentries *e, const Dwarf_Die *die, size_t outer)
{
	e->entry = mem_grow(e->entry, e->n, &e->cap, sizeof *e->entry);
	e->entry[e->n++] = (struct entry){ *die, outer };
	return e->n;
}

static void
add_ranges(struct srclimits *l, struct srcentries *e, size_t number)
{
	Dwarf_Die die = e->entry[number - 1].die;
	struct srcrange r = { 0 };

	while (srclimits_next_range(l, &die, &r)) {
		if (l->ranges == 0) {
			l->steps = 0;
			break;
		}
		l->ranges--;
		coderanges_add(&e->ranges, (struct coderange){ r.low, r.high, number });
	}
}

/* The entry of the innermost range that contains an address; NULL: none. */
static const struct entry *
find_entry(const struct srcentries *e, uint64_t addr)
{
	size_t number = coderanges_find(&e->ranges, addr);

	return number == 0 ? NULL : &e->entry[number - 1];
}

static struct srcentries *
add_part(struct srcfunctions *f)
{
	f->part = mem_grow(f->part, f->n, &f->cap, sizeof *f->part);
	f->part[f->n] = (struct srcentries){ .n = 0 };
	return &f->part[f->n++];
}

/* Find the part of a unit or function, and add an empty one if there is none. Returns true if it is
 * new. The pointer is valid until the next call. */
static bool
new_part(struct srcfunctions *f, Dwarf_Die *of, struct srcentries **part)
{
	uint64_t *number = hash_put(&f->index, dwarf_dieoffset(of));
	bool is_new = *number == 0;

	if (is_new) {
		*number = f->n;
		add_part(f);
	}
	*part = &f->part[*number];
	return is_new;
}

/* A reference may lead to any unit: none is used if there is no room for all. */
bool
srcfunctions_begin(struct srcfunctions *f, struct srclimits *l)
{
	struct srcentries *units;
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;
	uint64_t at = 0;

	*f = (struct srcfunctions){ .limits = l };
	units = add_part(f);
	if (l->overlapping > 0)
		return false;
	while (srclimits_step(l, 1) && srclimits_may_read_unit(l, &at) &&
	       dwarf_get_units(l->dwarf, unit, &unit, NULL, NULL, &die, NULL) == 0 &&
	       srclimits_has_entry(l, &die))
		add_ranges(l, units, add_entry(units, &die, 0));
	srclimits_count_cut(l);
	if (l->overlapping > 0)
		units->ranges.n = 0;
	coderanges_sort(&units->ranges);
	return units->ranges.n > 0;
}

void
srcfunctions_end(struct srcfunctions *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		free(f->part[i].entry);
		coderanges_free(&f->part[i].ranges);
	}
	free(f->part);
	hash_free(&f->index);
}

bool
srcfunctions_unit(const struct srcfunctions *f, uint64_t addr, Dwarf_Die *unit)
{
	const struct entry *e = find_entry(&f->part[0], addr);

	if (e != NULL)
		*unit = e->die;
	return e != NULL;
}

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
add_functions(struct srclimits *l, struct srcentries *e, Dwarf_Die *parent, int depth)
{
	Dwarf_Die die;
	int more;

	if (depth == DEPTH)
		return;
	for (more = dwarf_child(parent, &die); more == 0 && srclimits_step(l, 1);
	     more = srclimits_next_sibling(l, &die)) {
		if (dwarf_tag(&die) == DW_TAG_subprogram)
			add_ranges(l, e, add_entry(e, &die, 0));
		if (may_have_functions(dwarf_tag(&die)) && dwarf_haschildren(&die))
			add_functions(l, e, &die, depth + 1);
	}
}

static const struct srcentries *
functions_of(struct srcfunctions *f, Dwarf_Die *unit)
{
	struct srcentries *e;

	if (new_part(f, unit, &e)) {
		if (srclimits_may_read_entries(f->limits, unit))
			add_functions(f->limits, e, unit, 0);
		srclimits_count_cut(f->limits);
		coderanges_sort(&e->ranges);
	}
	return e;
}

static bool
has_code(struct srclimits *l, Dwarf_Die *die)
{
	struct srcrange r = { 0 };

	return srclimits_next_range(l, die, &r);
}

/* Add the inlined functions among the descendants of an entry. n of those found contain it, the
 * innermost one has the number outer. The ranges of an entry follow those of its descendants. */
static void
add_inlined(
    struct srclimits *l, struct srcentries *e, Dwarf_Die *parent, size_t outer, int n, int depth)
{
	Dwarf_Die die;
	bool inlined;
	size_t here;
	int more;

	if (n == SRCLINES_DEPTH || depth == SRCLINES_DEPTH + DEPTH)
		return;
	for (more = dwarf_child(parent, &die); more == 0 && srclimits_step(l, 1);
	     more = srclimits_next_sibling(l, &die)) {
		inlined = dwarf_tag(&die) == DW_TAG_inlined_subroutine;
		if ((!inlined && dwarf_tag(&die) != DW_TAG_lexical_block) || !has_code(l, &die))
			continue;
		here = inlined ? add_entry(e, &die, outer) : outer;
		if (dwarf_haschildren(&die))
			add_inlined(l, e, &die, here, n + inlined, depth + 1);
		if (inlined)
			add_ranges(l, e, here);
	}
}

/* The innermost function owns an address. If blocks overlap, the first one does. */
static const struct srcentries *
inlined_of(struct srcfunctions *f, Dwarf_Die *function)
{
	struct srcentries *e;

	if (new_part(f, function, &e)) {
		add_inlined(f->limits, e, function, 0, 0, 0);
		srclimits_count_cut(f->limits);
		coderanges_split(&e->ranges);
	}
	return e;
}

size_t
srcfunctions_inlined(
    struct srcfunctions *f, Dwarf_Die *unit, uint64_t addr, Dwarf_Die inlined[SRCLINES_DEPTH])
{
	const struct entry *e = find_entry(functions_of(f, unit), addr);
	const struct srcentries *in;
	Dwarf_Die function;
	size_t n = 0;

	if (e == NULL)
		return 0;
	function = e->die;
	in = inlined_of(f, &function);
	for (e = find_entry(in, addr); e != NULL && n < SRCLINES_DEPTH;
	     e = e->outer == 0 ? NULL : &in->entry[e->outer - 1])
		inlined[n++] = e->die;
	return n;
}
