/* SPDX-License-Identifier: MIT */
/*
 * srclines - the source lines of a program's code, and the functions that are inlined there
 *
 * The DWARF of the program, or of its debug file. Compilation units are read when an address in
 * them is looked up first. No other file is opened: what a debug file has in common with others
 * (.gnu_debugaltlink) and split DWARF (.dwo files) are unknown.
 */

#ifndef SRCLINES_H
#define SRCLINES_H

#include "base/text.h"

/* The functions inlined into each other that are found; those further in are left out. */
enum { SRCLINES_DEPTH = 64 };

struct srclines;

struct srclines_place {
	const char *function; /* an inlined one; NULL: the function that the symbol names */
	const char *file;     /* NULL if it is unknown */
	int line;
};

/* Take the descriptors of a program and of its debug file, -1 for what there is not. shift is what
 * addresses are higher than offsets of the program, if only the debug file is there. Returns NULL
 * if there is no DWARF. */
struct srclines *srclines_new(int program, int debug, uint64_t shift);
void srclines_free(struct srclines *);

/*
 * Find the places of the byte at an offset of the program: the innermost inlined function, then
 * those that it was inlined into. Without inlines, or if nothing is inlined there, there is one.
 * The texts live as long as the lines. Returns the number of places, 0 if nothing is known.
 */
size_t srclines_find(
    struct srclines *, uint64_t off, bool inlines, struct srclines_place place[SRCLINES_DEPTH + 1]);

/* The number of line tables, and of tables of abbreviations, that were not read: with those that
 * were, they would have more bytes than there are, so they overlap; or an abbreviation has more
 * attributes than any compiler writes. 0 without lines (NULL). */
uint64_t srclines_overlapping(const struct srclines *);

/* The number of units and functions whose entries or ranges were not all read, because they would
 * take more time or memory than is in proportion to the file. 0 without lines (NULL). */
uint64_t srclines_cut(const struct srclines *);

#endif
