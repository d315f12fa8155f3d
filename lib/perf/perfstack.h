/* SPDX-License-Identifier: MIT */
/* perfstack - callchains as the stack field of records, inline or each once */

#ifndef PERFSTACK_H
#define PERFSTACK_H

#include "perfchain.h"
#include "rec/rec.h"
#include "rec/stack.h"
#include "rec/stacks.h"

struct perf_stack {
	struct out *out;
	struct stacks *stacks; /* NULL where stacks stand inline */
	char *text;
	char ref[1 + TEXT_NUMBER];
	uint64_t room[PERF_CHAIN_WORDS];
	/* the stack that is to be defined, if it is new: n words; 0: none */
	const uint64_t *word;
	size_t n;
	struct stacks_key key;
	struct rec at;
};

void perf_stack_open(struct perf_stack *, struct out *, bool once);
void perf_stack_free(struct perf_stack *);

/*
 * The stack field for a record whose time, machine and pid are known: of the chain recorded in
 * cpumode at ip (UINT64_MAX: unknown). It lives until the next call.
 */
struct str perf_stack_of(
    struct perf_stack *, const struct rec *, struct bytes chain, unsigned cpumode, uint64_t ip);

/* The record is about to be written: write what defines its stack. */
void perf_stack_define(struct perf_stack *, struct rec *);

#endif
