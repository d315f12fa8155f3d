/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "rec/stackdefs.h"
#include "rec/stacks.h"
#include "ustacks.h"

enum {
	MAXWORDS = 32768,
	ROOM = 900000,
	TASKS = 16,
	EACH = 128 /* bytes of stacks for each byte of input */
};

struct ustacks {
	struct spaces *spaces;
	struct objects *objects;
	struct unwind *unwind;
	struct unwind_task task[TASKS]; /* by the tasks' ids */
	struct stackdefs defs;          /* what was read */
	struct stacks *written;         /* what was defined here */
	/* the stack that waits for its event */
	bool waits, used;
	int64_t t;
	struct strbuf machine;
	int32_t cpu, pid, tid;
	struct strbuf frames; /* its text, with its mode */
	struct strbuf text;   /* a stack field that is being made */
	uint64_t room;        /* bytes of stacks that may still be written */
	struct ustacks_counts counts;
};

struct ustacks *
ustacks_new(const struct files_from *from, struct fault *fault)
{
	struct objects *objects = objects_new(from, fault);
	struct ustacks *u;

	if (objects == NULL)
		return NULL;
	u = mem_alloc(sizeof *u);
	u->objects = objects;
	u->spaces = spaces_new();
	u->unwind = unwind_new(objects);
	u->written = stacks_new();
	u->room = ROOM;
	return u;
}

void
ustacks_free(struct ustacks *u)
{
	size_t i;

	if (u == NULL)
		return;
	for (i = 0; i < TASKS; i++)
		unwind_task_free(&u->task[i]);
	unwind_free(u->unwind);
	objects_free(u->objects);
	spaces_free(u->spaces);
	stackdefs_free(&u->defs);
	stacks_free(u->written);
	strbuf_free(&u->machine);
	strbuf_free(&u->frames);
	strbuf_free(&u->text);
	free(u);
}

/* --- a stack is unwound */

static void
put_frames(struct strbuf *b, const uint64_t *frame, size_t n)
{
	char *d;
	size_t i;

	strbuf_clear(b);
	d = strbuf_reserve(b, (n + 1) * (STACK_WORD_TEXT + TEXT_NUMBER));
	*d++ = 'u';
	for (i = 0; i < n; i++) {
		*d++ = ';';
		d += text_put_hex(d, frame[i]);
	}
	b->n = (size_t)(d - b->p);
}

static void
drop(struct ustacks *u)
{
	u->counts.left += u->waits && !u->used;
	u->waits = u->used = false;
}

static bool
take(struct ustacks *u, const struct rec *r, struct fault *fault)
{
	struct unwind_task *task = &u->task[(uint32_t)r->tid % TASKS];
	struct spaces_process process;
	const uint64_t *frame;
	enum unwind_end end;
	size_t n;

	drop(u);
	if (!ustack_open(&task->stack, &r->usample)) {
		u->counts.unsupported++;
		return true;
	}
	process = spaces_process(u->spaces, r->machine, r->pid);
	n = unwind_frames(u->unwind, &process, task, &frame, &end, fault);
	if (task->stack.damaged) {
		u->counts.unsupported++;
		return !fault_is(fault);
	}
	u->counts.ends[end]++;
	put_frames(&u->frames, frame, n);
	u->waits = true;
	u->t = r->t;
	strbuf_clear(&u->machine);
	strbuf_add(&u->machine, r->machine);
	u->cpu = r->cpu;
	u->pid = r->pid;
	u->tid = r->tid;
	return !fault_is(fault);
}

/* --- its event */

static bool
is_its_event(const struct ustacks *u, const struct rec *r)
{
	return r->t == u->t && r->cpu == u->cpu && r->pid == u->pid && r->tid == u->tid &&
	       str_eq(r->machine, strbuf_str(&u->machine));
}

/* The part of a stack before the user's frames. */
static struct str
before_user(struct str stack)
{
	const char *p = stack.p, *end = stack.p + stack.n, *semi;

	while (p < end) {
		semi = memchr(p, ';', (size_t)(end - p));
		semi = semi == NULL ? end : semi;
		if (semi - p == 1 && *p == 'u')
			return (
			    struct str){ stack.p, p == stack.p ? 0 : (size_t)(p - stack.p) - 1 };
		p = semi < end ? semi + 1 : end;
	}
	return stack;
}

static struct str
merge(struct ustacks *u, struct str stack)
{
	struct str before = str_none(stack) ? STR("") : before_user(stack);

	strbuf_clear(&u->text);
	strbuf_add(&u->text, before);
	if (before.n > 0)
		strbuf_putc(&u->text, ';');
	strbuf_add(&u->text, strbuf_str(&u->frames));
	return strbuf_str(&u->text);
}

/* Write an event with the stack that was unwound, unless many events of one stack would make the
 * output out of proportion to the input. */
static void
replace(struct ustacks *u, struct out *o, struct rec *r)
{
	struct str *stack = rec_stack(r), merged;
	uint64_t hash;
	bool once = stack_is_ref(*stack, &hash);

	u->used = true;
	merged = merge(u, once ? stackdefs_get(&u->defs, hash, NULL) : *stack);
	if (merged.n > u->room) {
		u->counts.outgrown++;
		rec_copy(o, r);
		return;
	}
	u->room -= merged.n;
	*stack = once ? stacks_refer(u->written, o, r, merged, MAXWORDS, NULL) : merged;
	rec_put(o, r);
}

/* Account for a definition. */
static void
define(struct ustacks *u, const struct rec *r)
{
	spaces_add(u->spaces, r);
	stacks_note(u->written, r);
	if (r->kind == REC_STACK)
		stackdefs_put(&u->defs, r->stack.hash, r->stack.frames);
	if (r->kind == REC_META && str_eq(r->meta.key, STR("osrelease")) &&
	    !spaces_machine(u->spaces, r->machine)->guest)
		objects_set_release(u->objects, r->meta.value);
}

bool
ustacks_put(struct ustacks *u, struct recin *in, struct out *o, struct rec *r, struct fault *fault)
{
	unwind_allow(u->unwind, r->line.n);
	u->room += EACH * (uint64_t)r->line.n;
	if (!rec_read(in, r))
		return false;
	if (r->kind == REC_USAMPLE)
		return take(u, r, fault);
	if (rec_is_definition(r)) {
		define(u, r);
	} else if (u->waits && rec_stack(r) != NULL && is_its_event(u, r)) {
		replace(u, o, r);
		return true;
	}
	rec_copy(o, r);
	return true;
}

struct ustacks_counts
ustacks_end(struct ustacks *u)
{
	drop(u);
	return u->counts;
}

void
ustacks_report(
    const struct ustacks *u, void (*note)(void *arg, const char *kind, const char *text), void *arg)
{
	unwind_report(u->unwind, note, arg);
}
