/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "mem.h"
#include "perfstack.h"

void
perf_stack_open(struct perf_stack *p, struct out *out, bool once)
{
	p->out = out;
	p->stacks = once ? stacks_new() : NULL;
	p->text = mem_resize(NULL, PERF_CHAIN_WORDS, STACK_WORD_TEXT);
}

void
perf_stack_free(struct perf_stack *p)
{
	if (p->stacks != NULL)
		stacks_free(p->stacks);
	free(p->text);
}

static bool
has_user(const uint64_t *word, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (word[i] == STACK_USER || word[i] == STACK_GUEST_USER)
			return true;
	return false;
}

/* Write the record that defines a stack. */
static void
define(struct perf_stack *p, const struct rec *at, const uint64_t *word, size_t n, uint64_t hash)
{
	struct rec r = { .kind = REC_STACK, .t = at->t, .machine = at->machine };

	r.pid = has_user(word, n) ? at->pid : REC_NO_ID;
	r.stack.hash = hash;
	r.stack.frames = (struct str){ p->text, stack_text(p->text, word, n) };
	rec_put(p->out, &r);
}

struct str
perf_stack_of(
    struct perf_stack *p, const struct rec *at, struct bytes chain, unsigned cpumode, uint64_t ip)
{
	enum stacks_answer answer = STACKS_CLASH;
	uint64_t hash = 0;
	size_t n;
	const uint64_t *word = perf_chain_words(chain, cpumode, ip, p->room, &n);

	if (n == 0)
		return STR_NONE;
	if (p->stacks != NULL)
		answer = stacks_find(
		    p->stacks, at->machine, at->pid, word, n, (struct str){ "", 0 }, &hash);
	if (answer == STACKS_CLASH)
		return (struct str){ p->text, stack_text(p->text, word, n) };
	if (answer == STACKS_NEW)
		define(p, at, word, n, hash);
	*p->ref = '@';
	return (struct str){ p->ref, 1 + text_put_hex(p->ref + 1, hash) };
}
