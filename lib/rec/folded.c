/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "base/sum.h"
#include "folded.h"
#include "stack.h"

enum { OUTPUT_LEAST = 1000000, OUTPUT_FACTOR = 256 };

/* The parts of a line, by their numbers; the last two with offwake only. */
struct folded_line {
	uint32_t head, stack, waker, wake_stack;
};

struct folded_entry {
	struct folded_line line;
	uint64_t count;
};

/* The last wait of a task, until its wake comes, or the last wake, until the wait comes. */
struct folded_wait {
	bool waits, woken;
	int64_t end, wake_t;
	struct folded_line line, wake;
	uint64_t period;
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

/* Who ran: a name, a tid or a machine. */
static void
add_task(struct folded *f, const struct rec *r)
{
	struct str name = comms_of(&f->comms, r);

	if (name.n > 0) {
		add_name(&f->text, name);
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

/* Number a stack as a line has it: outermost first. */
static uint32_t
put_stack(struct folded *f, struct str stack)
{
	struct stack_frame frame;

	strbuf_clear(&f->text);
	while (stack_take_last(&stack, &frame))
		add_frame(&f->text, &frame);
	return intern_put(&f->stacks, strbuf_str(&f->text));
}

/* The same, innermost first. */
static uint32_t
put_wake_stack(struct folded *f, struct str stack)
{
	struct stack_walk w = stack_walk(stack);
	struct stack_frame frame;

	strbuf_clear(&f->text);
	while (stack_next(&w, &frame))
		add_frame(&f->text, &frame);
	return intern_put(&f->stacks, strbuf_str(&f->text));
}

/* The number of the frames of a record: of its stack, or of where it was; of none if it has none. A
 * stack that is defined elsewhere is converted once. */
static uint32_t
frames_of(struct folded *f, const struct rec *r, struct str stack)
{
	bool wakes = r->kind == REC_ARROW && f->offwake;
	uint32_t (*put)(struct folded *, struct str) = wakes ? put_wake_stack : put_stack;
	uint64_t hash, *known = NULL;

	if (stack_is_ref(stack, &hash)) {
		known = hash_put(wakes ? &f->wake_refs : &f->refs, hash);
		if (*known == 0)
			stack = stackdefs_get(&f->defs, hash, NULL);
	}
	if (known != NULL && *known != 0)
		return (uint32_t)(*known - 1);
	if (stack.n == 0 || str_none(stack))
		return put(
		    f, r->kind == REC_SAMPLE && !str_none(r->sample.ip) ? r->sample.ip : STR(""));
	if (known == NULL)
		return put(f, stack);
	*known = (uint64_t)put(f, stack) + 1;
	return (uint32_t)(*known - 1);
}

/* Number a pair of numbers, from 1. */
static uint32_t
number(struct hash *h, uint32_t a, uint32_t b)
{
	uint64_t *n = hash_put(h, hash_pair(a, b));

	if (*n == 0)
		*n = h->n;
	return (uint32_t)*n;
}

static void
count(struct folded *f, struct folded_line line, uint64_t period)
{
	uint32_t first, n;

	n = first = number(&f->at, line.head, line.stack);
	if (f->offwake)
		n = number(&f->at_both, first, number(&f->at_wake, line.waker, line.wake_stack));
	if (n > f->n) {
		f->entry = mem_grow(f->entry, f->n, &f->cap, sizeof *f->entry);
		f->entry[f->n++] = (struct folded_entry){ line, 0 };
	}
	sum_add(&f->entry[n - 1].count, period, UINT64_MAX, &f->overflows);
}

/* The number of a text that precedes or follows the frames. */
static uint32_t
put_head(struct folded *f)
{
	return intern_put(&f->heads, strbuf_str(&f->text));
}

/* Who woke a task: a name, or the context if the waker was only interrupted. */
static uint32_t
put_waker(struct folded *f, const struct rec *r)
{
	struct str context = r->arrow.context;

	strbuf_clear(&f->text);
	if (str_eq(context, STR("task"))) {
		add_task(f, r);
	} else {
		strbuf_putc(&f->text, '[');
		add_name(&f->text, context);
		strbuf_putc(&f->text, ']');
	}
	return put_head(f);
}

/* The wait of the task with that birth, whose last state or wake is r. */
static struct folded_wait *
wait_of(struct folded *f, const struct rec *r, int32_t tid, int64_t birth)
{
	struct {
		uint32_t machine;
		int32_t tid;
		int64_t birth;
	} key = { intern_put(&f->machines, r->machine), tid, birth };
	size_t known = f->tasks.n;
	uint32_t n = intern_put(&f->tasks, (struct str){ (const char *)&key, sizeof key });

	if (n == known)
		f->wait = mem_grow_zeroed(f->wait, n, &f->cap_wait, sizeof *f->wait);
	return &f->wait[n];
}

/* Count a wait whose wake is not known. */
static void
count_unwoken(struct folded *f, struct folded_wait *w)
{
	strbuf_clear(&f->text);
	strbuf_add(&f->text, STR("[no wake]"));
	w->line.waker = put_head(f);
	w->line.wake_stack = put_stack(f, STR(""));
	if (w->waits)
		count(f, w->line, w->period);
	w->waits = false;
}

/* Join a wait, which is counted if its wake is known already: sched2states writes it first. */
static void
add_wait(struct folded *f, const struct rec *r, struct folded_line line, uint64_t period)
{
	struct folded_wait *w = wait_of(f, r, r->tid, r->state.birth);

	count_unwoken(f, w);
	if (w->woken && w->wake_t == r->state.end) {
		line.waker = w->wake.waker;
		line.wake_stack = w->wake.wake_stack;
		count(f, line, period);
	} else {
		*w = (struct folded_wait){ .waits = true, .end = r->state.end };
		w->line = line;
		w->period = period;
	}
	w->woken = false;
}

/* Join a wake, if it ended a wait. */
static void
add_wake(struct folded *f, const struct rec *r)
{
	struct folded_wait *w;

	if (r->arrow.waited == 0)
		return;
	w = wait_of(f, r, r->arrow.wakee, r->arrow.wakee_birth);
	w->wake.waker = put_waker(f, r);
	w->wake.wake_stack = frames_of(f, r, r->arrow.stack);
	if (w->waits && w->end == r->t) {
		w->line.waker = w->wake.waker;
		w->line.wake_stack = w->wake.wake_stack;
		count(f, w->line, w->period);
		w->waits = false;
	} else {
		w->woken = true;
		w->wake_t = r->t;
	}
}

/* Is a record in the window? With lengths, is a part of it? */
static bool
is_inside(const struct folded *f, const struct rec *r, bool lengths, struct rec *part)
{
	*part = *r;
	return lengths ? cut_rec(&f->time, part) : cut_of(&f->time, r).counts;
}

static void
add_sample(struct folded *f, const struct rec *r, struct str stack)
{
	struct folded_line line = { 0 };
	bool lengths = f->period || f->offwake;
	struct rec part;
	uint32_t event;

	if ((f->offwake && r->kind != REC_STATE) || !counted_has(&f->counted, r, &event))
		return;
	if (!is_inside(f, r, lengths, &part))
		return;
	line.stack = frames_of(f, r, stack);
	strbuf_clear(&f->text);
	add_task(f, r);
	if (intern_str(&f->stacks, line.stack).n > 0)
		strbuf_putc(&f->text, ';');
	line.head = put_head(f);
	if (f->offwake)
		add_wait(f, r, line, counted_period(&f->counted, &part));
	else
		count(f, line, lengths ? counted_period(&f->counted, &part) : 1);
}

void
folded_add(struct folded *f, const struct rec *r)
{
	const struct str *stack = rec_stack(r);

	if (r->kind == REC_STACK) {
		stackdefs_put(&f->defs, r->stack.hash, r->stack.frames);
		hash_remove(&f->refs, r->stack.hash);
		hash_remove(&f->wake_refs, r->stack.hash);
		return;
	}
	comms_add(&f->comms, r);
	if (r->kind == REC_ARROW && f->offwake)
		add_wake(f, r);
	else if (stack != NULL)
		add_sample(f, r, *stack);
}

void
folded_end(struct folded *f)
{
	size_t i;

	for (i = 0; i < f->tasks.n; i++)
		count_unwoken(f, &f->wait[i]);
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
	uint64_t rank, wake_rank;
	const struct folded_entry *entry;
};

static int
by_rank(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->rank == y->rank)
		return (x->wake_rank > y->wake_rank) - (x->wake_rank < y->wake_rank);
	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* The entries in the order of their lines: heads decide first, since none is a prefix of another
 * unless one has no stack. To be freed. */
static struct place *
sort_entries(const struct folded *f)
{
	struct place *sorted = mem_resize(NULL, f->n + 1, sizeof *sorted);
	uint32_t *heads = rank(&f->heads), *stacks = rank(&f->stacks);
	const struct folded_line *l;
	size_t i;

	for (i = 0; i < f->n; i++) {
		l = &f->entry[i].line;
		sorted[i].rank = hash_pair(heads[l->head], stacks[l->stack]);
		sorted[i].wake_rank =
		    f->offwake ? hash_pair(stacks[l->wake_stack], heads[l->waker]) : 0;
		sorted[i].entry = &f->entry[i];
	}
	qsort(sorted, f->n, sizeof *sorted, by_rank);
	free(heads);
	free(stacks);
	return sorted;
}

/* The part of a line after the task's frames, with offwake. */
static size_t
wake_size(const struct folded *f, const struct folded_line *l)
{
	return !f->offwake ? 0
			   : sizeof ";--;;" + intern_str(&f->heads, l->waker).n +
				 intern_str(&f->stacks, l->wake_stack).n;
}

/* Is the output in proportion to the input? */
static bool
is_proportionate(const struct folded *f, uint64_t input_size)
{
	const struct folded_line *l;
	uint64_t size = 0;
	size_t i;

	for (i = 0; i < f->n; i++) {
		l = &f->entry[i].line;
		size += intern_str(&f->heads, l->head).n + intern_str(&f->stacks, l->stack).n +
			wake_size(f, l) + TEXT_NUMBER + 2;
	}
	return size <= OUTPUT_LEAST || size / OUTPUT_FACTOR <= input_size;
}

/* Write a part of a line, of which *left bytes may be written. */
static void
write_part(struct out *o, struct str part, size_t *left)
{
	part.n = part.n < *left ? part.n : *left;
	out_str(o, part);
	*left -= part.n;
}

static void
write_entry(struct folded *f, struct out *o, const struct folded_entry *e, bool cut)
{
	const struct folded_line *l = &e->line;
	struct str head = intern_str(&f->heads, l->head), stack = intern_str(&f->stacks, l->stack);
	struct str wake;
	size_t left = SIZE_MAX;

	if (cut && head.n + stack.n + wake_size(f, l) > FOLDED_LINE) {
		left = FOLDED_LINE - strlen("...");
		f->cut_lines++;
	}
	write_part(o, head, &left);
	write_part(o, stack, &left);
	if (f->offwake) {
		wake = intern_str(&f->stacks, l->wake_stack);
		write_part(o, STR(";--;"), &left);
		write_part(o, wake, &left);
		write_part(o, wake.n > 0 ? STR(";") : STR(""), &left);
		write_part(o, intern_str(&f->heads, l->waker), &left);
	}
	out_str(o, cut && left == 0 ? STR("...") : STR(""));
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
	counted_free(&f->counted);
	comms_free(&f->comms);
	stackdefs_free(&f->defs);
	hash_free(&f->refs);
	hash_free(&f->wake_refs);
	intern_free(&f->heads);
	intern_free(&f->stacks);
	hash_free(&f->at);
	hash_free(&f->at_wake);
	hash_free(&f->at_both);
	free(f->entry);
	strbuf_free(&f->text);
	intern_free(&f->machines);
	intern_free(&f->tasks);
	free(f->wait);
}
