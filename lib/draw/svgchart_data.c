/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "rec/place.h"
#include "rec/stack.h"
#include "svgchart_int.h"
#include "timechart.h"

/*
 * The data are numbers and lines of text. A digit is one of the 90 characters from ! to ~ that XML
 * does not reserve; below 45 it ends a number, from 45 on the next digits go on:
 * v = d[0] - 45 + 45 * (1 + the number in the digits that follow).
 *
 * Each lane (a task, or a CPU with its idle and unknown time) has, one after the other: the number
 * of its intervals; its start; their lengths; their kinds; the wakers of those whose kinds have
 * one; the number of its names, and each name after the number of intervals that lie between its
 * start and that of the name before. Kind 0 is a gap. A blocked interval has no waker here if the
 * next one is runnable, begins at its end and has one: that is its waker, too. Times count from
 * svgchart.scale.lo in ns; those that may be negative are folded: 0, -1, 1, -2, ...
 *
 * A file, device or CPU has lanes of its calls, requests or interrupts, as many as were under way
 * at a time. Each has its numbers as above, without wakers and names, and then for each interval 1
 * + the task's number and 1 + the bytes, 0 if not known.
 *
 * The tables come after the lanes, a line each: see put_tables().
 */

enum {
	VERSION = 1,
	BASE = 45,
	NODE = 3900 * 1000, /* bytes of a node, which the script joins; libxml2 takes 10 million */
	STACKS = 3,         /* stacks may take the 1/3 of the data */
	KIND = 12,          /* about the bytes of a kind */
	FRAME = 4,          /* of a node of a stack */
	LENGTHS = 8,        /* of a call, without its length and bytes */
	NAME = 4,           /* of a name of a lane, without the text */
	LANE = 36,          /* of a lane and its task, without the intervals and names */
	MAXFRAMES = 256,
	OFTEN = 4096, /* the uses of a kind */
	MAXLANES = 64 /* of a file or device */
};

/* Where a kind stores its waker: with the interval, or with the runnable interval that follows. */
enum { NO_WAKER, HAS_WAKER, SHARES_WAKER, GIVES_WAKER };

/* How a wakeup came, by the waker's stack: as usual; from another CPU, of which the waker is not
 * recorded; from a softirq that does its task's own work. */
enum { CAME_HERE, CAME_REMOTE, CAME_OWN };

/* A waker: not in the recording, a CPU's idle task, a number in the table of tasks. */
enum { WAKER_UNKNOWN, WAKER_IDLE, WAKER_TASK };

/* A task or CPU that may be inside. */
struct lane {
	uint32_t row; /* of the chart */
	bool cpu, drawn, waker, inside;
	uint64_t score;
};

/* The calls on a file, the requests of a device, or the interrupts of a CPU. */
struct calls {
	const struct chart_io_row *row; /* NULL for a CPU without */
	struct chart_call *call;        /* if they are inside */
	size_t n;
	uint8_t *lane; /* by call */
	size_t lanes;  /* 0 if they are not inside */
};

/* The functions of the head of a stack; NULL if they are not known. */
struct head {
	uint32_t *function;
	size_t n;
};

/* A kind in the tables. Its stack is a node and, in the upper half, 1 + the function that says what
 * the task was doing, 0 if there is none. */
struct data_kind {
	struct chart_kind is;
	uint64_t used;
	uint32_t was; /* its number before they are sorted */
};

struct data {
	const struct svgchart *p;
	const struct chart *chart;
	struct strbuf text; /* what is to be written */
	struct lane *lane;  /* those that are inside first */
	size_t n, inside;
	uint32_t *task_of; /* by row of the chart: 1 + its number in the tables */
	uint32_t *task;    /* rows, by their numbers in the tables */
	size_t ntask, task_cap;
	uint32_t *rank;  /* by kind: the greater, the rarer; then its number in the tables */
	uint64_t *stack; /* by kind: 1 + its stack as in data_kind, 0 if it is not used */
	struct data_kind *kind;
	size_t nkind, kind_cap;
	struct intern kinds; /* those in kind, before they are sorted */
	uint32_t *number;    /* of each of them in the tables */
	struct calls *calls; /* of the CPUs, files and devices that have rows, in their order */
	size_t ncalls, calls_cap;
	struct svgchart_recent recent;
	struct intern names, functions; /* of the tables */
	struct intern notes;            /* of frames */
	uint32_t *function_of;          /* by note */
	size_t nnote, note_cap;
	struct head *head;
	size_t nhead;
	struct hash nodes;  /* parent << 32 | function -> node */
	struct hash stacks; /* key -> 1 + the stack as in data_kind */
	struct hash irqs;   /* machine << 32 | CPU -> its row in chart.io */
	uint64_t *pair;     /* the nodes: their keys in nodes; 0 is no stack */
	size_t npair, pair_cap;
	struct intern call_kinds;
	uint32_t *charged; /* by call kind: 1 + the calls whose cost has it; if they are not inside,
			      it is not in used */
	size_t charged_cap;
	size_t used, stack_bytes, budget;
	uint64_t intervals, intervals_inside, stacks_out;
};

_Static_assert(SVGCHART_CALL <= LENGTHS + 2, "a call may take less");

/* --- numbers */

static char
digit(uint64_t v)
{
	static const char digits[] = "!\"#$%'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ["
				     "\\^_`abcdefghijklmnopqrstuvwxyz{|}~";

	return digits[v];
}

static void
put(struct data *d, uint64_t v)
{
	char *p = strbuf_reserve(&d->text, 16);

	for (; v >= BASE; v = v / BASE - 1)
		*p++ = digit(BASE + v % BASE);
	*p++ = digit(v);
	d->text.n = (size_t)(p - d->text.p);
}

static size_t
length(uint64_t v)
{
	size_t n = 1;

	for (; v >= BASE; v = v / BASE - 1)
		n++;
	return n;
}

static uint64_t
fold_sign(int64_t v)
{
	return v < 0 ? ~((uint64_t)v << 1) : (uint64_t)v << 1;
}

/* --- stacks */

/* The bytes that a line of the tables takes. */
static size_t
size_in_tables(struct str s)
{
	size_t n = s.n + 1, i;

	for (i = 0; i < s.n; i++)
		n += strchr("<>&", s.p[i]) != NULL ? 4 : 0;
	return n;
}

/* Add the name of a function. */
static uint32_t
name_function(struct data *d, const struct svg_text *name)
{
	size_t known = d->functions.n;
	uint32_t id = intern_put(&d->functions, svg_str(name));

	if (id == known)
		d->stack_bytes += size_in_tables(svg_str(name));
	return id;
}

/* Add the name of a frame's function. */
static uint32_t
add_function(struct data *d, const struct stack_frame *f)
{
	struct stack_note note = stack_note(f->note);
	struct str object = str_basename(note.object);
	struct svg_text t = { 0 };

	if (note.symbol.n > 0)
		svg_add_field(&t, note.symbol);
	else if (object.n > 0)
		svg_add(&t, "?");
	else
		svg_add(&t, "0x%llx", (unsigned long long)f->addr);
	if (object.n > 0) {
		svg_add(&t, *object.p == '[' ? " " : " (");
		svg_add_field(&t, object);
		svg_add(&t, *object.p == '[' ? "" : ")");
	}
	return name_function(d, &t);
}

/* The number of a frame's function; most notes were seen before. */
static uint32_t
function_of(struct data *d, const struct stack_frame *f)
{
	uint32_t note;

	if (f->note.n == 0 || *f->note.p == '?')
		return add_function(d, f); /* its name may be the address */
	note = intern_put(&d->notes, f->note);
	d->function_of = mem_grow(d->function_of, note, &d->note_cap, sizeof *d->function_of);
	if (note == d->nnote) {
		d->function_of[note] = add_function(d, f);
		d->nnote++;
	}
	return d->function_of[note];
}

/* The node of a function that a node calls; 0 is the parent of the outermost ones. */
static uint32_t
add_node(struct data *d, uint32_t parent, uint32_t function)
{
	uint64_t *node = hash_put(&d->nodes, hash_pair(parent, function));

	if (*node == 0) {
		d->pair = mem_grow(d->pair, d->npair, &d->pair_cap, sizeof *d->pair);
		d->pair[d->npair] = hash_pair(parent, function);
		*node = ++d->npair;
		d->stack_bytes += FRAME;
	}
	return (uint32_t)*node;
}

/* Append the functions of frames to the first n of a stack, but for the innermost ones, which only
 * switch tasks. Returns the new n. */
static size_t
add_functions(struct data *d, struct str frames, uint32_t *function, size_t n)
{
	struct stack_walk w = stack_walk(frames);
	struct stack_frame f;

	while (n < MAXFRAMES && stack_next(&w, &f)) {
		if (n > 0 || !place_is_switching(stack_note(f.note).symbol))
			function[n++] = function_of(d, &f);
	}
	return n;
}

/* Get the functions of a head, which is likely to be known. Returns their number. */
static size_t
add_head(struct data *d, const struct chart_parts *parts, uint32_t *function)
{
	struct head *h = &d->head[parts->number];

	if (h->function == NULL) {
		h->n = add_functions(d, parts->head, function, 0);
		h->function = mem_resize(NULL, h->n + 1, sizeof *h->function);
		memcpy(h->function, function, h->n * sizeof *h->function);
	}
	memcpy(function, h->function, h->n * sizeof *h->function);
	return h->n;
}

/* Add a stack to the tree whose roots are the outermost frames. Returns its innermost node. */
static uint32_t
add_stack(struct data *d, struct chart_parts parts)
{
	uint32_t function[MAXFRAMES], at = 0;
	size_t n = parts.number < d->nhead ? add_head(d, &parts, function) : 0;

	n = add_functions(d, parts.tail, function, n);
	while (n-- > 0)
		at = add_node(d, at, function[n]);
	return at;
}

/* 1 + the function of a stack that says what the task was doing, 0 if there is none. */
static uint32_t
add_place(struct data *d, const struct chart_parts *parts)
{
	struct str place = place_function(parts->head);
	struct svg_text t = { 0 };

	if (place.n == 0)
		place = place_function(parts->tail);
	if (place.n == 0)
		return 0;
	svg_add_field(&t, place);
	return 1 + name_function(d, &t);
}

static uint64_t
stack_of(struct data *d, uint64_t key)
{
	uint64_t *known = key == 0 ? NULL : hash_put(&d->stacks, key);
	struct chart_parts parts;
	uint32_t node;

	if (known == NULL)
		return 0;
	if (*known == 0 && d->stack_bytes < d->budget / STACKS) {
		parts = chart_stack_of(d->chart, key);
		node = parts.dropped ? 0 : add_stack(d, parts);
		*known = parts.dropped ? 0 : 1 + hash_pair(add_place(d, &parts), node);
	}
	d->stacks_out += *known == 0;
	return *known == 0 ? 0 : *known - 1;
}

/* --- what is inside */

/* Does a task wait for a CPU? Then its stack is the waker's, or that at which it was preempted. */
static bool
waits_for_cpu(const struct chart_kind *k)
{
	return k->state == CHART_RUNNABLE || k->state == CHART_PREEMPTED;
}

/* Find the row of the waker. The wakeup is at the start of a runnable interval, at the end of
 * others.
 */
static uint32_t
waker_of(struct data *d, const struct chart_row *row, const struct chart_interval *i,
    const struct chart_kind *kind)
{
	int64_t woken = waits_for_cpu(kind) ? i->t : i->end;
	const struct chart_row *waker =
	    svgchart_task_at(d->p, &d->recent, row->key.machine, i->waker, woken);

	return waker != NULL ? (uint32_t)(waker - d->chart->rows.row) : UINT32_MAX;
}

/* Is the waker of interval i that of the next one? */
static bool
next_has_waker(const struct data *d, const struct chart_interval *list, size_t n, size_t i)
{
	const struct chart_kind *kind;

	if (i + 1 == n || list[i + 1].t != list[i].end || list[i + 1].waker != list[i].waker)
		return false;
	kind = chart_kind(d->chart, &list[i + 1]);
	if (kind->state != CHART_RUNNABLE || !kind->waker)
		return false;
	return !waits_for_cpu(chart_kind(d->chart, &list[i]));
}

static void
use_kind(struct data *d, uint32_t id)
{
	if (d->stack[id] > 0)
		return;
	d->stack[id] = 1 + stack_of(d, d->chart->kind[id].is.stack);
	d->used += KIND;
}

static void
add_name(struct svg_text *t, struct str field)
{
	if (str_none(field))
		svg_add(t, "?");
	else
		svg_add_field(t, field);
}

/* The bytes that a name takes if no other task has it. */
static size_t
cost_of_name(struct str field)
{
	struct svg_text t = { 0 };

	add_name(&t, field);
	return NAME + size_in_tables(svg_str(&t));
}

/* Estimate the bytes that the intervals take. */
static size_t
cost(const struct data *d, const struct chart_interval *list, size_t n)
{
	size_t i, sum = LANE;
	int64_t at = n > 0 ? list->t : 0;

	for (i = 0; i < n; at = list[i++].end) {
		sum += length((uint64_t)list[i].end - (uint64_t)list[i].t);
		sum += length(d->rank[list[i].kind] + 1);
		if (list[i].t > at)
			sum += 1 + length((uint64_t)list[i].t - (uint64_t)at);
		if (list[i].waker >= 0 && !next_has_waker(d, list, n, i))
			sum += 2;
		if (i == 0 || list[i].comm != list[i - 1].comm)
			sum += cost_of_name(chart_interval_comm(d->chart, &list[i]));
	}
	return sum;
}

/* Take a lane in if there is room for it. */
static void
take(struct data *d, struct lane *lane)
{
	const struct chart_row *row = &d->chart->rows.row[lane->row];
	const struct chart_kind *kind;
	struct chart_interval *list;
	size_t n, i, bytes;
	uint32_t waker;

	bytes = LANE + 2 * chart_intervals_of(d->chart, lane->row);
	if (d->used + d->stack_bytes + bytes > d->budget)
		return; /* it takes more than that */
	n = chart_intervals(d->chart, lane->row, &list);
	bytes = cost(d, list, n);
	lane->inside = d->used + d->stack_bytes + bytes <= d->budget;
	for (i = 0; i < n && lane->inside; i++) {
		kind = chart_kind(d->chart, &list[i]);
		use_kind(d, list[i].kind);
		waker = kind->waker ? waker_of(d, row, &list[i], kind) : UINT32_MAX;
		if (waker != UINT32_MAX)
			d->task_of[waker] = 1;
	}
	d->used += lane->inside ? bytes : 0;
	d->intervals_inside += lane->inside ? n : 0;
	free(list);
}

/* First the tasks whose intervals the rows show, then CPUs, then wakers, then all others; the
 * busiest first. */
static int
by_need(const void *a, const void *b, void *rows)
{
	const struct lane *x = a, *y = b;
	const struct chart_row *row = ((const struct chart_rows *)rows)->row;
	int d = ORDER(y->inside, x->inside);

	d = d != 0 ? d : ORDER(y->drawn, x->drawn);
	d = d != 0 ? d : ORDER(x->cpu, y->cpu);
	d = d != 0 ? d : ORDER(y->waker, x->waker);
	d = d != 0 ? d : ORDER(y->score, x->score);
	return d != 0 ? d : chart_key_order(rows, &row[x->row].key, &row[y->row].key);
}

/* In the tables tasks come before CPUs. */
static int
by_number(const void *a, const void *b, void *rows)
{
	const struct lane *x = a, *y = b;
	int d = ORDER(y->inside, x->inside);

	d = d != 0 ? d : ORDER(x->cpu, y->cpu);
	return d != 0 ? d : by_need(a, b, rows);
}

static int
by_use(const void *a, const void *b)
{
	return ORDER(*(const uint64_t *)b, *(const uint64_t *)a);
}

/* The place of the first of some numbers, the greatest first, that is not above one of them. */
static size_t
count_above(const uint64_t *number, size_t n, uint64_t one)
{
	size_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (number[mid] > one)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Rank the kinds for cost(): a rank is the number of kinds that are more frequent. Few kinds are
 * used OFTEN or more often. */
static void
rank_kinds(struct data *d)
{
	size_t n = d->chart->nkind, i, nmost = 0, more;
	uint64_t *most = mem_resize(NULL, n + 1, sizeof *most), used;
	uint32_t *rank = mem_alloc(OFTEN * sizeof *rank), count;

	d->rank = mem_resize(NULL, n + 1, sizeof *d->rank);
	d->stack = mem_alloc((n + 1) * sizeof *d->stack);
	for (i = 0; i < n; i++)
		if ((used = d->chart->kind[i].used) < OFTEN)
			rank[used]++;
		else
			most[nmost++] = used;
	qsort(most, nmost, sizeof *most, by_use);
	for (i = OFTEN, more = nmost; i-- > 0; more += count) {
		count = rank[i];
		rank[i] = (uint32_t)more;
	}
	for (i = 0; i < n; i++) {
		used = d->chart->kind[i].used;
		d->rank[i] = used < OFTEN ? rank[used] : (uint32_t)count_above(most, nmost, used);
	}
	free(most);
	free(rank);
}

static int
by_use_and_kind(const void *a, const void *b)
{
	const struct data_kind *x = a, *y = b;
	int d = ORDER(y->used, x->used);

	return d != 0 ? d : memcmp(&x->is, &y->is, sizeof x->is);
}

/* Add to the use of a kind. Returns its number before they are sorted. */
static uint32_t
count_kind(struct data *d, const struct chart_kind *kind, uint64_t used)
{
	uint32_t id = intern_put(&d->kinds, (struct str){ (const char *)kind, sizeof *kind });

	d->kind = mem_grow_zeroed(d->kind, id, &d->kind_cap, sizeof *d->kind);
	d->kind[id].is = *kind;
	d->kind[id].was = id;
	d->kind[id].used += used;
	return id;
}

static struct chart_kind
kind_of_call(struct data *d, const struct chart_call *call)
{
	struct svg_text t = { 0 };
	uint32_t name;

	svg_add_field(&t, intern_str(&d->chart->io.whats, call->what));
	name = intern_put(&d->functions, svg_str(&t));
	return (struct chart_kind){ .state = (uint8_t)call->state,
		.cpu = call->cpu,
		.prio = call->error != 0 ? call->error : INT32_MIN,
		.stack = hash_pair(name + 1, add_node(d, 0, name)) };
}

static void
count_kinds(struct data *d)
{
	size_t n = d->chart->nkind, i, j;
	struct chart_kind kind;

	for (i = 0; i < n; i++) {
		if (d->stack[i] == 0)
			continue;
		kind = d->chart->kind[i].is;
		kind.stack = d->stack[i] - 1;
		d->rank[i] = count_kind(d, &kind, d->chart->kind[i].used);
	}
	for (i = 0; i < d->ncalls; i++)
		for (j = 0; j < d->calls[i].n && d->calls[i].lanes > 0; j++) {
			kind = kind_of_call(d, &d->calls[i].call[j]);
			count_kind(d, &kind, 1);
		}
}

/* Number the kinds that are used, the most frequent first; those with stacks of one text are one.
 */
static void
number_kinds(struct data *d)
{
	size_t n = d->chart->nkind, i;

	count_kinds(d);
	d->nkind = d->kinds.n;
	if (d->nkind > 0)
		qsort(d->kind, d->nkind, sizeof *d->kind, by_use_and_kind);
	d->number = mem_resize(NULL, d->nkind + 1, sizeof *d->number);
	for (i = 0; i < d->nkind; i++)
		d->number[d->kind[i].was] = (uint32_t)i + 1;
	for (i = 0; i < n; i++)
		d->rank[i] = d->stack[i] > 0 ? d->number[d->rank[i]] : 0;
}

/* Put the calls into lanes in which none overlaps, each into the first that is free. Returns the
 * number of lanes, 0 if there are too many. */
static size_t
pack_calls(struct calls *c)
{
	int64_t end[MAXLANES];
	size_t i, lane, lanes = 0;

	for (i = 0; i < c->n; i++) {
		for (lane = 0; lane < lanes && end[lane] > c->call[i].t;)
			lane++;
		if (lane == MAXLANES)
			return 0;
		lanes += lane == lanes;
		end[lane] = c->call[i].end;
		c->lane[i] = (uint8_t)lane;
	}
	return lanes;
}

/* A kind of calls, or if look is CHART_LOOKS the name of one, for cost_of_call_kind(). */
struct call_kind {
	uint32_t what, look;
	int32_t cpu, error;
};

/* The bytes that the tables take for a kind or name of the next of d->calls, unless calls that are
 * inside or earlier ones of the same calls have it. */
static size_t
cost_of_call_kind(struct data *d, const struct call_kind *kind)
{
	uint32_t id = intern_put(&d->call_kinds, (struct str){ (const char *)kind, sizeof *kind });
	struct svg_text t = { 0 };
	uint32_t *charged;

	d->charged = mem_grow_zeroed(d->charged, id, &d->charged_cap, sizeof *d->charged);
	charged = &d->charged[id];
	if (*charged == d->ncalls + 1 || (*charged > 0 && d->calls[*charged - 1].lanes > 0))
		return 0;
	*charged = (uint32_t)d->ncalls + 1;
	if (kind->look < CHART_LOOKS)
		return KIND;
	svg_add_field(&t, intern_str(&d->chart->io.whats, kind->what));
	return FRAME + size_in_tables(svg_str(&t));
}

/* Estimate the bytes that calls take; stop once they are more than most. */
static size_t
cost_of_calls(struct data *d, const struct calls *c, size_t most)
{
	const struct chart_call *call = c->call;
	size_t sum = c->lanes * LANE, i;

	for (i = 0; i < c->n && sum <= most; i++, call++) {
		sum += length((uint64_t)call->end - (uint64_t)call->t);
		sum += LENGTHS + (call->bytes == REC_NO_U64 ? 1 : length(call->bytes + 1));
		sum += cost_of_call_kind(d, &(struct call_kind){ call->what, CHART_LOOKS, 0, 0 });
		sum += cost_of_call_kind(
		    d, &(struct call_kind){ call->what, call->state, call->cpu, call->error });
	}
	return sum;
}

/* Take the calls of a row in if there is room for them. */
static void
take_calls(struct data *d, const struct chart_io_row *row)
{
	size_t used = d->used + d->stack_bytes, bytes = SIZE_MAX;
	size_t left = used < d->budget ? d->budget - used : 0;
	struct calls c = { .row = row };

	if (row != NULL && row->ncall <= left / SVGCHART_CALL)
		c.n = chart_calls(d->chart, row, &c.call);
	c.lane = mem_alloc(c.n + 1);
	c.lanes = pack_calls(&c);
	if (c.lanes > 0)
		bytes = cost_of_calls(d, &c, left);
	if (bytes > left) {
		free(c.call);
		c.call = NULL;
		c.lanes = 0;
	}
	d->used += c.lanes > 0 ? bytes : 0;
	d->calls = mem_grow(d->calls, d->ncalls, &d->calls_cap, sizeof *d->calls);
	d->calls[d->ncalls++] = c;
}

static void
take_io(struct data *d, const struct svgchart_io *io)
{
	size_t i;

	for (i = 0; i < io->n; i++)
		take_calls(d, &d->chart->io.row[io->first + i]);
}

static uint64_t
key_of_cpu(uint32_t machine, int32_t cpu)
{
	return hash_pair(machine, (uint32_t)cpu);
}

/* Find the rows of interrupts by their CPUs. */
static void
index_irqs(struct data *d)
{
	const struct chart_io *io = &d->chart->io;
	size_t i;

	for (i = 0; i < io->n; i++)
		if (io->row[i].kind == CHART_INTERRUPTS)
			*hash_put(&d->irqs, key_of_cpu(io->row[i].machine, io->row[i].cpu)) = i;
}

/* Take in the interrupts of a CPU's row. */
static void
take_irqs(struct data *d, const struct svgchart_row *r)
{
	const struct chart_key *cpu = &svgchart_member(d->p, r, 0)->key;
	const uint64_t *i = hash_get(&d->irqs, key_of_cpu(cpu->machine, cpu->cpu));

	take_calls(d, i != NULL ? &d->chart->io.row[*i] : NULL);
}

static void
list_lanes(struct data *d)
{
	const struct chart_rows *rows = &d->chart->rows;
	const struct svgchart_row *r;
	uint32_t i, at;

	d->lane = mem_alloc((rows->n + 1) * sizeof *d->lane);
	d->task_of = mem_alloc((rows->n + 1) * sizeof *d->task_of);
	for (i = 0; i < rows->n; i++) {
		const struct chart_row *row = &rows->row[i];

		at = d->p->rows.row_of[i];
		r = at > 0 ? &d->p->rows.row[at - 1] : NULL;
		d->lane[d->n++] = (struct lane){ .row = i,
			.cpu = row->key.cpu >= 0,
			.drawn = r != NULL && r->kind <= SVGCHART_TASK_ROW,
			.score = chart_total(d->chart, row, CHART_RUNNING) +
				 svgchart_waiting(d->chart, row) };
		d->intervals += chart_intervals_of(d->chart, i);
	}
}

static void
choose(struct data *d)
{
	struct chart_rows *rows = (void *)&d->chart->rows;
	size_t i, cpu, drawn = 0;

	qsort_r(d->lane, d->n, sizeof *d->lane, by_need, rows);
	for (; drawn < d->n && d->lane[drawn].drawn; drawn++)
		take(d, &d->lane[drawn]);
	index_irqs(d);
	for (i = 0; i < d->p->rows.npart; i++) {
		const struct svgchart_part *part = &d->p->rows.part[i];

		for (cpu = 0; cpu < part->ncpu; cpu++)
			take_irqs(d, &d->p->rows.row[part->cpu + cpu]);
		take_io(d, &part->files);
		take_io(d, &part->no_file);
		take_io(d, &part->devices);
	}
	for (i = drawn; i < d->n; i++)
		d->lane[i].waker = d->task_of[d->lane[i].row] > 0;
	qsort_r(d->lane + drawn, d->n - drawn, sizeof *d->lane, by_need, rows);
	for (i = drawn; i < d->n; i++)
		take(d, &d->lane[i]);
	qsort_r(d->lane, d->n, sizeof *d->lane, by_number, rows);
	while (d->inside < d->n && d->lane[d->inside].inside)
		d->inside++;
	memset(d->task_of, 0, d->chart->rows.n * sizeof *d->task_of);
}

/* --- lanes */

/* The number of a task in the tables, added there if it is new. */
static uint32_t
number_of(struct data *d, uint32_t row)
{
	if (d->task_of[row] == 0) {
		d->task = mem_grow(d->task, d->ntask, &d->task_cap, sizeof *d->task);
		d->task[d->ntask++] = row;
		d->task_of[row] = (uint32_t)d->ntask;
	}
	return d->task_of[row] - 1;
}

static uint32_t
name_of(struct data *d, struct str field)
{
	struct svg_text t = { 0 };

	add_name(&t, field);
	return intern_put(&d->names, svg_str(&t));
}

static void
put_wakers(struct data *d, uint32_t row, const struct chart_interval *list, size_t n)
{
	const struct chart_kind *kind;
	uint32_t waker;
	size_t i;

	for (i = 0; i < n; i++) {
		kind = chart_kind(d->chart, &list[i]);
		if (!kind->waker || next_has_waker(d, list, n, i))
			continue;
		waker = waker_of(d, &d->chart->rows.row[row], &list[i], kind);
		if (waker == UINT32_MAX)
			put(d, list[i].waker == 0 ? WAKER_IDLE : WAKER_UNKNOWN);
		else
			put(d, WAKER_TASK + (uint64_t)number_of(d, waker));
	}
}

static void
put_names(struct data *d, const struct chart_interval *list, size_t n)
{
	size_t i, names = 0, last = 0, at = 0;

	for (i = 0; i < n; i++)
		names += i == 0 || list[i].comm != list[i - 1].comm;
	put(d, names);
	for (i = 0; i < n; i++, at++) {
		at += i > 0 && list[i].t > list[i - 1].end;
		if (i > 0 && list[i].comm == list[i - 1].comm)
			continue;
		put(d, at - last);
		put(d, name_of(d, chart_interval_comm(d->chart, &list[i])));
		last = at;
	}
}

static void
put_lane(struct data *d, uint32_t row)
{
	struct chart_interval *list;
	size_t n = chart_intervals(d->chart, row, &list), i, gaps = 0;
	bool cpu = d->chart->rows.row[row].key.cpu >= 0;

	for (i = 1; i < n; i++)
		gaps += list[i].t > list[i - 1].end;
	put(d, n + gaps);
	if (n > 0)
		put(d, fold_sign((int64_t)(bins_time(list->t) - d->p->scale.lo)));
	for (i = 0; i < n; i++) {
		if (i > 0 && list[i].t > list[i - 1].end)
			put(d, (uint64_t)list[i].t - (uint64_t)list[i - 1].end);
		put(d, (uint64_t)list[i].end - (uint64_t)list[i].t);
	}
	for (i = 0; i < n; i++) {
		if (i > 0 && list[i].t > list[i - 1].end)
			put(d, 0);
		put(d, d->rank[list[i].kind]);
	}
	put_wakers(d, row, list, n);
	if (!cpu)
		put_names(d, list, n);
	free(list);
}

/* What the numbers of a lane of calls say, one after the other. */
enum call_field { CALL_LENGTH, CALL_KIND, CALL_TASK, CALL_BYTES, CALL_FIELDS };

static uint64_t
call_field(struct data *d, uint32_t machine, const struct chart_call *call, enum call_field field)
{
	const struct chart_row *task;
	struct chart_kind kind;

	switch (field) {
	case CALL_LENGTH:
		return (uint64_t)call->end - (uint64_t)call->t;
	case CALL_KIND:
		kind = kind_of_call(d, call);
		return d->number[intern_put(
		    &d->kinds, (struct str){ (const char *)&kind, sizeof kind })];
	case CALL_TASK:
		task = svgchart_task_at(d->p, &d->recent, machine, call->tid, call->t);
		return task == NULL
			   ? 0
			   : 1 + (uint64_t)number_of(d, (uint32_t)(task - d->chart->rows.row));
	default:
		return call->bytes == REC_NO_U64 ? 0 : call->bytes + 1;
	}
}

/* The next call in a lane from i on. */
static size_t
next_call(const struct calls *c, size_t i, size_t lane)
{
	while (i < c->n && c->lane[i] != lane)
		i++;
	return i;
}

static void
put_calls(struct data *d, const struct calls *c, size_t lane)
{
	size_t first = next_call(c, 0, lane), i, n = 0;
	enum call_field field;
	int64_t at = c->call[first].t;

	for (i = first; i < c->n; i = next_call(c, i + 1, lane)) {
		n += 1 + (c->call[i].t > at);
		at = c->call[i].end;
	}
	put(d, n);
	put(d, fold_sign((int64_t)(bins_time(c->call[first].t) - d->p->scale.lo)));
	for (field = 0; field < CALL_FIELDS; field++) {
		at = c->call[first].t;
		for (i = first; i < c->n; i = next_call(c, i + 1, lane)) {
			if (c->call[i].t > at)
				put(d, field == CALL_LENGTH ? (uint64_t)c->call[i].t - (uint64_t)at
							    : 0);
			put(d, call_field(d, c->row->machine, &c->call[i], field));
			at = c->call[i].end;
		}
	}
}

/* Write the numbers of the lanes, which need no escape: browsers are fastest with CDATA. */
static void
put_numbers(struct data *d)
{
	struct out *o = d->p->out;
	size_t at = 0, n;

	for (; at < d->text.n; at += n) {
		n = d->text.n - at < NODE ? d->text.n - at : NODE;
		svg_put(o, "<metadata class=\"lanes\"><![CDATA[");
		out_bytes(o, d->text.p + at, n);
		svg_put(o, "]]></metadata>\n");
	}
	strbuf_clear(&d->text);
}

/* Write the tables, of which the names need escapes. */
static void
put_text(struct data *d)
{
	struct out *o = d->p->out;
	size_t at = 0, n;

	for (; at < d->text.n; at += n) {
		n = d->text.n - at < NODE ? d->text.n - at : NODE;
		while (at + n < d->text.n && (d->text.p[at + n] & 0xc0) == 0x80)
			n--;
		svg_put(o, "<metadata class=\"tables\">");
		svg_put_text(o, (struct str){ d->text.p + at, n });
		svg_put(o, "</metadata>\n");
	}
	strbuf_clear(&d->text);
}

static void
put_lanes(struct data *d)
{
	size_t i, lane;

	for (i = 0; i < d->inside; i++)
		if (!d->lane[i].cpu)
			number_of(d, d->lane[i].row);
	for (i = 0; i < d->inside; i++)
		put_lane(d, d->lane[i].row);
	for (i = 0; i < d->ncalls; i++)
		for (lane = 0; lane < d->calls[i].lanes; lane++)
			put_calls(d, &d->calls[i], lane);
	put_numbers(d);
}

/* --- tables */

static void
put_texts(struct data *d, const struct intern *texts)
{
	size_t i;

	for (i = 0; i < texts->n; i++) {
		strbuf_add(&d->text, intern_str(texts, (uint32_t)i));
		strbuf_putc(&d->text, '\n');
	}
}

/* The parent and the function of each node of the tree of stacks; the first is node 1. */
static void
put_stacks(struct data *d)
{
	size_t i;

	for (i = 0; i < d->npair; i++) {
		put(d, d->pair[i] >> 32);
		put(d, d->pair[i] & UINT32_MAX);
	}
	strbuf_putc(&d->text, '\n');
}

static bool
has_function(const struct data *d, uint32_t node, const char *start)
{
	for (; node > 0; node = (uint32_t)(d->pair[node - 1] >> 32))
		if (str_starts(intern_str(&d->functions, (uint32_t)d->pair[node - 1]), start))
			return true;
	return false;
}

/* How the waker of a runnable task reached it; states2path has the same rule. */
static int
how_it_came(const struct data *d, const struct chart_kind *k)
{
	uint32_t at = (uint32_t)k->stack;

	if (k->state != CHART_RUNNABLE || at == 0)
		return CAME_HERE;
	if (has_function(d, at, "sched_ttwu_pending"))
		return CAME_REMOTE;
	if ((has_function(d, at, "handle_softirqs") || has_function(d, at, "do_softirq") ||
		has_function(d, at, "__do_softirq")) &&
	    has_function(d, at, "__local_bh_enable_ip"))
		return CAME_OWN;
	return CAME_HERE;
}

static int
waker_in(const struct chart_kind *k)
{
	if (!k->waker)
		return NO_WAKER;
	return k->state == CHART_RUNNABLE    ? GIVES_WAKER
	       : k->state == CHART_PREEMPTED ? HAS_WAKER
					     : SHARES_WAKER;
}

static void
put_kinds(struct data *d)
{
	struct chart_kind k;
	size_t i;

	for (i = 0; i < d->nkind; i++) {
		k = d->kind[i].is;
		put(d, k.state);
		put(d, (uint64_t)((int64_t)k.cpu + 1));
		put(d, k.prio == INT32_MIN ? 0 : 1 + fold_sign(k.prio));
		put(d, k.begin);
		put(d, k.end);
		put(d, k.context);
		put(d, k.wake);
		put(d, (uint64_t)waker_in(&k));
		put(d, k.stack & UINT32_MAX);
		put(d, (uint64_t)how_it_came(d, &k));
		put(d, waits_for_cpu(&k) ? 0 : k.stack >> 32);
	}
	strbuf_putc(&d->text, '\n');
}

/* Each task: its name, machine, pid + 1, tid + 1. Then each CPU inside: its machine, its number. */
static void
put_tasks(struct data *d)
{
	const struct chart_row *row = d->chart->rows.row;
	struct str comm;
	size_t i;

	for (i = 0; i < d->ntask; i++) {
		const struct chart_key *k = &row[d->task[i]].key;

		comm = chart_comm(&row[d->task[i]]);
		put(d, name_of(d, comm.n > 0 ? comm : STR_NONE));
		put(d, k->machine);
		put(d, (uint64_t)((int64_t)k->pid + 1));
		put(d, (uint64_t)((int64_t)k->tid + 1));
	}
	strbuf_putc(&d->text, '\n');
	for (i = 0; i < d->inside; i++)
		if (d->lane[i].cpu) {
			put(d, row[d->lane[i].row].key.machine);
			put(d, (uint64_t)row[d->lane[i].row].key.cpu);
		}
	strbuf_putc(&d->text, '\n');
}

/* Each row but headings: its kind, the height of its bar, and for a CPU its machine and number; for
 * others the number of tasks, the number of those that are inside, and these tasks. */
static void
put_rows(struct data *d, size_t tasks)
{
	const struct svgchart_part *part = d->p->rows.part;
	const struct svgchart_row *r;
	size_t i, j, inside;
	uint32_t row;

	for (i = 0; i < d->p->rows.nrow; i++) {
		r = &d->p->rows.row[i];
		while (i >= part->task + part->ntask)
			part++;
		if (r->kind == SVGCHART_HEADING)
			continue;
		put(d, r->kind);
		put(d, (uint64_t)(r->kind == SVGCHART_CPU_ROW ? svgchart_cpu_height(part)
							      : svgchart_height(r)));
		if (r->kind == SVGCHART_CPU_ROW) {
			put(d, svgchart_member(d->p, r, 0)->key.machine);
			put(d, (uint64_t)svgchart_member(d->p, r, 0)->key.cpu);
			continue;
		}
		for (inside = j = 0; j < r->n; j++) {
			row = d->p->rows.member[r->first + j];
			inside += d->task_of[row] > 0 && d->task_of[row] <= tasks;
		}
		put(d, r->n);
		put(d, inside);
		for (j = 0; j < r->n; j++) {
			row = d->p->rows.member[r->first + j];
			if (d->task_of[row] > 0 && d->task_of[row] <= tasks)
				put(d, d->task_of[row] - 1);
		}
	}
	strbuf_putc(&d->text, '\n');
}

/* The number of lanes of each CPU's interrupts, file and device, in the order of the picture. */
static void
put_call_rows(struct data *d)
{
	size_t i;

	for (i = 0; i < d->ncalls; i++)
		put(d, d->calls[i].lanes);
	strbuf_putc(&d->text, '\n');
}

/* The names of the states, and their classes in the style sheet. */
static void
put_looks(struct data *d)
{
	enum chart_state s;

	for (s = 0; s < CHART_LOOKS; s++) {
		strbuf_add(&d->text, str_of(svgchart_name(s)));
		strbuf_putc(&d->text, s + 1 < CHART_LOOKS ? '|' : '\n');
	}
	for (s = 0; s < CHART_LOOKS; s++) {
		strbuf_add(&d->text, str_of(svgchart_class(s)));
		strbuf_putc(&d->text, s + 1 < CHART_LOOKS ? '|' : '\n');
	}
}

/* Say how much is inside. */
static void
put_inside(struct data *d, size_t tasks)
{
	struct svg_text t = { 0 };
	size_t i, calls = 0, rows = 0;

	if (tasks < d->p->ntid)
		svg_add(&t, "%s of ", units_count(tasks).s);
	else
		svg_add(&t, "all ");
	svgchart_add_count(&t, d->p->ntid, "task");
	svg_add(&t, ", ");
	if (d->intervals_inside < d->intervals)
		svg_add(&t, "%s of ", units_count(d->intervals_inside).s);
	svgchart_add_count(&t, d->intervals, "interval");
	for (i = 0; i < d->ncalls; i++)
		if (d->calls[i].row != NULL && d->calls[i].row->kind != CHART_INTERRUPTS) {
			calls += d->calls[i].lanes > 0;
			rows++;
		}
	if (rows > 0)
		svg_add(&t, ", %zu of %zu files and devices", calls, rows);
	strbuf_add(&d->text, svg_str(&t));
	strbuf_putc(&d->text, '\n');
}

/* A line of numbers; the stacks, kinds, tasks, CPUs, rows, and lanes of calls, a line each; the
 * looks; what is inside; the functions; the names. */
static void
put_tables(struct data *d, size_t tasks)
{
	const struct svgchart *p = d->p;
	const struct svgchart_scale *scale = &p->scale;
	const int64_t head[] = { VERSION, bins_signed(scale->lo), (int64_t)(scale->hi - scale->lo),
		bins_signed(scale->zero), (int64_t)tasks, (int64_t)d->p->ntid,
		(int64_t)(d->inside - tasks), (int64_t)d->intervals_inside, (int64_t)d->intervals,
		(int64_t)d->stacks_out, SVGCHART_LEFT, scale->plot, p->axis_y, p->plot_end,
		(int64_t)d->functions.n };
	char number[TEXT_NUMBER];
	size_t i;

	for (i = 0; i < sizeof head / sizeof *head; i++) {
		strbuf_add_bytes(&d->text, number, text_put_s64(number, head[i]));
		strbuf_putc(&d->text, i + 1 < sizeof head / sizeof *head ? ' ' : '\n');
	}
	put_stacks(d);
	put_kinds(d);
	put_tasks(d);
	put_rows(d, tasks);
	put_call_rows(d);
	put_looks(d);
	put_inside(d, tasks);
	put_texts(d, &d->functions);
	put_texts(d, &d->names);
	put_text(d);
}

/* A button for each state that a lane may show, besides what CPUs do. */
static void
put_buttons(const struct data *d)
{
	bool used[CHART_LOOKS] = { false };
	enum chart_state s;
	size_t i;

	for (i = 0; i < d->nkind; i++)
		used[d->kind[i].is.state] = true;
	for (s = 0; s < CHART_LOOKS; s++)
		if ((s < CHART_TASK_STATES || s > CHART_CPU_UNKNOWN) && used[s])
			svg_put(d->p->out,
			    "<button type=\"button\" data-off=\"%d\"><i></i>%s</button>\n", s,
			    svgchart_name(s));
}

static void
put_script(const struct data *d)
{
	struct out *o = d->p->out;

	svg_put(o, "<style>");
	out_bytes(o, timechart_css, sizeof timechart_css);
	svg_put(o, "</style>\n<metadata>");
	out_bytes(o, timechart_html_top, sizeof timechart_html_top);
	svgchart_page_head(d->p);
	out_bytes(o, timechart_html_bar, sizeof timechart_html_bar);
	put_buttons(d);
	out_bytes(o, timechart_html_keys, sizeof timechart_html_keys);
	svgchart_page_legend(d->p);
	out_bytes(o, timechart_html_rest, sizeof timechart_html_rest);
	svg_put(o, "</metadata>\n<metadata><head xmlns=\"http://www.w3.org/1999/xhtml\"><meta "
		   "name=\"viewport\" "
		   "content=\"width=device-width\"/><meta http-equiv=\"Content-Security-Policy\" "
		   "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src "
		   "'sha256-" TIMECHART_SHA256 "'\"/></head></metadata>\n<script><![CDATA[");
	out_bytes(o, timechart_js, sizeof timechart_js);
	svg_put(o, "]]></script>\n");
}

static void
free_data(struct data *d)
{
	size_t i;

	for (i = 0; i < d->nhead; i++)
		free(d->head[i].function);
	free(d->head);
	free(d->lane);
	free(d->task_of);
	free(d->task);
	free(d->rank);
	free(d->kind);
	free(d->number);
	for (i = 0; i < d->ncalls; i++) {
		free(d->calls[i].lane);
		free(d->calls[i].call);
	}
	free(d->calls);
	intern_free(&d->call_kinds);
	free(d->charged);
	intern_free(&d->kinds);
	free(d->stack);
	free(d->pair);
	intern_free(&d->names);
	intern_free(&d->functions);
	intern_free(&d->notes);
	free(d->function_of);
	hash_free(&d->nodes);
	hash_free(&d->stacks);
	hash_free(&d->irqs);
	strbuf_free(&d->text);
}

void
svgchart_data(const struct svgchart *p, size_t bytes)
{
	struct data d = { .p = p, .chart = p->chart, .budget = bytes };
	size_t i, tasks = 0;

	d.nhead = d.chart->nhead;
	d.head = mem_alloc((d.nhead + 1) * sizeof *d.head);
	list_lanes(&d);
	rank_kinds(&d);
	choose(&d);
	for (i = 0; i < d.inside; i++)
		tasks += !d.lane[i].cpu;
	number_kinds(&d);
	put_lanes(&d);
	put_tables(&d, tasks);
	put_script(&d);
	free_data(&d);
}
