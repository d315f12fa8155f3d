/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "perfrec_int.h"
#include "rec/stack.h"

#define CONTEXT_USER_DEFERRED ((uint64_t)-640) /* a cookie follows, the frames come later */
#define CONTEXT_GUEST ((uint64_t)-2048)
#define CONTEXT_MAX ((uint64_t)-4095)

/* The marker of a cpumode, 0 if it is unknown. */
static uint64_t
mark_of(unsigned cpumode)
{
	static const uint64_t marks[8] = { 0, STACK_KERNEL, STACK_USER, STACK_HV,
		STACK_GUEST_KERNEL, STACK_GUEST_USER };

	return marks[cpumode & 7];
}

/* Whether v is a marker, and the mode of the addresses after it. */
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

/* Write a word for each address, and one before those of another mode. */
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

/* Whether the n values are words already: a marker first, addresses after each, no mode twice in a
 * row. */
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

/*
 * The words (see stack.h) of a chain: n of them, 0 if there are none. They are in the chain itself
 * if it has them in that form, else at room. A chain without addresses is the ip alone, if that is
 * known.
 */
static const uint64_t *
chain_words(struct bytes chain, unsigned cpumode, uint64_t ip, uint64_t *room, size_t *n)
{
	uint64_t mark = mark_of(cpumode);
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

void
perf_stack_open(struct perf_stack *p, bool once)
{
	p->stacks = once ? stacks_new() : NULL;
	p->text = mem_resize(NULL, PERF_STACK_WORDS, STACK_WORD_TEXT);
}

void
perf_stack_free(struct perf_stack *p)
{
	if (p->stacks != NULL)
		stacks_free(p->stacks);
	free(p->text);
}

struct str
perf_stack_field(
    struct perf_stack *p, const struct rec *at, struct bytes chain, unsigned cpumode, uint64_t ip)
{
	size_t n;
	const uint64_t *word = chain_words(chain, cpumode, ip, p->room, &n);

	if (n == 0)
		return STR_NONE;
	if (p->stacks == NULL)
		return (struct str){ p->text, stack_text(p->text, word, n) };
	p->word = word;
	p->n = n;
	p->at.t = at->t;
	p->at.machine = at->machine;
	p->at.pid = at->pid;
	p->key = stacks_key(p->stacks, at, word, n, STR(""));
	*p->ref = '@';
	return (struct str){ p->ref, 1 + text_put_hex(p->ref + 1, p->key.hash) };
}

bool
perf_stack_define(struct perf_stack *p, struct rec *r, struct rec *define)
{
	enum stacks_answer answer = p->n > 0 ? stacks_find(p->stacks, p->key) : STACKS_KNOWN;
	struct str text = { p->text, 0 };

	if (answer != STACKS_KNOWN)
		text.n = stack_text(p->text, p->word, p->n);
	if (answer == STACKS_CLASH)
		*rec_stack(r) = text;
	if (answer == STACKS_NEW)
		*define = stacks_define(&p->at, p->word, p->n, text, p->key.hash);
	p->n = 0;
	return answer == STACKS_NEW;
}
