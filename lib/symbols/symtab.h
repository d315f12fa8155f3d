/* SPDX-License-Identifier: MIT */
/*
 * symtab - the symbols of a program or kernel by address
 *
 * Entries are added in any order; symtab_finish() sorts them and leaves one symbol an address.
 * Names stay where the owner has them: in one text, by offset.
 */

#ifndef SYMTAB_H
#define SYMTAB_H

#include "base/text.h"

enum { SYMTAB_NAME = 4096 }; /* the length above which a name is cut */

struct symtab_entry {
	uint64_t start;
	uint32_t name;      /* offset in the text */
	uint32_t size : 27; /* 0: up to the next symbol, the last one up to the page after it */
	bool code : 1;      /* false: it only ends the symbol before it */
	bool weak : 1, global : 1;
	bool mark : 1; /* for the owner */
};

struct symtab {
	struct symtab_entry *entry;
	size_t n, cap;
	const char *stops;   /* what ends a name besides a NUL byte, if it is not its first byte */
	const char *aliases; /* prefixes, each with its NUL: such a name is taken last; or NULL */
	bool later;          /* of two equally good names at one address, take the later one */
	const char *text;    /* since symtab_finish(); the owner's */
};

/* Make room for n symbols at once. */
void symtab_reserve(struct symtab *, size_t n);

/* A size that is too large is cut. */
void symtab_add(struct symtab *, const struct symtab_entry *, uint64_t size);

/*
 * All symbols are added; text ends with a NUL byte. Of the symbols that start at one address, the
 * best is kept: code, not an alias, with a size, not weak, global, with few leading underscores,
 * long; the order is that of perf (tools/perf/util/symbol.c). A symbol without a size inside
 * another is dropped.
 */
void symtab_finish(struct symtab *, const char *text);

/* The entry that addr is in, NULL if there is none. */
const struct symtab_entry *symtab_find(const struct symtab *, uint64_t addr);

/* The name of an entry, cut after SYMTAB_NAME + 1 bytes. */
struct str symtab_name(const struct symtab *, const struct symtab_entry *);

void symtab_free(struct symtab *);

#endif
