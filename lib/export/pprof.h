/* SPDX-License-Identifier: MIT */
/*
 * pprof - fold records with stacks into a profile in the format of pprof
 *
 * A sample has a value for each type: the number of records, the period of each event that was
 * sampled, and the time of states. Its labels say whose it is. Records with the same stack and the
 * same labels are added up. Memory: what the different stacks and the different samples need.
 */

#ifndef PPROF_H
#define PPROF_H

#include "base/hash.h"
#include "base/intern.h"
#include "base/out.h"
#include "base/strbuf.h"
#include "rec/comms.h"
#include "rec/counted.h"
#include "rec/rec.h"
#include "rec/stackdefs.h"
#include "symbols/spaces.h"

enum { PPROF_TYPES = 16, PPROF_DEPTH = 128 };

struct pprof {
	struct counted counted; /* which records */
	struct comms comms;

	/* what was counted */
	uint64_t n;            /* records */
	uint64_t overflows;    /* additions to a sum that is INT64_MAX, the greatest */
	uint64_t cut;          /* stacks cut to their innermost PPROF_DEPTH functions */
	size_t left_out;       /* events beyond PPROF_TYPES, whose periods are not in the profile */
	struct stackdefs defs; /* .undefined is to be reported */

	/* private */
	struct spaces *spaces;
	struct intern machines, names; /* names: of tasks, and all other texts, unescaped */
	struct intern labels, functions, locations, mappings;
	struct pprof_mapping *mapping;
	size_t cap_mapping;
	struct hash refs;      /* @HASH -> number of its stack + 1 */
	struct intern inlined; /* stacks that are not defined elsewhere, and their maps */
	uint32_t *inline_at;
	size_t cap_inline;
	struct pprof_stack *stack;
	size_t nstack, cap_stack;
	uint32_t *frame; /* locations of all stacks */
	size_t nframe, cap_frame;
	struct hash at; /* stack and labels -> index of the entry + 1 */
	struct pprof_entry *entry;
	size_t nentry, cap_entry;
	struct pprof_column *column; /* by event */
	size_t ncolumn, cap_column;
	int64_t first, last; /* times */
	int64_t wall, clock; /* the same moment, if the recording says */
	struct strbuf comments, text;
	size_t ncomments;
};

/* Start with the choice of records, and all else 0. */
void pprof_open(struct pprof *);

/* Take in a record of any kind. */
void pprof_add(struct pprof *, const struct rec *);

/* Write the profile. If it would take more than 1 MB + 64 times the size of the input, deep stacks
 * are cut. */
void pprof_write(struct pprof *, struct out *, uint64_t input_size);

void pprof_free(struct pprof *);

#endif
