/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/hash.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "heldstacks.h"
#include "stackdefs.h"
#include "stacks.h"

/* Frames that are kept need not be held. */
enum { KEPT_MAX = 64 * 1024 * 1024 };

struct heldstacks {
	struct stacks *written; /* NULL: stacks are written as they are read */
	struct stackdefs defs;  /* what was read */
	struct strbuf text;     /* what is held of the record read last */
	struct intern kept;     /* frames */
	struct stacks_sum *sum; /* of each of them */
	size_t cap_sum, size;   /* size: of all of them */
	struct hash refs;       /* @HASH -> its number in kept */
	uint64_t passed;        /* bytes of definitions */
	uint64_t part;          /* of STACKDEFS_LEAST bytes each, which passed is in */
	int64_t begun[2];       /* when the part before that began, and when it began */
	bool late;
};

/* What is held: the frames follow if they are not kept. */
struct head {
	char mark; /* NUL, which no field contains */
	uint32_t kept;
	struct stacks_use use;
};

struct heldstacks *
heldstacks_new(bool once)
{
	struct heldstacks *h = mem_alloc(sizeof *h);

	h->written = once ? stacks_new() : NULL;
	h->begun[0] = h->begun[1] = INT64_MIN;
	return h;
}

void
heldstacks_free(struct heldstacks *h)
{
	if (h->written != NULL)
		stacks_free(h->written);
	stackdefs_free(&h->defs);
	strbuf_free(&h->text);
	intern_free(&h->kept);
	free(h->sum);
	hash_free(&h->refs);
	free(h);
}

/* Keep frames, and return their number; INTERN_NONE if there is no room. */
static uint32_t
keep(struct heldstacks *h, struct str frames)
{
	size_t n = h->kept.n;
	uint32_t number;

	if (h->size > KEPT_MAX)
		return intern_find(&h->kept, frames);
	number = intern_put(&h->kept, frames);
	if (number < n)
		return number;
	h->size += frames.n + STACKDEFS_SLOT;
	h->sum = mem_grow(h->sum, n, &h->cap_sum, sizeof *h->sum);
	if (!stacks_text_sum(h->written, frames, STACKS_WORDS, &h->sum[n]))
		h->sum[n].size = 0;
	return number;
}

/* Keep the frames of a reference, and return their number. If there is no room, or they are not
 * known, *stack becomes the frames that are known. */
static uint32_t
keep_ref(struct heldstacks *h, uint64_t hash, struct str *stack)
{
	const uint64_t *slot = hash_get(&h->refs, hash);
	struct str frames;
	uint32_t number;

	if (slot != NULL)
		return (uint32_t)*slot;
	frames = stackdefs_get(&h->defs, hash, NULL);
	if (frames.n == 0)
		return INTERN_NONE;
	*stack = frames;
	number = keep(h, frames);
	if (number != INTERN_NONE)
		*hash_put(&h->refs, hash) = number;
	return number;
}

/* Note the use of a stack: false if it is malformed. */
static bool
use(struct heldstacks *h, const struct rec *r, struct str stack, struct head *head)
{
	if (head->kept == INTERN_NONE)
		return stacks_use(h->written, r, stack, STACKS_WORDS, &head->use);
	if (h->sum[head->kept].size == 0)
		return false;
	head->use = stacks_use_sum(h->written, r, &h->sum[head->kept]);
	return true;
}

/* A definition is copied. */
static void
pass(struct heldstacks *h, const struct rec *r)
{
	h->passed += r->stack.frames.n + STACKDEFS_SLOT;
	if (h->passed / STACKDEFS_LEAST == h->part)
		return;
	h->part = h->passed / STACKDEFS_LEAST;
	h->begun[0] = h->begun[1];
	h->begun[1] = r->t;
}

void
heldstacks_read(struct heldstacks *h, struct rec *r)
{
	struct str *stack;
	struct head head = { .mark = '\0' };
	uint64_t hash;

	if (h->written == NULL) {
		if (r->kind == REC_STACK)
			pass(h, r);
		return;
	}
	stacks_note(h->written, r);
	if (r->kind == REC_STACK) {
		stackdefs_put(&h->defs, r->stack.hash, r->stack.frames);
		hash_remove(&h->refs, r->stack.hash);
		return;
	}
	stack = rec_stack(r);
	if (stack == NULL || str_none(*stack))
		return;
	head.kept = stack_is_ref(*stack, &hash) ? keep_ref(h, hash, stack) : keep(h, *stack);
	if (!use(h, r, *stack, &head)) {
		if (head.kept != INTERN_NONE)
			*stack = intern_str(&h->kept, head.kept);
		return;
	}
	strbuf_clear(&h->text);
	strbuf_add_bytes(&h->text, &head, sizeof head);
	if (head.kept == INTERN_NONE)
		strbuf_add(&h->text, *stack);
	*stack = strbuf_str(&h->text);
}

/* Is what a state has a reference from so long ago that readers may have forgotten its definition?
 * The stack of a running task is that of its last moment. */
static bool
is_late(const struct heldstacks *h, const struct rec *r)
{
	return r->kind == REC_STATE && r->t < h->begun[0] && *r->state.stack.p == '@' &&
	       !str_eq(r->state.state, STR("running"));
}

void
heldstacks_write(struct heldstacks *h, struct out *o, const struct rec *r)
{
	struct str *stack, frames;
	struct head head;

	if (h->written == NULL) {
		h->late = h->late || is_late(h, r);
		return;
	}
	stack = rec_stack(r);
	if (stack == NULL || stack->n < sizeof head || *stack->p != '\0')
		return;
	memcpy(&head, stack->p, sizeof head);
	frames = (struct str){ stack->p + sizeof head, stack->n - sizeof head };
	if (head.kept != INTERN_NONE)
		frames = intern_str(&h->kept, head.kept);
	*stack = stacks_put(h->written, o, r, &head.use, frames, NULL);
}

bool
heldstacks_late(const struct heldstacks *h)
{
	return h->late;
}
