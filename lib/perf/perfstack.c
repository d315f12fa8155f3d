/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "perfrec_int.h"
#include "rec/stack.h"

enum { RECENT_TEXT = PERF_STACK_MOST * STACK_WORD_TEXT };

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

/* Whether the n values are words already: each marker is followed by addresses, the first value is
 * a marker, and no mode follows itself. */
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

/* Write the words (see stack.h) of a chain and return their number. A chain without addresses
 * becomes the ip alone, if that is known. */
static size_t
chain_words(struct bytes chain, unsigned cpumode, uint64_t ip, uint64_t *word)
{
	uint64_t mark = mark_of(cpumode);
	size_t n = convert(chain, mark == 0 ? STACK_USER : mark, word);

	if (n > 0 || ip == UINT64_MAX)
		return n;
	word[0] = mark == 0 ? STACK_USER : mark;
	word[1] = ip;
	return 2;
}

/* The values of a chain as words, NULL if they are not aligned or in the other byte order. */
static const uint64_t *
words_in_place(struct bytes chain)
{
	const void *p = chain.p;

	return (uintptr_t)p % sizeof(uint64_t) == 0 && !bytes_swapped(&chain) ? p : NULL;
}

/* The entry for a chain of n words. Most chains differ in the words that it is chosen by. */
static struct perf_stack_recent *
recent_at(const struct perf_stack *p, const uint64_t *word, size_t n)
{
	uint64_t h = n + word[n / 4] * 3 + word[n / 2] * 5 + word[n - n / 4 - 1] * 7 + word[n - 1];

	return &p->recent[(h * 0x9fb21c651e98df25 >> 40) % PERF_STACK_RECENT];
}

void
perf_stack_open(struct perf_stack *p, bool once)
{
	p->stacks = once ? stacks_new() : NULL;
	p->text = mem_resize(NULL, PERF_STACK_WORDS, STACK_WORD_TEXT);
	p->recent = mem_alloc(PERF_STACK_RECENT * sizeof *p->recent);
	if (!once)
		p->recent_text = mem_resize(NULL, PERF_STACK_RECENT, RECENT_TEXT);
}

void
perf_stack_free(struct perf_stack *p)
{
	if (p->stacks != NULL)
		stacks_free(p->stacks);
	free(p->text);
	free(p->recent);
	free(p->recent_text);
}

/* Refer to a stack by its hash. */
static struct str
refer(struct perf_stack *p, const struct rec *at, const uint64_t *word, size_t n,
    const struct stacks_sum *sum)
{
	struct stacks_key key = stacks_sum_key(p->stacks, at, sum);

	p->used = (struct perf_stack_used){ word, n, key, at->pid };
	*p->ref = '@';
	return (struct str){ p->ref, 1 + text_put_hex(p->ref + 1, key.hash) };
}

/* The text of an entry. */
static char *
text_of(const struct perf_stack *p, const struct perf_stack_recent *r)
{
	return p->recent_text + (size_t)(r - p->recent) * RECENT_TEXT;
}

/* Find or make the entry of a chain. Returns NULL if the chain is too short, too long or not made
 * of words. */
static struct perf_stack_recent *
find_recent(struct perf_stack *p, const uint64_t *word, size_t n)
{
	struct perf_stack_recent *r;

	if (word == NULL || n < PERF_STACK_LEAST || n > PERF_STACK_MOST)
		return NULL;
	r = recent_at(p, word, n);
	if (r->n == n && memcmp(r->word, word, n * sizeof *word) == 0)
		return r;
	if (!are_words(word, n))
		return NULL;
	memcpy(r->word, word, n * sizeof *word);
	r->n = n;
	if (p->stacks != NULL)
		r->sum = stacks_sum(word, n);
	else
		r->len = stack_text(text_of(p, r), word, n);
	return r;
}

struct str
perf_stack_field(
    struct perf_stack *p, const struct rec *at, struct bytes chain, unsigned cpumode, uint64_t ip)
{
	size_t n = bytes_left(&chain) / sizeof(uint64_t);
	const uint64_t *word = words_in_place(chain);
	struct perf_stack_recent *recent = find_recent(p, word, n);
	struct stacks_sum sum;

	if (recent != NULL && p->stacks == NULL)
		return (struct str){ text_of(p, recent), recent->len };
	if (recent != NULL)
		return refer(p, at, word, n, &recent->sum);
	if (word == NULL || !are_words(word, n)) {
		n = chain_words(chain, cpumode, ip, p->room);
		word = p->room;
	}
	if (n == 0)
		return STR_NONE;
	if (p->stacks == NULL)
		return (struct str){ p->text, stack_text(p->text, word, n) };
	sum = stacks_sum(word, n);
	return refer(p, at, word, n, &sum);
}

bool
perf_stack_define(struct perf_stack *p, struct rec *r, struct rec *define)
{
	const struct perf_stack_used *u = &p->used;
	enum stacks_answer answer = u->n > 0 ? stacks_find(p->stacks, u->key) : STACKS_KNOWN;
	struct str text;
	struct rec at;

	if (answer == STACKS_KNOWN)
		return false;
	text = (struct str){ p->text, stack_text(p->text, u->word, u->n) };
	if (answer == STACKS_CLASH) {
		*rec_stack(r) = text;
		return false;
	}
	at.t = r->t;
	at.machine = r->machine;
	at.pid = u->pid;
	*define = stacks_define(&at, u->word, u->n, text, u->key.hash);
	return true;
}
