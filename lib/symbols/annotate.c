/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "annotate.h"
#include "base/cache.h"
#include "base/mem.h"
#include "base/strbuf.h"

enum { MAXFIELDS = 4, STACKS = 32768, STACKS_SIZE = 16 * 1024 * 1024 };

struct annotate {
	struct symbolize *name;
	struct str machine;
	struct cache
	    *stacks;        /* generations and frames -> frames with notes; NULL: not remembered */
	struct strbuf text; /* the field being made */
	struct kind {
		const struct rec_field *field[MAXFIELDS];
		size_t n;
		const struct rec_field *mode; /* what mode an addr is in, NULL: none known */
	} kind[REC_NKINDS];                   /* the fields that have addresses */
};

static void
find_fields(struct kind *k, const struct rec_field *f)
{
	for (; f->type != REC_T_END && k->n < MAXFIELDS; f++)
		if (f->type == REC_T_ADDR || f->type == REC_T_STACK)
			k->field[k->n++] = f;
		else if (f->type == REC_T_WORD && strcmp(f->name, "mode") == 0)
			k->mode = f;
}

struct annotate *
annotate_new(struct symbolize *name, struct str machine, bool exact)
{
	struct annotate *n = mem_alloc(sizeof *n);
	enum rec_kind i;

	n->name = name;
	n->machine = machine;
	n->stacks = exact ? NULL : cache_new(STACKS, STACKS_SIZE);
	for (i = 0; i < REC_NKINDS; i++)
		find_fields(&n->kind[i], rec_fields(i));
	n->kind[REC_STATE].n = n->kind[REC_ARROW].n = 0;
	return n;
}

void
annotate_free(struct annotate *n)
{
	if (n == NULL)
		return;
	cache_free(n->stacks);
	strbuf_free(&n->text);
	free(n);
}

static void
put_frame(struct strbuf *k, struct str token, struct str note)
{
	strbuf_add(k, token);
	strbuf_add(k, STR("<"));
	strbuf_add(k, note);
	strbuf_add(k, STR(">"));
}

/* Frames with their notes. What is no frame stays as it is, and all behind it. */
static struct str
make_stack(
    struct annotate *n, const struct symbolize_context *c, struct str stack, struct fault *fault)
{
	const char *done = stack.p;
	struct stack_walk w = stack_walk(stack);
	struct stack_frame f;
	struct str note;

	strbuf_clear(&n->text);
	while (stack_next(&w, &f)) {
		if (f.note.n > 0 || !symbolize_frame(n->name, c, &f, &note, fault))
			continue;
		strbuf_add(&n->text, (struct str){ done, (size_t)(f.token.p - done) });
		put_frame(&n->text, f.token, note);
		done = f.token.p + f.token.n;
	}
	strbuf_add(&n->text, (struct str){ done, (size_t)(stack.p + stack.n - done) });
	return strbuf_field(&n->text);
}

/* Hex digits have no u, so where there is none no frame is a user's. */
static bool
only_kernel(struct str s)
{
	return s.n > 2 && s.p[0] == 'k' && s.p[1] == ';' && memchr(s.p, 'u', s.n) == NULL;
}

static struct str
named_stack(
    struct annotate *n, const struct symbolize_context *c, struct str s, struct fault *fault)
{
	struct cache_key key = { c->kernel_generation, only_kernel(s) ? 0 : c->user.generation, s };
	struct str made;

	if (n->stacks != NULL && cache_get(n->stacks, &key, &made))
		return made;
	made = make_stack(n, c, s, fault);
	if (n->stacks != NULL && !fault_is(fault))
		cache_put(n->stacks, &key, made);
	return made;
}

static struct str
named_addr(struct annotate *n, const struct symbolize_context *c, const struct rec *r, struct str s,
    struct fault *fault)
{
	const struct rec_field *mode = n->kind[r->kind].mode;
	struct stack_walk w = stack_walk(s);
	struct stack_frame f;
	struct str note;

	if (!stack_next(&w, &f) || f.token.n != s.n || f.note.n > 0)
		return s;
	if (mode != NULL)
		f.mode = stack_mode_named(*(const struct str *)((const char *)r + mode->off));
	if (!symbolize_frame(n->name, c, &f, &note, fault))
		return s;
	strbuf_clear(&n->text);
	put_frame(&n->text, s, note);
	return strbuf_field(&n->text);
}

/* Does the field hold frames, rather than @HASH or -, and is the machine's turn? */
static bool
wanted(const struct annotate *n, const struct rec *r, struct str field)
{
	if (field.n == 0 || *field.p == '@' || str_none(field))
		return false;
	return n->machine.n == 0 || str_eq(r->machine, n->machine);
}

bool
annotate_wanted(const struct annotate *n, const struct recin *in, const struct rec *r)
{
	const struct kind *k = &n->kind[r->kind];

	return k->n != 1 || k->field[0]->type != REC_T_STACK || r->kind == REC_STACK ||
	       !rec_ends_in_ref(in, r);
}

bool
annotate_put(struct annotate *n, struct out *o, const struct rec *r, struct fault *fault)
{
	const struct kind *k = &n->kind[r->kind];
	const char *done = r->line.p;
	struct symbolize_context c = { 0 };
	struct str s, made;
	size_t i;

	symbolize_add(n->name, r);
	for (i = 0; i < k->n; i++) {
		memcpy(&s, (const char *)r + k->field[i]->off, sizeof s);
		if (!wanted(n, r, s))
			continue;
		if (c.machine == NULL)
			c = symbolize_context(n->name, r->machine, r->pid);
		if (k->field[i]->type == REC_T_ADDR)
			made = named_addr(n, &c, r, s, fault);
		else if (r->kind == REC_STACK) /* it comes once, there is nothing to remember */
			made = make_stack(n, &c, s, fault);
		else
			made = named_stack(n, &c, s, fault);
		out_bytes(o, done, (size_t)(s.p - done));
		out_str(o, made);
		done = s.p + s.n;
	}
	out_bytes(o, done, (size_t)(r->line.p + r->line.n - done));
	out_char(o, '\n');
	return !fault_is(fault);
}
