/* SPDX-License-Identifier: MIT */
/*
 * folded - count samples by stack, as FlameGraph reads them: name;outermost;...;innermost COUNT
 *
 * Each name and each stack is stored once. Start with { 0 } and the options.
 */

#ifndef FOLDED_H
#define FOLDED_H

#include "base/intern.h"
#include "base/out.h"
#include "base/patterns.h"
#include "base/strbuf.h"
#include "rec.h"
#include "stackdefs.h"

enum { FOLDED_NAME = 4096 /* bytes of a task's name */, FOLDED_LINE = 4096 };

struct folded {
	struct patterns events; /* none: samples and tracepoints */
	bool period;            /* add up periods instead of counting samples */

	/* what was counted */
	size_t n;           /* different lines */
	bool mixed;         /* samples of several events */
	uint64_t cut_names; /* names longer than FOLDED_NAME */
	uint64_t cut_lines; /* lines cut to FOLDED_LINE */
	uint64_t backward;  /* states that end before they start: they have no period */
	uint64_t overflows; /* additions to a count that is UINT64_MAX, the greatest */

	/* private */
	struct stackdefs defs;
	struct hash refs; /* @HASH -> number of its stack + 1 */
	struct intern machines, names;
	struct hash tasks;  /* machine and tid -> name + 1 */
	struct intern seen; /* events: the first time a record has one, it is matched */
	bool *wanted;
	size_t cap_wanted;
	uint32_t event;              /* the first one counted + 1 */
	struct intern heads, stacks; /* name; or name, and what follows it */
	struct hash at;              /* head and stack -> index of the entry + 1 */
	struct folded_entry *entry;
	size_t cap;
	struct strbuf text;
};

void folded_add(struct folded *, const struct rec *);

/* Write the lines in the order of their bytes. If they would take more than 1 MB + 256 times the
 * size of the input, lines longer than FOLDED_LINE are cut. */
void folded_write(struct folded *, struct out *, uint64_t input_size);

void folded_free(struct folded *);

#endif
