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
	size_t n;
	const uint64_t *word = perf_chain_words(chain, cpumode, ip, p->room, &n);

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

void
perf_stack_define(struct perf_stack *p, struct rec *r)
{
	enum stacks_answer answer = p->n > 0 ? stacks_find(p->stacks, p->key) : STACKS_KNOWN;
	struct str text = { p->text, 0 };
	struct rec stack;

	if (answer != STACKS_KNOWN)
		text.n = stack_text(p->text, p->word, p->n);
	if (answer == STACKS_CLASH)
		*rec_stack(r) = text;
	if (answer == STACKS_NEW) {
		stack = stacks_define(&p->at, p->word, p->n, text, p->key.hash);
		rec_put(p->out, &stack);
	}
	p->n = 0;
}
