/* SPDX-License-Identifier: MIT */

#include <fnmatch.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "folded.h"
#include "stack.h"

enum { FRAMES = 1024 };

static bool
is_wanted(const char *patterns, struct str event)
{
	char *name = mem_alloc(event.n + 1), *one;
	const char *p = patterns, *comma;
	bool match = patterns == NULL;

	name[text_unescape(name, event)] = '\0';
	for (; !match && p != NULL; p = *comma == '\0' ? NULL : comma + 1) {
		comma = strchrnul(p, ',');
		one = mem_copy(p, (size_t)(comma - p));
		match = fnmatch(one, name, 0) == 0;
		free(one);
	}
	free(name);
	return match;
}

static uint64_t
task_key(struct str machine, int32_t tid)
{
	return digest_bytes((uint32_t)tid, machine.p, machine.n);
}

static void
name_task(struct folded *f, struct str machine, int32_t tid, struct str name)
{
	uint64_t *at = hash_put(&f->comm, task_key(machine, tid));
	struct folded_comm *c;

	if (*at == 0) {
		f->name = mem_grow(f->name, f->n_names, &f->cap_names, sizeof *f->name);
		f->name[f->n_names] = (struct folded_comm){ 0 };
		*at = ++f->n_names;
	}
	c = &f->name[*at - 1];
	free(c->p);
	c->p = mem_copy(name.p, name.n);
	c->n = name.n;
}

static struct str
task_name(const struct folded *f, struct str machine, int32_t tid)
{
	uint64_t *at = tid < 0 ? NULL : hash_get(&f->comm, task_key(machine, tid));

	if (at == NULL)
		return STR_NONE;
	return (struct str){ f->name[*at - 1].p, f->name[*at - 1].n };
}

static char *
line_room(struct folded *f, size_t n)
{
	if (f->n_line + n > f->cap_line) {
		f->cap_line = 2 * (f->n_line + n);
		f->line = mem_resize(f->line, f->cap_line, 1);
	}
	return f->line + f->n_line;
}

/* Text between two semicolons: none in it. */
static void
add_text(struct folded *f, struct str s)
{
	char *d = line_room(f, s.n + 1), *p;
	size_t n;

	if (f->n_line > 0) {
		*d++ = ';';
		f->n_line++;
	}
	n = text_unescape(d, s);
	for (p = d; p < d + n; p++)
		if (*p == ';' || *p == '\n')
			*p = ':';
	f->n_line += n;
}

/* Who ran: its name, else its tid, else the machine. */
static void
add_task(struct folded *f, const struct rec *r)
{
	struct str name = task_name(f, r->machine, r->tid);
	char tid[1 + TEXT_NUMBER] = ":";

	if (!str_none(name))
		add_text(f, name);
	else if (r->tid >= 0)
		add_text(f, (struct str){ tid, 1 + text_put_u64(tid + 1, (uint64_t)r->tid) });
	else
		add_text(f, r->machine);
}

/* sym+0xOFF object: sym; ? object: [object], without its folders. */
static void
add_frame(struct folded *f, const struct stack_frame *frame)
{
	const char *p = frame->note.p, *end = p + frame->note.n, *blank, *plus, *slash;
	char text[TEXT_NUMBER + 2] = "0x";

	if (frame->note.n == 0) {
		add_text(f, (struct str){ text, 2 + text_put_hex(text + 2, frame->addr) });
		return;
	}
	blank = memchr(p, ' ', (size_t)(end - p));
	if (*p == '?') {
		slash = blank == NULL ? NULL : memrchr(blank, '/', (size_t)(end - blank));
		slash = slash == NULL ? blank : slash;
		add_text(f, slash == NULL ? STR("[unknown]") : STR("["));
		if (slash == NULL)
			return;
		memcpy(line_room(f, (size_t)(end - slash)), slash + 1, (size_t)(end - slash - 1));
		f->n_line += (size_t)(end - slash - 1);
		*line_room(f, 1) = ']';
		f->n_line++;
		return;
	}
	end = blank == NULL ? end : blank;
	plus = memrchr(p, '+', (size_t)(end - p));
	add_text(f, (struct str){ p, (size_t)((plus == NULL ? end : plus) - p) });
}

static void
add_stack(struct folded *f, struct str stack)
{
	struct stack_frame frame[FRAMES];
	struct stack_walk w = stack_walk(stack);
	size_t n = 0;

	while (n < FRAMES && stack_next(&w, &frame[n]))
		n++;
	while (n-- > 0)
		add_frame(f, &frame[n]);
}

static bool
is_line(const struct folded *f, uint64_t index)
{
	const struct folded_entry *e = &f->entry[index - 1];

	return e->n == f->n_line && memcmp(e->line, f->line, e->n) == 0;
}

static void
count_line(struct folded *f, uint64_t count)
{
	uint64_t seed = 0, *at;

	do {
		at = hash_put(&f->at, digest_bytes(seed++, f->line, f->n_line));
	} while (*at != 0 && !is_line(f, *at));
	if (*at == 0) {
		f->entry = mem_grow(f->entry, f->n, &f->cap, sizeof *f->entry);
		f->entry[f->n] =
		    (struct folded_entry){ mem_copy(f->line, f->n_line), f->n_line, 0 };
		*at = ++f->n;
	}
	f->entry[*at - 1].count += count;
}

static void
note_event(struct folded *f, struct str event)
{
	if (f->first.p == NULL)
		f->first = (struct str){ mem_copy(event.p, event.n), event.n };
	else if (!str_eq(f->first, event))
		f->mixed = true;
}

/* What a record with a stack counts for: its event, and how much of it. */
struct weight {
	struct str event;
	uint64_t period;
};

static struct weight
weight_of(const struct rec *r)
{
	uint64_t period = r->kind == REC_SAMPLE ? r->sample.period : 1;

	if (r->kind == REC_SAMPLE)
		return (struct weight){ r->sample.event, period == REC_NO_U64 ? 1 : period };
	if (r->kind == REC_TRACEPOINT)
		return (struct weight){ r->tracepoint.name, 1 };
	if (r->kind == REC_STATE)
		return (struct weight){ r->state.state, (uint64_t)(r->state.end - r->t) };
	return (struct weight){ str_of(rec_name(r->kind)), 1 };
}

/* Samples and tracepoints, unless others are asked for. */
static bool
counts(const struct folded *f, const struct rec *r, struct str event)
{
	if (f->events == NULL)
		return r->kind == REC_SAMPLE || r->kind == REC_TRACEPOINT;
	return is_wanted(f->events, event);
}

static void
add_sample(struct folded *f, const struct rec *r, struct str stack)
{
	struct weight w = weight_of(r);
	uint64_t hash;

	if (!counts(f, r, w.event))
		return;
	note_event(f, w.event);
	if (stack_is_ref(stack, &hash))
		stack = stackdefs_get(&f->defs, hash, NULL);
	f->n_line = 0;
	if (r->kind == REC_STATE && !str_none(r->state.comm))
		add_text(f, r->state.comm);
	else
		add_task(f, r);
	if (stack.n > 0 && !str_none(stack))
		add_stack(f, stack);
	else if (r->kind == REC_SAMPLE && !str_none(r->sample.ip))
		add_stack(f, r->sample.ip);
	count_line(f, f->period ? w.period : 1);
}

void
folded_add(struct folded *f, const struct rec *r)
{
	struct rec copy = *r;
	struct str *stack = rec_stack(&copy);

	if (r->kind == REC_STACK)
		stackdefs_put(&f->defs, r->stack.hash, r->stack.frames);
	else if (r->kind == REC_COMM)
		name_task(f, r->machine, r->tid, r->comm.name);
	else if (r->kind == REC_FORK)
		name_task(f, r->machine, r->fork.child_tid, task_name(f, r->machine, r->tid));
	else if (stack != NULL)
		add_sample(f, r, *stack);
}

static int
by_bytes(const void *a, const void *b)
{
	const struct folded_entry *x = a, *y = b;
	int c = memcmp(x->line, y->line, x->n < y->n ? x->n : y->n);

	return c != 0 ? c : (x->n > y->n) - (x->n < y->n);
}

void
folded_write(struct folded *f, struct out *o)
{
	size_t i;

	if (f->n > 0)
		qsort(f->entry, f->n, sizeof *f->entry, by_bytes);
	for (i = 0; i < f->n; i++) {
		out_bytes(o, f->entry[i].line, f->entry[i].n);
		out_char(o, ' ');
		out_u64(o, f->entry[i].count);
		out_char(o, '\n');
	}
}

void
folded_free(struct folded *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		free(f->entry[i].line);
	for (i = 0; i < f->n_names; i++)
		free(f->name[i].p);
	free(f->entry);
	free(f->name);
	free(f->line);
	free((char *)f->first.p);
	stackdefs_free(&f->defs);
	hash_free(&f->comm);
	hash_free(&f->at);
}
