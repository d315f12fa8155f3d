/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "heldstacks.h"
#include "stackdefs.h"
#include "stacks.h"

struct heldstacks {
	struct stacks *written;
	struct stackdefs defs; /* what was read */
	struct strbuf text;    /* what is held of the record read last */
};

/* Precedes the frames. */
struct head {
	char mark; /* NUL, which no field contains */
	struct stacks_use use;
};

struct heldstacks *
heldstacks_new(void)
{
	struct heldstacks *h = mem_alloc(sizeof *h);

	h->written = stacks_new();
	return h;
}

void
heldstacks_free(struct heldstacks *h)
{
	if (h == NULL)
		return;
	stacks_free(h->written);
	stackdefs_free(&h->defs);
	strbuf_free(&h->text);
	free(h);
}

void
heldstacks_read(struct heldstacks *h, struct rec *r)
{
	struct str *stack, frames;
	struct head head = { .mark = '\0' };
	uint64_t hash;

	if (h == NULL)
		return;
	stack = rec_stack(r);
	stacks_note(h->written, r);
	if (r->kind == REC_STACK)
		stackdefs_put(&h->defs, r->stack.hash, r->stack.frames);
	if (r->kind == REC_STACK || stack == NULL || str_none(*stack))
		return;
	if (stack_is_ref(*stack, &hash)) {
		frames = stackdefs_get(&h->defs, hash, NULL);
		*stack = frames.n > 0 ? frames : *stack;
	}
	if (!stacks_use(h->written, r, *stack, STACKS_WORDS, &head.use))
		return;
	strbuf_clear(&h->text);
	strbuf_add_bytes(&h->text, &head, sizeof head);
	strbuf_add(&h->text, *stack);
	*stack = strbuf_str(&h->text);
}

void
heldstacks_write(struct heldstacks *h, struct out *o, const struct rec *r)
{
	struct str *stack, frames;
	struct head head;

	if (h == NULL || (stack = rec_stack(r)) == NULL || stack->n <= sizeof head ||
	    *stack->p != '\0')
		return;
	memcpy(&head, stack->p, sizeof head);
	frames = (struct str){ stack->p + sizeof head, stack->n - sizeof head };
	*stack = stacks_put(h->written, o, r, &head.use, frames, NULL);
}
