/* SPDX-License-Identifier: MIT */

#include "perfchain.h"
#include "rec/stack.h"

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

/* Is it a marker, and of which frames behind it? */
static bool
is_mark(uint64_t v, uint64_t *mark)
{
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

/* A word for each address, one before those of another mode. */
static size_t
convert(struct bytes chain, uint64_t mark, uint64_t *word)
{
	uint64_t said = 0, v;
	size_t n = 0;

	while (bytes_left(&chain) >= 8) {
		v = bytes_u64(&chain);
		if (v >= CONTEXT_MAX && is_mark(v, &mark)) {
			if (v == CONTEXT_USER_DEFERRED)
				bytes_take(&chain, 8);
			continue;
		}
		if (mark != said)
			word[n++] = said = mark;
		word[n++] = v;
	}
	return n;
}

/* Are the n values words already: a marker first, addresses behind each, no mode twice in a row? */
static bool
are_words(const uint64_t *v, size_t n)
{
	uint64_t mark, said = 0;
	size_t i, last = 0;

	if (n < 2 || v[0] < CONTEXT_MAX || v[n - 1] >= CONTEXT_MAX)
		return false;
	for (i = 0; i < n; i++) {
		if (v[i] < CONTEXT_MAX)
			continue;
		if (!is_mark(v[i], &mark) || mark != v[i] || mark == said ||
		    (i > 0 && i == last + 1))
			return false;
		said = mark;
		last = i;
	}
	return true;
}

const uint64_t *
perf_chain_words(struct bytes chain, unsigned cpumode, uint64_t ip, uint64_t *room, size_t *n)
{
	uint64_t mark = perf_chain_mark(cpumode);
	const void *in_place = chain.p;

	*n = bytes_left(&chain) / 8;
	if ((uintptr_t)in_place % sizeof *room == 0 && !bytes_swapped(&chain) &&
	    are_words(in_place, *n))
		return in_place;
	*n = convert(chain, mark == 0 ? STACK_USER : mark, room);
	if (*n == 0 && ip != UINT64_MAX) {
		room[0] = mark == 0 ? STACK_USER : mark;
		room[1] = ip;
		*n = 2;
	}
	return room;
}
