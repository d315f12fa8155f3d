/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "chart_int.h"

/*
 * An interval takes about 8 bytes: numbers of 7 bits a byte, the lowest first. The first is the
 * kind and the flags that say what follows; the length is always there.
 */
enum { GAP = 1, COMM = 2, WAKER = 4, FLAGS = 3 };

enum { LEAST_PIECE = 48, MOST_PIECE = 4096, MOST_BYTES = 1 + 5 * 10 };

struct piece {
	struct piece *next;
	uint32_t n, cap;
	uint8_t byte[];
};

/* The intervals of a row, in the order in which they came. */
struct list {
	struct piece *first, *last;
	int64_t end;   /* of the last one */
	uint32_t comm; /* its name */
	size_t n;
};

struct kind {
	struct chart_kind is;
	uint64_t used; /* how many intervals have it */
};

enum { RECENT = 65536 };

struct chart_intervals {
	struct list *list; /* by row */
	size_t nlist, cap;
	struct intern kinds, comms;
	struct kind *kind;
	size_t nkind, kind_cap;
	uint32_t recent[RECENT]; /* by some bits of a kind: one of those bits */
	struct arena arena;
};

struct chart_intervals *
chart_intervals_new(void)
{
	return mem_alloc(sizeof(struct chart_intervals));
}

static const struct words {
	const char *word[8];
} edges = { { [CHART_INFERRED] = "inferred",
    [CHART_EDGE_UNKNOWN] = "unknown",
    [CHART_OPEN] = "open",
    [CHART_LOST] = "lost" } },
  contexts = { { [CHART_TASK] = "task",
      [CHART_HARDIRQ] = "hardirq",
      [CHART_SOFTIRQ] = "softirq",
      [CHART_NMI] = "nmi",
      [CHART_CONTEXT_UNKNOWN] = "unknown" } },
  wakes = { { [CHART_WAKEUP] = "wakeup", [CHART_NEW] = "new", [CHART_WAKING] = "waking" } };

/* The number of a word, the last number if it is not known. */
static uint8_t
number_of(const struct words *w, struct str s)
{
	uint8_t i;

	for (i = 0; i < 7; i++)
		if (w->word[i] != NULL && str_eq(s, str_of(w->word[i])))
			return i;
	return 7;
}

/* Read the pairs that say how an interval began and ended. Returns the waker's tid, or -1. */
static int32_t
read_info(struct str info, struct chart_kind *kind)
{
	struct str pair, key;
	const char *eq;
	uint64_t tid;
	int32_t waker = -1;

	if (str_none(info))
		return -1;
	while ((pair = str_word(&info)).n > 0) {
		if ((eq = memchr(pair.p, '=', pair.n)) == NULL)
			continue;
		key = (struct str){ pair.p, (size_t)(eq - pair.p) };
		pair = (struct str){ eq + 1, pair.n - key.n - 1 };
		if (str_eq(key, STR("waker")) && text_u64(pair.p, pair.p + pair.n, &tid) != NULL &&
		    tid <= INT32_MAX)
			waker = (int32_t)tid;
		else if (str_eq(key, STR("context")))
			kind->context = number_of(&contexts, pair);
		else if (str_eq(key, STR("wake")))
			kind->wake = number_of(&wakes, pair);
		else if (str_eq(key, STR("begin")))
			kind->begin = number_of(&edges, pair);
		else if (str_eq(key, STR("end")))
			kind->end = number_of(&edges, pair);
	}
	kind->waker = waker >= 0;
	return waker;
}

/* --- packing */

static uint8_t *
put_number(uint8_t *p, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*p++ = (uint8_t)(v | 0x80);
	*p++ = (uint8_t)v;
	return p;
}

static const uint8_t *
get_number(const uint8_t *p, uint64_t *v)
{
	int shift = 0;

	for (*v = 0; *p & 0x80; shift += 7)
		*v |= (uint64_t)(*p++ & 0x7f) << shift;
	*v |= (uint64_t)*p++ << shift;
	return p;
}

/* Signed numbers near 0 as small unsigned ones. */
static uint64_t
fold_sign(uint64_t v)
{
	return v >> 63 ? ~(v << 1) : v << 1;
}

static uint64_t
unfold_sign(uint64_t v)
{
	return v & 1 ? ~(v >> 1) : v >> 1;
}

static struct list *
list_of(struct chart_intervals *in, uint32_t row)
{
	while (in->nlist <= row) {
		in->list = mem_grow(in->list, in->nlist, &in->cap, sizeof *in->list);
		in->list[in->nlist++] = (struct list){ .comm = INTERN_NONE };
	}
	return &in->list[row];
}

static uint8_t *
room(struct chart_intervals *in, struct list *list)
{
	struct piece *last = list->last;
	uint32_t cap;

	if (last != NULL && last->cap - last->n >= MOST_BYTES)
		return last->byte + last->n;
	cap = last == NULL ? LEAST_PIECE : 2 * last->cap < MOST_PIECE ? 2 * last->cap : MOST_PIECE;
	cap = cap < MOST_BYTES ? MOST_BYTES + 5 : cap;
	last = arena_take(&in->arena, (sizeof *last + cap + 7) & ~(size_t)7);
	*last = (struct piece){ .cap = cap };
	if (list->last != NULL)
		list->last->next = last;
	else
		list->first = last;
	list->last = last;
	return last->byte;
}

/* The number of a kind. A table of recent ones spares a tenth of all time in states2svg. */
static uint32_t
kind_of(struct chart_intervals *in, const struct chart_kind *k)
{
	uint64_t bits = k->stack ^ (uint64_t)k->cpu << 3 ^ k->state ^ (uint64_t)k->context << 5;
	uint32_t *id = &in->recent[bits % RECENT];

	if (*id < in->kinds.n && memcmp(&in->kind[*id].is, k, sizeof *k) == 0)
		return *id;
	*id = intern_put(&in->kinds, (struct str){ (const char *)k, sizeof *k });
	in->kind = mem_grow(in->kind, in->nkind, &in->kind_cap, sizeof *in->kind);
	if (*id == in->nkind)
		in->kind[in->nkind++] = (struct kind){ .is = *k };
	return *id;
}

static void
add(struct chart_intervals *in, uint32_t row, const struct chart_kind *kind,
    const struct chart_interval *i)
{
	struct list *list = list_of(in, row);
	uint64_t id = kind_of(in, kind);
	uint64_t gap = (uint64_t)i->t - (uint64_t)list->end;
	bool named = i->comm != list->comm;
	uint8_t *from = room(in, list), *p = from;

	p = put_number(p,
	    id << FLAGS | (gap != 0 ? GAP : 0) | (named ? COMM : 0) | (i->waker >= 0 ? WAKER : 0));
	if (gap != 0)
		p = put_number(p, fold_sign(gap));
	p = put_number(p, (uint64_t)i->end - (uint64_t)i->t);
	if (named)
		p = put_number(p, i->comm);
	if (i->waker >= 0)
		p = put_number(p, (uint64_t)i->waker);
	list->last->n += (uint32_t)(p - from);
	list->end = i->end;
	list->comm = i->comm;
	list->n++;
	in->kind[id].used++;
}

void
chart_intervals_add(struct chart *c, const struct rec *r, uint32_t row, enum chart_state s)
{
	struct chart_intervals *in = c->intervals;
	struct chart_kind kind = { .state = (uint8_t)s, .cpu = r->cpu, .prio = INT32_MIN };
	struct chart_interval i = { .t = r->t, .waker = -1, .comm = INTERN_NONE };

	if (r->kind == REC_STATE) {
		i.end = r->state.end;
		i.comm = intern_put(&in->comms, r->state.comm);
		if (r->state.prio > INT32_MIN && r->state.prio <= INT32_MAX)
			kind.prio = (int32_t)r->state.prio;
		kind.stack = chart_stacks_key(c->stacks, r->machine, r->state.stack);
		i.waker = read_info(r->state.info, &kind);
	} else {
		i.end = r->cpustate.end;
		read_info(r->cpustate.info, &kind);
	}
	if (i.t < i.end)
		add(in, row, &kind, &i);
}

/* --- unpacking */

static int
by_time(const void *a, const void *b, void *intervals)
{
	const struct chart_interval *x = a, *y = b;
	const struct chart_intervals *in = intervals;
	int d = ORDER(x->t, y->t);

	d = d != 0 ? d : ORDER(y->end, x->end);
	d = d != 0 ? d : ORDER(x->waker, y->waker);
	if (d == 0 && x->kind != y->kind)
		d = chart_order(intern_str(&in->kinds, x->kind), intern_str(&in->kinds, y->kind));
	if (d == 0 && x->comm != y->comm)
		d = chart_order(intern_str(&in->comms, x->comm), intern_str(&in->comms, y->comm));
	return d;
}

static const uint8_t *
get_interval(const uint8_t *p, const struct chart_interval *before, struct chart_interval *i)
{
	uint64_t v, kind;

	p = get_number(p, &kind);
	*i = (struct chart_interval){ .t = before->end,
		.kind = (uint32_t)(kind >> FLAGS),
		.waker = -1,
		.comm = before->comm };
	if (kind & GAP) {
		p = get_number(p, &v);
		i->t = (int64_t)((uint64_t)i->t + unfold_sign(v));
	}
	p = get_number(p, &v);
	i->end = (int64_t)((uint64_t)i->t + v);
	if (kind & COMM) {
		p = get_number(p, &v);
		i->comm = (uint32_t)v;
	}
	if (kind & WAKER) {
		p = get_number(p, &v);
		i->waker = (int32_t)v;
	}
	return p;
}

/* Cut what overlaps; no fold writes such records. Returns how many are left. */
static size_t
untangle(struct chart_interval *list, size_t n)
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++) {
		if (kept > 0 && list[i].t < list[kept - 1].end)
			list[i].t = list[kept - 1].end;
		if (list[i].t < list[i].end)
			list[kept++] = list[i];
	}
	return kept;
}

size_t
chart_intervals(const struct chart *c, uint32_t row, struct chart_interval **list)
{
	struct chart_intervals *in = c->intervals;
	struct chart_interval before = { .comm = INTERN_NONE };
	const struct list *from = row < in->nlist ? &in->list[row] : NULL;
	const struct piece *piece;
	const uint8_t *p;
	bool sorted = true;
	size_t n = 0;

	*list = NULL;
	if (from == NULL || from->n == 0)
		return 0;
	*list = mem_resize(NULL, from->n, sizeof **list);
	for (piece = from->first; piece != NULL; piece = piece->next)
		for (p = piece->byte; p < piece->byte + piece->n; before = (*list)[n++]) {
			p = get_interval(p, &before, &(*list)[n]);
			sorted = sorted && (n == 0 || (*list)[n].t >= before.end);
		}
	if (sorted)
		return n;
	qsort_r(*list, n, sizeof **list, by_time, in);
	return untangle(*list, n);
}

size_t
chart_intervals_of(const struct chart *c, uint32_t row)
{
	return row < c->intervals->nlist ? c->intervals->list[row].n : 0;
}

size_t
chart_kinds(const struct chart *c)
{
	return c->intervals->nkind;
}

const struct chart_kind *
chart_kind(const struct chart *c, uint32_t id)
{
	return &c->intervals->kind[id].is;
}

uint64_t
chart_kind_used(const struct chart *c, uint32_t id)
{
	return c->intervals->kind[id].used;
}

struct str
chart_interval_comm(const struct chart *c, const struct chart_interval *i)
{
	return i->comm == INTERN_NONE ? STR_NONE : intern_str(&c->intervals->comms, i->comm);
}

void
chart_intervals_free(struct chart_intervals *in)
{
	if (in == NULL)
		return;
	free(in->list);
	free(in->kind);
	intern_free(&in->kinds);
	intern_free(&in->comms);
	arena_free(&in->arena);
	free(in);
}
