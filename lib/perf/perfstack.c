/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
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

struct str
perf_stack_of(
    struct perf_stack *p, const struct rec *at, struct bytes chain, unsigned cpumode, uint64_t ip)
{
	enum stacks_answer answer = STACKS_CLASH;
	struct str text = { p->text, 0 };
	struct rec stack;
	uint64_t hash = 0;
	size_t n;
	const uint64_t *word = perf_chain_words(chain, cpumode, ip, p->room, &n);

	if (n == 0)
		return STR_NONE;
	if (p->stacks != NULL)
		answer = stacks_find(p->stacks, at, word, n, text, &hash);
	if (answer != STACKS_KNOWN)
		text.n = stack_text(p->text, word, n);
	if (answer == STACKS_CLASH)
		return text;
	if (answer == STACKS_NEW) {
		stack = stacks_define(at, word, n, text, hash);
		rec_put(p->out, &stack);
	}
	*p->ref = '@';
	return (struct str){ p->ref, 1 + text_put_hex(p->ref + 1, hash) };
}
