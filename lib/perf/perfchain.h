/* SPDX-License-Identifier: MIT */
/*
 * perfchain - a sample's callchain as the words of a stack
 *
 * Only the context markers that the kernel knows are markers: a frame without a frame pointer may
 * be any number, also one close to them.
 * Facts: enum perf_callchain_context, include/uapi/linux/perf_event.h.
 */

#ifndef PERFCHAIN_H
#define PERFCHAIN_H

#include "base/bytes.h"

/* The most words that the chain of a record, which has less than 64 kB, can make. */
enum { PERF_CHAIN_WORDS = 8192 + 2 };

/*
 * The words (see stack.h) of a chain recorded in cpumode at ip, n of them: where they are in the
 * chain itself, where those are the words already, else at room. A chain without any address is the
 * ip alone, if that is known (not UINT64_MAX). n is 0 where there is nothing.
 */
const uint64_t *perf_chain_words(
    struct bytes chain, unsigned cpumode, uint64_t ip, uint64_t *room, size_t *n);

/* The marker of a cpumode, 0 where it is unknown. */
uint64_t perf_chain_mark(unsigned cpumode);

#endif
