/* SPDX-License-Identifier: MIT */
/* srclines_int - shared by the files of srclines, the only ones that see libdw */

#ifndef SRCLINES_INT_H
#define SRCLINES_INT_H

#include <elfutils/libdw.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "coderanges.h"
#include "srclines.h"

/*
 * srclimits - what libdw may be asked, so that its time and memory are in proportion to the file
 *
 * libdw trusts the file: it keeps each table that it reads, even if tables overlap, and walks each
 * entry that it skips. A step is about the time in which it skips a byte of entries.
 */
struct srclimits {
	Dwarf *dwarf;
	/* .debug_info, .debug_abbrev, .debug_line; NULL if there is none or several */
	const Elf_Data *entries, *abbrevs, *tables;
	const Elf_Data *texts[2];           /* .debug_str, .debug_line_str */
	const Elf_Data *lists[2];           /* of ranges: .debug_ranges, .debug_rnglists */
	uint64_t steps, ranges;             /* that are left */
	uint64_t abbrevs_room, tables_room; /* bytes of them that may still be read */
	uint64_t names_room;                /* bytes of names that libdw may still make of them */
	struct hash units_seen;             /* the offset of a unit -> whether it may be read */
	struct hash tables_seen;            /* the offset of a line table -> the same */
	struct hash tables_of; /* the offset of a unit -> the same, of its line table */
	uint64_t overlapping;  /* tables that there was no room for, or several of */
	uint64_t cut;          /* units and functions that were read only in part */
};

/* Whether a unit or table may be read, once that was asked. */
enum srcseen { SRC_NEW, SRC_READ, SRC_REFUSED };

/* A range of an entry. Starts as { 0 }. */
struct srcrange {
	uint64_t low, high;
	/* private: for dwarf_ranges(), which needs both again for the next range */
	ptrdiff_t at;
	Dwarf_Addr base;
	/* private: the list, if there is one; of which version; bytes of an address */
	const Elf_Data *list;
	Dwarf_Half version;
	uint8_t address;
};

void srclimits_begin(struct srclimits *, Dwarf *);
void srclimits_end(struct srclimits *);

/* Is an entry in the section that the limits are for? .debug_types has some, too. */
bool srclimits_has_entry(const struct srclimits *, const Dwarf_Die *);

/* Use up n steps. Returns false if none are left. */
bool srclimits_step(struct srclimits *, uint64_t n);

/* Count a unit or function as cut if there were not enough steps for it. */
void srclimits_count_cut(struct srclimits *);

/* Move on to the next range of an entry that is not empty. Returns false if there is none, or no
 * step is left. */
bool srclimits_next_range(struct srclimits *, Dwarf_Die *, struct srcrange *);

/* Move to the sibling of an entry. Returns what dwarf_siblingof() does: 0 if there is one. */
int srclimits_next_sibling(struct srclimits *, Dwarf_Die *);

/* May libdw read the first entry of the unit at *at? Moves *at to the next unit. */
bool srclimits_may_read_unit(struct srclimits *, uint64_t *at);

/* May libdw read all entries of the unit of this entry? Not if it is in another section. */
bool srclimits_may_read_entries(struct srclimits *, const Dwarf_Die *);

/* The bytes of a section from an offset on, in the byte order of the file. */
struct bytes srclimits_bytes(const struct srclimits *, const Elf_Data *, uint64_t off);

/* A number of DWARF, as libdw reads it: one of ten bytes that go on has the largest value. */
uint64_t srclimits_leb(struct bytes *);

/* The length at the start of a unit or line table, which counts the bytes that follow it. Is it one
 * of 64 bits? */
uint64_t srclimits_length(struct bytes *, bool *wide);

/* May libdw read the line table of a unit? */
bool srctables_may_read(struct srclimits *, Dwarf_Die *unit);

/*
 * srcfunctions - the units, functions and inlined functions of a file, found by address
 *
 * The functions of a unit, and the inlined functions of a function, are read when an address in it
 * is looked up first.
 */
struct srcentries;

struct srcfunctions {
	struct srclimits *limits;
	struct srcentries *part; /* the units; then those of each unit and function looked into */
	size_t n, cap;
	struct hash index; /* the offset of a unit or function -> the number of its part */
};

/* Read the units of the file. Returns false if there are none with code. */
bool srcfunctions_begin(struct srcfunctions *, struct srclimits *);
void srcfunctions_end(struct srcfunctions *);

/* Set unit to the one that has the code at an address. Returns false if there is none. */
bool srcfunctions_unit(const struct srcfunctions *, uint64_t addr, Dwarf_Die *unit);

/* Find the functions that are inlined at an address of a unit, innermost first. Returns their
 * number. */
size_t srcfunctions_inlined(
    struct srcfunctions *, Dwarf_Die *unit, uint64_t addr, Dwarf_Die inlined[SRCLINES_DEPTH]);

#endif
