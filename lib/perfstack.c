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

struct str
perf_stack_of(
    struct perf_stack *p, const struct rec *at, struct bytes chain, unsigned cpumode, uint64_t ip)
{
	struct rec r = { .kind = REC_STACK, .t = at->t, .machine = at->machine };
	enum stacks_answer answer = STACKS_CLASH;
	size_t n = perf_chain_words(chain, cpumode, ip, p->word);
	struct str none = { "", 0 }, inline_text;

	if (n == 0)
		return STR_NONE;
	if (p->stacks != NULL)
		answer =
		    stacks_find(p->stacks, at->machine, at->pid, p->word, n, none, &r.stack.hash);
	if (answer != STACKS_KNOWN) {
		inline_text = (struct str){ p->text, stack_text(p->text, p->word, n) };
		if (answer == STACKS_CLASH)
			return inline_text;
		r.pid = has_user(p->word, n) ? at->pid : REC_NO_ID;
		r.stack.frames = inline_text;
		rec_put(p->out, &r);
	}
	*p->ref = '@';
	return (struct str){ p->ref, 1 + text_put_hex(p->ref + 1, r.stack.hash) };
}
