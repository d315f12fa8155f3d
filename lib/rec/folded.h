/* SPDX-License-Identifier: MIT */
/*
 * folded - samples to FlameGraph's folded stacks: name;outermost;...;innermost, and how often
 *
 * Memory is that of the different stacks and of the live threads' names.
 */

#ifndef FOLDED_H
#define FOLDED_H

#include "base/out.h"
#include "rec.h"
#include "stackdefs.h"

struct folded_entry {
	char *line;
	size_t n;
	uint64_t count;
};

struct folded {
	const char *events; /* patterns with commas between them, NULL for all */
	bool period;        /* count periods, not samples */

	struct stackdefs defs;
	struct hash comm; /* of machine and tid: index of its name + 1 */
	struct folded_comm {
		char *p;
		size_t n;
	} * name;
	size_t n_names, cap_names;
	struct hash at; /* of a line: index of its entry + 1 */
	struct folded_entry *entry;
	size_t n, cap;
	char *line; /* the one in the making */
	size_t n_line, cap_line;
	struct str first; /* the event that came first, its bytes kept */
	bool mixed;       /* others came, too */
};

void folded_add(struct folded *, const struct rec *);

/* Write all, in the order of their bytes. */
void folded_write(struct folded *, struct out *);

void folded_free(struct folded *);

#endif
