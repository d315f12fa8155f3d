/* SPDX-License-Identifier: MIT */

#include "perfchain.h"
#include "stack.h"

#define CONTEXT_USER_DEFERRED ((uint64_t)-640) /* a cookie follows, the frames come later */
#define CONTEXT_GUEST ((uint64_t)-2048)
#define CONTEXT_MAX ((uint64_t)-4095)

uint64_t
perf_chain_mark(unsigned cpumode)
{
	static const uint64_t marks[8] = { 0, STACK_KERNEL, STACK_USER, STACK_HV,
		STACK_GUEST_KERNEL, STACK_GUEST_USER };

	return marks[cpumode & 7];
}

/* Is it a marker; that of the frames behind it. */
static bool
is_mark(uint64_t v, uint64_t *mark)
{
	if (v < CONTEXT_MAX)
		return false;
	switch (v) {
	case STACK_HV:
	case STACK_KERNEL:
	case STACK_USER:
	case STACK_GUEST_KERNEL:
	case STACK_GUEST_USER:
		*mark = v;
		return true;
	case CONTEXT_GUEST:
		*mark = STACK_GUEST_KERNEL;
		return true;
	case CONTEXT_USER_DEFERRED:
		*mark = STACK_USER;
		return true;
	default:
		return false;
	}
}

size_t
perf_chain_words(struct bytes chain, unsigned cpumode, uint64_t ip, uint64_t *word)
{
	uint64_t mark = perf_chain_mark(cpumode), said = 0, v;
	size_t n = 0;

	if (mark == 0)
		mark = STACK_USER;
	while (bytes_left(&chain) >= 8 && n + 2 <= PERF_CHAIN_WORDS) {
		v = bytes_u64(&chain);
		if (is_mark(v, &mark)) {
			if (v == CONTEXT_USER_DEFERRED)
				bytes_take(&chain, 8);
			continue;
		}
		if (mark != said)
			word[n++] = said = mark;
		word[n++] = v;
	}
	if (n > 0 || ip == UINT64_MAX)
		return n;
	mark = perf_chain_mark(cpumode);
	word[0] = mark == 0 ? STACK_USER : mark;
	word[1] = ip;
	return 2;
}
