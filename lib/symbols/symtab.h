/* SPDX-License-Identifier: MIT */
/* symtab - named ranges of a file: added in any order, then looked up by what they cover */

#ifndef SYMTAB_H
#define SYMTAB_H

#include "base/text.h"

struct symtab {
	struct symtab_entry *entry;
	size_t n, cap;
	char *names;
	size_t used, room;
};

struct symtab_symbol {
	uint64_t start, size; /* size 0: as far as the next one */
	struct str name;
	bool weak, global;
};

void symtab_free(struct symtab *);

void symtab_add(struct symtab *, const struct symtab_symbol *);

/*
 * All are added. Of those with one start the one stays that has a size, is not weak, is global, has
 * few leading underscores, is long (as in perf's tools/perf/util/symbol.c). One without a size
 * within another is left out, any other ends where the next one starts, the last one with its page.
 */
void symtab_finish(struct symtab *);

/* The last symbol that starts at or before addr, if it reaches that far. */
bool symtab_find(const struct symtab *, uint64_t addr, struct symtab_symbol *);

#endif
