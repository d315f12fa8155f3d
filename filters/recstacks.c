/* SPDX-License-Identifier: MIT */
/* recstacks - write the stacks of records inline, or each once */

#include <getopt.h>

#include "filter.h"
#include "rec/stackdefs.h"
#include "rec/stacks.h"

enum { OPT_STACKS = FILTER_LONG };

/* The most bytes that are written inline: a constant, and a number for each byte that was read. */
enum { INLINE_LEAST = 1000000, INLINE_EACH = 250 };

static const struct filter_option options[] = {
	{ OPT_STACKS, "stacks", "how",
	    "inline: in each record that has it; once: each stack once" },
	{ 0 },
};

struct fold {
	struct stackdefs defs;              /* what was read */
	struct stacks *written;             /* NULL if stacks are written inline */
	uint64_t n;                         /* definitions written or read */
	uint64_t bytes_in, bytes_out, left; /* left: stacks that had no room inline */
	struct hash defined;                /* those of them that were defined */
};

/* Write a record with the reference that it has, as its stack would outgrow the input. */
static void
put_reference(
    struct fold *fold, struct out *out, const struct rec *r, uint64_t hash, struct str frames)
{
	struct rec def = { .kind = REC_STACK, .t = r->t, .machine = r->machine, .pid = r->pid };
	uint64_t *defined = hash_put(&fold->defined, hash);

	def.stack = (struct rec_stack){ .hash = hash, .frames = frames };
	if (*defined == 0)
		rec_put(out, &def);
	*defined = 1;
	fold->left++;
	rec_copy(out, r);
}

static bool
has_room(const struct fold *fold, size_t n)
{
	return fold->written != NULL ||
	       fold->bytes_out + n <= INLINE_LEAST + INLINE_EACH * fold->bytes_in;
}

static void
put(struct fold *fold, struct out *out, struct rec *r)
{
	struct str *stack = rec_stack(r), frames;
	uint64_t hash;

	if (stack == NULL || str_none(*stack)) {
		rec_copy(out, r);
		return;
	}
	if (stack_is_ref(*stack, &hash)) {
		frames = stackdefs_get(&fold->defs, hash, NULL);
		if (!has_room(fold, frames.n)) {
			put_reference(fold, out, r, hash, frames);
			return;
		}
		fold->bytes_out += frames.n;
		if (frames.n > 0)
			*stack = frames;
	}
	if (fold->written != NULL)
		*stack = stacks_refer(fold->written, out, r, *stack, STACKS_WORDS, &fold->n);
	rec_put(out, r);
}

static void
read_def(struct fold *fold, const struct rec *r)
{
	stackdefs_put(&fold->defs, r->stack.hash, r->stack.frames);
	hash_remove(&fold->defined, r->stack.hash);
	fold->n += fold->written == NULL;
}

int
main(int argc, char *argv[])
{
	struct filter f = { "recstacks", "write the stacks of records inline, or each once",
		.options = options, .argc = argc, .argv = argv };
	struct fold fold = { .written = NULL };
	bool want_once = false;
	struct rec r;

	while (filter_option(&f) != -1)
		want_once = filter_stacks(&f);
	if (want_once)
		fold.written = stacks_new();
	if (filter_open(&f)) {
		while (filter_next(&f, &r)) {
			fold.bytes_in += r.line.n;
			if (want_once)
				stacks_note(fold.written, &r);
			if (r.kind == REC_STACK)
				read_def(&fold, &r);
			else
				put(&fold, &f.out, &r);
		}
		if (f.verbose)
			filter_note(&f, NULL, "%llu stacks defined", (unsigned long long)fold.n);
	}
	filter_note_undefined(&f, fold.defs.undefined);
	if (fold.left > 0)
		filter_note(&f, NULL, "%llu stacks are not inline: they would outgrow the input",
		    (unsigned long long)fold.left);
	stackdefs_free(&fold.defs);
	hash_free(&fold.defined);
	if (want_once)
		stacks_free(fold.written);
	return filter_close(&f);
}
