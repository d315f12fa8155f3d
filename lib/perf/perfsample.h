/* SPDX-License-Identifier: MIT */
/*
 * perfsample - the body of a PERF_RECORD_SAMPLE
 *
 * Values stand in a fixed order that is not the order of the sample_type bits, each there if its
 * bit is set; variable ones bring their count, which is checked against what is left.
 * Facts: kernel/events/core.c, perf_output_sample(), Linux 6.18.
 */

#ifndef PERFSAMPLE_H
#define PERFSAMPLE_H

#include "perfattr.h"

/*
 * Of what stands before the chain, what the sample_type does not have is -1 or UINT64_MAX, the
 * period the attr's; chain and raw are empty without it; all others are only set with it.
 */
struct perf_sample {
	int32_t pid, tid, cpu;
	uint64_t time, id, ip, addr, period;
	struct bytes read;   /* in the attr's read_format */
	struct bytes chain;  /* addresses and context markers, u64 each */
	struct bytes raw;    /* the tracepoint's struct, padded */
	struct bytes branch; /* from, to, flags: u64 each */
	struct bytes regs_user, regs_intr;
	uint64_t regs_user_abi, regs_intr_abi;
	struct bytes stack; /* the user stack's bytes, those that are valid */
	uint64_t weight, data_src, transaction, phys_addr, cgroup, data_page, code_page;
	struct bytes aux;
};

/* False when the body ends early. */
bool perf_sample_read(const struct perf_attr *, struct bytes body, struct perf_sample *);

#endif
