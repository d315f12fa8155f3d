/* SPDX-License-Identifier: MIT */
/*
 * folded - count samples by stack, as FlameGraph reads them: name;outermost;...;innermost COUNT
 *
 * With offwake, add up how long tasks waited, by their stack and that of the wake that ended the
 * wait: name;outermost;...;innermost;--;innermost of the waker;...;outermost;waker NS
 *
 * Each name and each stack is stored once. Start with { .time = WINDOW_ALL } and the options.
 */

#ifndef FOLDED_H
#define FOLDED_H

#include "base/intern.h"
#include "base/out.h"
#include "base/strbuf.h"
#include "comms.h"
#include "counted.h"
#include "cut.h"
#include "rec.h"
#include "stackdefs.h"

enum { FOLDED_LINE = 4096 };

struct folded {
	struct counted counted; /* which records */
	struct comms comms;
	struct window time; /* of states only their part counts, as cut.h cuts it */
	bool period;        /* add up periods instead of counting samples */
	bool offwake;       /* take the states only, and add up their lengths */

	/* what was counted */
	size_t n;           /* different lines */
	uint64_t cut_lines; /* lines cut to FOLDED_LINE */
	uint64_t overflows; /* additions to a count that is UINT64_MAX, the greatest */

	/* private */
	struct stackdefs defs;
	struct hash refs, wake_refs; /* @HASH -> number of its stack + 1 */
	struct intern heads, stacks; /* name; or name, and what follows it */
	struct hash at;              /* head and stack -> number from 1, of the entry */
	struct hash at_wake;         /* the same for waker and wake_stack */
	struct hash at_both; /* those two numbers -> number from 1, of the entry with offwake */
	struct folded_entry *entry;
	size_t cap;
	struct strbuf text;
	struct intern machines, tasks;
	struct folded_wait *wait; /* by its task's number */
	size_t cap_wait;
};

void folded_add(struct folded *, const struct rec *);

/* Count the waits that no wake ended. Call it after the last record. */
void folded_end(struct folded *);

/* Write the lines in the order of their bytes; with offwake, in that of the parts before and after
 * the --. If they would take more than 1 MB + 256 times the
 * size of the input, lines longer than FOLDED_LINE are cut. */
void folded_write(struct folded *, struct out *, uint64_t input_size);

void folded_free(struct folded *);

#endif
