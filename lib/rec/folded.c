/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "folded.h"
#include "stack.h"

enum { OUTPUT_LEAST = 1000000, OUTPUT_FACTOR = 256 };

struct folded_entry {
	uint32_t head, stack;
	uint64_t count;
};

/* Add the unescaped text of a field, as a name between two semicolons. */
static void
add_name(struct strbuf *b, struct str s)
{
	char *d = strbuf_reserve(b, 5 * s.n), *p = d + 4 * s.n, *end = p + text_unescape(p, s);
	size_t len;

	for (; p < end; p += len) {
		if (*p == ';')
			*p = ':';
		d += text_put_char(d, (struct str){ p, (size_t)(end - p) }, &len);
	}
	b->n = (size_t)(d - b->p);
}

static uint64_t
task_key(struct folded *f, struct str machine, int32_t tid)
{
	return hash_pair(intern_put(&f->machines, machine), (uint32_t)tid);
}

static void
name_task(struct folded *f, const struct rec *r)
{
	struct str name = r->comm.name;

	strbuf_clear(&f->text);
	add_name(&f->text, name);
	if (f->text.n > FOLDED_NAME) {
		f->text.n = FOLDED_NAME;
		f->cut_names++;
	}
	*hash_put(&f->tasks, task_key(f, r->machine, r->tid)) =
	    (uint64_t)intern_put(&f->names, strbuf_str(&f->text)) + 1;
}

/* The name of a task + 1, 0 if it is unknown. */
static uint64_t
task_name(struct folded *f, struct str machine, int32_t tid)
{
	const uint64_t *name = tid < 0 ? NULL : hash_get(&f->tasks, task_key(f, machine, tid));

	return name == NULL ? 0 : *name;
}

static void
name_child(struct folded *f, const struct rec *r)
{
	uint64_t name = task_name(f, r->machine, r->tid);
	uint64_t key = task_key(f, r->machine, r->fork.child_tid);

	if (name > 0)
		*hash_put(&f->tasks, key) = name;
	else
		hash_remove(&f->tasks, key);
}

/* Who ran: a name, a tid or a machine. */
static void
add_task(struct folded *f, const struct rec *r)
{
	uint64_t name = task_name(f, r->machine, r->tid);

	if (r->kind == REC_STATE && !str_none(r->state.comm)) {
		add_name(&f->text, r->state.comm);
	} else if (r->kind == REC_PATH && !str_none(r->path.comm)) {
		add_name(&f->text, r->path.comm);
	} else if (name > 0) {
		strbuf_add(&f->text, intern_str(&f->names, (uint32_t)name - 1));
	} else if (r->tid >= 0) {
		strbuf_putc(&f->text, ':');
		f->text.n += text_put_u64(strbuf_reserve(&f->text, TEXT_NUMBER), (uint64_t)r->tid);
	} else {
		add_name(&f->text, r->machine);
	}
}

/* Add the function of a note, or [object] without its folders if it has none. */
static void
add_note(struct strbuf *b, struct str text)
{
	struct stack_note note = stack_note(text);

	if (note.symbol.n > 0) {
		add_name(b, note.symbol);
	} else if (note.object.n == 0) {
		strbuf_add(b, STR("[unknown]"));
	} else {
		strbuf_putc(b, '[');
		add_name(b, str_basename(note.object));
		strbuf_putc(b, ']');
	}
}

static void
add_frame(struct strbuf *b, const struct stack_frame *frame)
{
	if (b->n > 0)
		strbuf_putc(b, ';');
	if (frame->note.n > 0) {
		add_note(b, frame->note);
		return;
	}
	strbuf_add(b, STR("0x"));
	b->n += text_put_hex(strbuf_reserve(b, TEXT_NUMBER), frame->addr);
}

static uint32_t
put_stack(struct folded *f, struct str stack)
{
	struct stack_frame frame;

	strbuf_clear(&f->text);
	while (stack_take_last(&stack, &frame))
		add_frame(&f->text, &frame);
	return intern_put(&f->stacks, strbuf_str(&f->text));
}

/* The number of the frames of a record: of its stack, or of where it was; of none if it has none. A
 * stack that is defined elsewhere is converted once. */
static uint32_t
frames_of(struct folded *f, const struct rec *r, struct str stack)
{
	uint64_t hash, *known = NULL;

	if (stack_is_ref(stack, &hash)) {
		known = hash_put(&f->refs, hash);
		if (*known == 0)
			stack = stackdefs_get(&f->defs, hash, NULL);
	}
	if (known != NULL && *known != 0)
		return (uint32_t)(*known - 1);
	if (stack.n == 0 || str_none(stack))
		return put_stack(
		    f, r->kind == REC_SAMPLE && !str_none(r->sample.ip) ? r->sample.ip : STR(""));
	if (known == NULL)
		return put_stack(f, stack);
	*known = (uint64_t)put_stack(f, stack) + 1;
	return (uint32_t)(*known - 1);
}

static void
count(struct folded *f, uint32_t head, uint32_t stack, uint64_t period)
{
	uint64_t *at = hash_put(&f->at, hash_pair(head, stack)), *sum;

	if (*at == 0) {
		f->entry = mem_grow(f->entry, f->n, &f->cap, sizeof *f->entry);
		f->entry[f->n] = (struct folded_entry){ head, stack, 0 };
		*at = ++f->n;
	}
	sum = &f->entry[*at - 1].count;
	if (__builtin_add_overflow(*sum, period, sum)) {
		*sum = UINT64_MAX;
		f->overflows++;
	}
}

static struct str
event_of(const struct rec *r)
{
	switch (r->kind) {
	case REC_SAMPLE:
		return r->sample.event;
	case REC_TRACEPOINT:
		return r->tracepoint.name;
	case REC_STATE:
		return r->state.state;
	default:
		return str_of(rec_name(r->kind));
	}
}

/* Is the record's event asked for? */
static bool
is_wanted(struct folded *f, const struct rec *r)
{
	struct str name = event_of(r);
	size_t known = f->seen.n;
	uint32_t event = intern_put(&f->seen, name);

	if (event == known) {
		f->wanted = mem_grow(f->wanted, known, &f->cap_wanted, sizeof *f->wanted);
		f->wanted[event] = f->events.n == 0 || patterns_hit(&f->events, name);
	}
	if (!f->wanted[event])
		return false;
	f->event = f->event == 0 ? event + 1 : f->event;
	f->mixed = f->mixed || f->event != event + 1;
	return true;
}

static uint64_t
period_of(struct folded *f, const struct rec *r)
{
	int64_t end;

	if (f->period && r->kind == REC_SAMPLE && r->sample.period != REC_NO_U64)
		return r->sample.period;
	if (!f->period || (r->kind != REC_STATE && r->kind != REC_PATH))
		return 1;
	end = r->kind == REC_STATE ? r->state.end : r->path.end;
	if (end >= r->t)
		return (uint64_t)end - (uint64_t)r->t;
	f->backward++;
	return 0;
}

static void
add_sample(struct folded *f, const struct rec *r, struct str stack)
{
	bool sampled = r->kind == REC_SAMPLE || r->kind == REC_TRACEPOINT;
	uint32_t frames;

	if ((f->events.n == 0 && !sampled) || !is_wanted(f, r))
		return;
	frames = frames_of(f, r, stack);
	strbuf_clear(&f->text);
	add_task(f, r);
	if (intern_str(&f->stacks, frames).n > 0)
		strbuf_putc(&f->text, ';');
	count(f, intern_put(&f->heads, strbuf_str(&f->text)), frames, period_of(f, r));
}

void
folded_add(struct folded *f, const struct rec *r)
{
	struct rec copy = *r;
	struct str *stack = rec_stack(&copy);

	if (r->kind == REC_STACK) {
		stackdefs_put(&f->defs, r->stack.hash, r->stack.frames);
		hash_remove(&f->refs, r->stack.hash);
	} else if (r->kind == REC_COMM)
		name_task(f, r);
	else if (r->kind == REC_FORK)
		name_child(f, r);
	else if (stack != NULL)
		add_sample(f, r, *stack);
}

struct ranked {
	struct str text;
	uint32_t id;
};

static int
by_bytes(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	size_t n = x->text.n < y->text.n ? x->text.n : y->text.n;
	int c = memcmp(x->text.p, y->text.p, n);

	return c != 0 ? c : (x->text.n > y->text.n) - (x->text.n < y->text.n);
}

/* Where each text comes in the order of their bytes. To be freed. */
static uint32_t *
rank(const struct intern *texts)
{
	struct ranked *sorted = mem_resize(NULL, texts->n + 1, sizeof *sorted);
	uint32_t *ranks = mem_resize(NULL, texts->n + 1, sizeof *ranks), i;

	for (i = 0; i < texts->n; i++)
		sorted[i] = (struct ranked){ intern_str(texts, i), i };
	qsort(sorted, texts->n, sizeof *sorted, by_bytes);
	for (i = 0; i < texts->n; i++)
		ranks[sorted[i].id] = i;
	free(sorted);
	return ranks;
}

struct place {
	uint64_t rank;
	const struct folded_entry *entry;
};

static int
by_rank(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* The entries in the order of their lines: heads decide first, since none is a prefix of another
 * unless one has no stack. To be freed. */
static struct place *
sort_entries(const struct folded *f)
{
	struct place *sorted = mem_resize(NULL, f->n + 1, sizeof *sorted);
	uint32_t *heads = rank(&f->heads), *stacks = rank(&f->stacks);
	const struct folded_entry *e;
	size_t i;

	for (i = 0; i < f->n; i++) {
		e = &f->entry[i];
		sorted[i].rank = (uint64_t)heads[e->head] << 32 | stacks[e->stack];
		sorted[i].entry = e;
	}
	qsort(sorted, f->n, sizeof *sorted, by_rank);
	free(heads);
	free(stacks);
	return sorted;
}

/* Is the output in proportion to the input? */
static bool
is_proportionate(const struct folded *f, uint64_t input_size)
{
	uint64_t size = 0;
	size_t i;

	for (i = 0; i < f->n; i++)
		size += intern_str(&f->heads, f->entry[i].head).n +
			intern_str(&f->stacks, f->entry[i].stack).n + TEXT_NUMBER + 2;
	return size <= OUTPUT_LEAST || size / OUTPUT_FACTOR <= input_size;
}

static void
write_entry(struct folded *f, struct out *o, const struct folded_entry *e, bool cut)
{
	struct str head = intern_str(&f->heads, e->head);
	struct str stack = intern_str(&f->stacks, e->stack), dots = STR("...");

	if (cut && head.n + stack.n > FOLDED_LINE) {
		stack.n = head.n > FOLDED_LINE - dots.n ? 0 : FOLDED_LINE - dots.n - head.n;
		f->cut_lines++;
	} else {
		dots.n = 0;
	}
	out_str(o, head);
	out_str(o, stack);
	out_str(o, dots);
	out_char(o, ' ');
	out_u64(o, e->count);
	out_char(o, '\n');
}

void
folded_write(struct folded *f, struct out *o, uint64_t input_size)
{
	struct place *sorted = sort_entries(f);
	bool cut = !is_proportionate(f, input_size);
	size_t i;

	for (i = 0; i < f->n; i++)
		write_entry(f, o, sorted[i].entry, cut);
	free(sorted);
}

void
folded_free(struct folded *f)
{
	patterns_free(&f->events);
	stackdefs_free(&f->defs);
	intern_free(&f->machines);
	intern_free(&f->names);
	intern_free(&f->seen);
	intern_free(&f->heads);
	intern_free(&f->stacks);
	hash_free(&f->refs);
	hash_free(&f->tasks);
	hash_free(&f->at);
	free(f->wanted);
	free(f->entry);
	strbuf_free(&f->text);
}
