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
};

void perf_stack_open(struct perf_stack *, struct out *, bool once);
void perf_stack_free(struct perf_stack *);

/*
 * The stack field for a record whose time, machine and pid are known: of the chain recorded in
 * cpumode at ip (UINT64_MAX: unknown). It lives until the next call; what defines it is written
 * here.
 */
struct str perf_stack_of(
    struct perf_stack *, const struct rec *, struct bytes chain, unsigned cpumode, uint64_t ip);

#endif
