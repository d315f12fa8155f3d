/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream: its stacks to words and back, each once and back. */

#include <stdlib.h>

#include "input.h"
#include "rec/rec.h"
#include "rec/stackdefs.h"
#include "rec/stacks.h"

enum { MAXWORDS = 256 };

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* A stack without notes is what its words say; one with notes is what its definition says. */
static void
stack(struct stacks *s, struct stackdefs *defs, const struct rec *r, struct str frames)
{
	uint64_t word[MAXWORDS];
	char text[MAXWORDS * STACK_WORD_TEXT];
	size_t n = stack_words(frames, word, MAXWORDS);
	bool notes = memchr(frames.p, '<', frames.n) != NULL;
	enum stacks_answer answer;
	struct stacks_key key;
	struct rec def;

	if (n == 0)
		return;
	if (!notes)
		must(str_eq((struct str){ text, stack_text(text, word, n) }, frames));
	key = stacks_key(s, r, word, n, notes ? frames : STR(""));
	answer = stacks_find(s, key);
	if (answer == STACKS_CLASH)
		return;
	if (answer == STACKS_NEW) {
		def = stacks_define(r, word, n, frames, key.hash);
		stackdefs_put(defs, def.stack.hash, def.stack.frames);
	}
	must(str_eq(stackdefs_get(defs, key.hash, NULL), frames));
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct input in;
	struct recin rec = { .in = &in };
	struct stackdefs defs = { 0 };
	struct stacks *s = stacks_new();
	struct rec r;

	fuzz_input(&in, p, n);
	while (rec_next(&rec, &r) && rec_check(&rec, &r)) {
		stacks_note(s, &r);
		if (rec_stack(&r) != NULL && !str_none(*rec_stack(&r)))
			stack(s, &defs, &r, *rec_stack(&r));
	}
	stackdefs_free(&defs);
	stacks_free(s);
	input_close(&in);
	return 0;
}
