/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "chart_int.h"

/*
 * An interval takes an entry of 12 bytes. It begins at the end of the one before and has its name;
 * if not, or if it is longer than 4 s, two entries precede it: MORE with the gap, and one with the
 * name and the higher half of the length.
 */
struct entry {
	uint32_t kind;
	union {
		struct {
			uint32_t length;
			int32_t waker;
		};
		uint32_t gap[2];
	};
};

#define MORE UINT32_MAX

enum { LEAST_PIECE = 4, MOST_PIECE = 256, ENTRIES = 3 /* the most of an interval */ };

struct piece {
	struct piece *next;
	struct entry *end; /* set when the next one begins */
	struct entry entry[];
};

/* The intervals of a row, in the order in which they came. */
struct list {
	struct piece *first, *last;
	struct entry *at;    /* the end of the last one's entries */
	uint16_t left, size; /* entries of the last piece */
	bool tangled;        /* some are not in order, or overlap */
	int64_t end;         /* of the last interval */
	uint32_t comm;       /* its name */
	uint32_t n;
};

struct kind {
	struct chart_kind is;
	uint64_t used; /* how many intervals have it */
};

/* Intervals that are packed together: each look-up is likely to be a cache miss, which then
 * overlap. */
enum { PENDING = 64, RECENT = 32768 };

struct pending {
	struct chart_kind kind;
	struct chart_interval is; /* without the number of its kind */
	uint32_t row;
};

struct chart_intervals {
	struct list *list; /* by row */
	size_t nlist, cap;
	struct intern kinds, comms;
	struct kind *kind;
	size_t nkind, kind_cap;
	uint32_t recent[RECENT][2]; /* by some bits of a kind: the last two of those bits */
	struct pending pending[PENDING];
	size_t npending;
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

/* Read one of the pairs that say how an interval began and ended. */
static void
read_pair(struct str pair, struct chart_kind *kind, int32_t *waker)
{
	const char *eq = memchr(pair.p, '=', pair.n);
	struct str key, value;
	uint64_t tid;

	if (eq == NULL)
		return;
	key = (struct str){ pair.p, (size_t)(eq - pair.p) };
	value = (struct str){ eq + 1, pair.n - key.n - 1 };
	if (str_eq(key, STR("waker")) && text_u64(value.p, value.p + value.n, &tid) != NULL &&
	    tid <= INT32_MAX)
		*waker = (int32_t)tid;
	else if (str_eq(key, STR("context")))
		kind->context = number_of(&contexts, value);
	else if (str_eq(key, STR("wake")))
		kind->wake = number_of(&wakes, value);
	else if (str_eq(key, STR("begin")))
		kind->begin = number_of(&edges, value);
	else if (str_eq(key, STR("end")))
		kind->end = number_of(&edges, value);
}

/* Read all pairs; most begin with another letter than those above. Returns the waker's tid, or -1.
 */
static int32_t
read_info(struct str info, struct chart_kind *kind)
{
	const char *p = info.p, *end = p + info.n, *blank;
	int32_t waker = -1;

	for (; p < end; p = blank + 1) {
		if ((blank = memchr(p, ' ', (size_t)(end - p))) == NULL)
			blank = end;
		if (*p == 'w' || *p == 'c' || *p == 'b' || *p == 'e')
			read_pair((struct str){ p, (size_t)(blank - p) }, kind, &waker);
	}
	kind->waker = waker >= 0;
	return waker;
}

/* --- packing */

static struct list *
list_of(struct chart_intervals *in, uint32_t row)
{
	while (in->nlist <= row) {
		in->list = mem_grow(in->list, in->nlist, &in->cap, sizeof *in->list);
		in->list[in->nlist++] = (struct list){ .comm = INTERN_NONE };
	}
	return &in->list[row];
}

/* Make room for an interval. */
static void
add_piece(struct chart_intervals *in, struct list *list)
{
	uint32_t size = list->first == NULL ? LEAST_PIECE : 2 * list->size;
	struct piece *piece;

	size = size < MOST_PIECE ? size : MOST_PIECE;
	piece = arena_take(&in->arena, sizeof *piece + size * sizeof *piece->entry);
	piece->next = NULL;
	if (list->first == NULL) {
		list->first = piece;
	} else {
		list->last->end = list->at;
		list->last->next = piece;
	}
	list->last = piece;
	list->at = piece->entry;
	list->size = list->left = (uint16_t)size;
}

/* The kinds that were last in a kind's place in the table of recent ones, and are likely to be the
 * same. */
static uint32_t *
recent(struct chart_intervals *in, const struct chart_kind *k)
{
	uint64_t word[sizeof *k / sizeof(uint64_t)];

	memcpy(word, k, sizeof *k);
	return in->recent[(word[0] ^ word[1] ^ word[2]) * 0x9e3779b97f4a7c15 >> 48 & (RECENT - 1)];
}

static inline bool
is_kind(const struct chart_intervals *in, uint32_t id, const struct chart_kind *k)
{
	uint64_t a[sizeof *k / sizeof(uint64_t)], b[sizeof *k / sizeof(uint64_t)];

	if (id >= in->nkind)
		return false;
	memcpy(a, k, sizeof *k);
	memcpy(b, &in->kind[id].is, sizeof *k);
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

/* Find or add the number of a kind that is not the most recent one of its place. */
static uint32_t
kind_of(struct chart_intervals *in, const struct chart_kind *k)
{
	uint32_t *last = recent(in, k), id = last[1];

	if (!is_kind(in, id, k)) {
		id = intern_put(&in->kinds, (struct str){ (const char *)k, sizeof *k });
		in->kind = mem_grow(in->kind, in->nkind, &in->kind_cap, sizeof *in->kind);
		if (id == in->nkind)
			in->kind[in->nkind++] = (struct kind){ .is = *k };
	}
	last[1] = last[0];
	last[0] = id;
	return id;
}

static void
add(struct chart_intervals *in, uint32_t row, const struct chart_interval *i)
{
	struct list *list = list_of(in, row);
	uint64_t gap = (uint64_t)i->t - (uint64_t)list->end;
	uint64_t length = (uint64_t)i->end - (uint64_t)i->t;
	struct entry *e;

	if (list->left < ENTRIES)
		add_piece(in, list);
	e = list->at;
	if (gap != 0 || i->comm != list->comm || length > UINT32_MAX) {
		*e++ = (struct entry){ .kind = MORE, .gap = { (uint32_t)gap, gap >> 32 } };
		*e++ = (struct entry){ .kind = i->comm, .length = length >> 32 };
	}
	*e++ = (struct entry){ .kind = i->kind, .length = (uint32_t)length, .waker = i->waker };
	list->left = (uint16_t)(list->left - (e - list->at));
	list->at = e;
	list->tangled |= list->n > 0 && i->t < list->end;
	list->end = i->end;
	list->comm = i->comm;
	list->n++;
}

/* Find the kinds of the pending intervals, and pack them. */
static void
pack(struct chart_intervals *in)
{
	struct pending *p, *end = in->pending + in->npending;
	const struct list *list;

	for (p = in->pending; p < end; p++) {
		p->is.kind = *recent(in, &p->kind);
		list = list_of(in, p->row);
		__builtin_prefetch(list->at, 1);
	}
	for (p = in->pending; p < end && in->nkind > 0; p++)
		__builtin_prefetch(&in->kind[p->is.kind]);
	for (p = in->pending; p < end; p++) {
		if (!is_kind(in, p->is.kind, &p->kind))
			p->is.kind = kind_of(in, &p->kind);
		in->kind[p->is.kind].used++;
		add(in, p->row, &p->is);
	}
	in->npending = 0;
}

void
chart_intervals_add(struct chart_intervals *in, const struct rec *r, uint32_t row,
    enum chart_state s, uint64_t stack)
{
	struct pending *p;

	if (in->npending == PENDING)
		pack(in);
	p = &in->pending[in->npending];
	*p = (struct pending){
		.kind = { .stack = stack, .state = (uint8_t)s, .cpu = r->cpu, .prio = INT32_MIN },
		.is = { .t = r->t, .waker = -1, .comm = INTERN_NONE },
		.row = row,
	};
	if (r->kind == REC_STATE) {
		p->is.end = r->state.end;
		p->is.comm = intern_put(&in->comms, r->state.comm);
		if (r->state.prio > INT32_MIN && r->state.prio <= INT32_MAX)
			p->kind.prio = (int32_t)r->state.prio;
		p->is.waker = read_info(r->state.info, &p->kind);
	} else {
		p->is.end = r->cpustate.end;
		read_info(r->cpustate.info, &p->kind);
	}
	in->npending += p->is.t < p->is.end;
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

/* Get the interval at e, from the end and the name of the one before. Returns the next one's place.
 * Fields are copied one by one: a copy of what was just written in smaller parts would wait for it.
 */
static inline const struct entry *
get_interval(const struct entry *e, int64_t *end, uint32_t *comm, struct chart_interval *i)
{
	uint64_t t = (uint64_t)*end, length = 0;

	if (e->kind == MORE) {
		t += (uint64_t)e->gap[1] << 32 | e->gap[0];
		*comm = e[1].kind;
		length = (uint64_t)e[1].length << 32;
		e += 2;
	}
	*end = (int64_t)(t + (length | e->length));
	i->t = (int64_t)t;
	i->end = *end;
	i->kind = e->kind;
	i->comm = *comm;
	i->waker = e->waker;
	return e + 1;
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

static const struct entry *
piece_end(const struct list *list, const struct piece *piece)
{
	return piece == list->last ? list->at : piece->end;
}

static size_t
unpack(const struct list *from, struct chart_interval *to)
{
	struct chart_interval *i = to;
	uint32_t comm = INTERN_NONE;
	const struct piece *piece;
	int64_t end = 0;
	const struct entry *p;

	for (piece = from->first; piece != NULL; piece = piece->next)
		for (p = piece->entry; p < piece_end(from, piece); i++)
			p = get_interval(p, &end, &comm, i);
	return (size_t)(i - to);
}

/* The intervals of a row in the order in which they came, cut to the window. */
struct cursor {
	const struct list *list;
	const struct piece *piece;
	const struct entry *p;
	int64_t end;
	uint32_t comm;
};

static struct cursor
cursor(const struct list *list)
{
	return (struct cursor){ list, list->first, list->first != NULL ? list->first->entry : NULL,
		0, INTERN_NONE };
}

static bool
cursor_next(const struct chart *c, struct cursor *at, struct chart_interval *i)
{
	while (at->piece != NULL && at->p == piece_end(at->list, at->piece)) {
		at->piece = at->piece->next;
		at->p = at->piece != NULL ? at->piece->entry : NULL;
	}
	if (at->piece == NULL)
		return false;
	at->p = get_interval(at->p, &at->end, &at->comm, i);
	i->t = i->t > c->time.from ? i->t : c->time.from;
	i->end = i->end < c->time.to ? i->end : c->time.to;
	return true;
}

/* Sum up the states of a task in its lanes, by way of others. */
static void
sum_up(struct chart *c, const struct list *list, uint32_t lanes)
{
	const struct chart_row *row = &c->rows.row[list - c->intervals->list];
	struct cursor at = cursor(list);
	struct chart_interval i;
	enum chart_state s;

	if (row->key.cpu >= 0)
		return; /* they are in the bins */
	while (cursor_next(c, &at, &i))
		bins_add(&c->bins, lanes + chart_kind(c, i.kind)->state, i.t, i.end, 1);
	for (s = 0; s < CHART_TASK_STATES; s++)
		bins_move(&c->bins, lanes + s, chart_lane(row, s));
}

void
chart_intervals_end(struct chart *c)
{
	struct chart_intervals *in = c->intervals;
	uint32_t lanes = bins_lanes(&c->bins, CHART_TASK_STATES);
	const struct list *list;
	unsigned shift;

	pack(in);
	do {
		shift = c->bins.shift;
		for (list = in->list; list < in->list + in->nlist; list++)
			sum_up(c, list, lanes);
	} while (!bins_moved(&c->bins, shift));
}

void
chart_spread(const struct chart *c, uint32_t row, struct bins_cell *cell)
{
	const struct chart_intervals *in = c->intervals;
	size_t n = bins_count(&c->bins);
	struct chart_interval i;
	struct cursor at;

	if (row >= in->nlist)
		return;
	for (at = cursor(&in->list[row]); cursor_next(c, &at, &i);)
		bins_spread(&c->bins, i.t, i.end, cell + chart_kind(c, i.kind)->state * n);
}

static const struct list *
find_list(const struct chart *c, uint32_t row)
{
	const struct chart_intervals *in = c->intervals;

	return row < in->nlist && in->list[row].n > 0 ? &in->list[row] : NULL;
}

size_t
chart_intervals(const struct chart *c, uint32_t row, struct chart_interval **list)
{
	const struct list *from = find_list(c, row);
	size_t n;

	*list = NULL;
	if (from == NULL)
		return 0;
	*list = mem_resize(NULL, from->n, sizeof **list);
	n = unpack(from, *list);
	if (!from->tangled)
		return n;
	qsort_r(*list, n, sizeof **list, by_time, c->intervals);
	return untangle(*list, n);
}

void
chart_walk_start(struct chart_walk *w, const struct chart *c, uint32_t row)
{
	const struct list *from = find_list(c, row);

	*w = (struct chart_walk){ .comm = INTERN_NONE };
	if (from == NULL)
		return;
	if (from->tangled) {
		w->n = chart_intervals(c, row, &w->list);
		return;
	}
	w->row = from;
	w->piece = from->first;
	w->at = from->first->entry;
}

bool
chart_walk_next(struct chart_walk *w, struct chart_interval *i)
{
	const struct piece *piece = w->piece;

	if (w->n > 0) {
		*i = w->list[w->used++];
		w->n--;
		return true;
	}
	while (piece != NULL && w->at == piece_end(w->row, piece)) {
		w->piece = piece = piece->next;
		w->at = piece != NULL ? piece->entry : NULL;
	}
	if (piece == NULL)
		return false;
	w->at = get_interval(w->at, &w->end, &w->comm, i);
	return true;
}

void
chart_walk_end(struct chart_walk *w)
{
	free(w->list);
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
