/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "chart_int.h"

/*
 * A packed interval takes about 6 bytes:
 *
 *	the head
 *	the rest: what it does not share with the interval before it
 *	its kind, as the difference from the kind before
 *	its length in ns
 *	its waker, as the difference from the last waker of the row
 *
 * Differences are folded: 0, -1, 1, -2, ... The head gives the sizes in bytes:
 *
 *	bits 0-1  of the kind, less 1
 *	bits 2-3  of the length, less 1
 *	bits 4-5  of the waker, an index of waker_size; 0: it has none
 *	bits 6-7  of the rest, an index of rest_size:
 *		  0: none; it starts when the one before ends, and has the same name
 *		  1: the gap between the two
 *		  2: a gap of 64 bits, the name, and the higher half of the length
 */
enum { LENGTH = 2, WAKER = 4, REST = 6 };

/* The predecessor of the first interval of a row. */
static const struct chart_last first = { .comm = INTERN_NONE };

static const uint8_t waker_size[4] = { 0, 0, 2, 4 }, rest_size[4] = { 0, 4, 16, 0 };
static const uint32_t waker_mask[4] = { 0, 0, 0xffff, 0xffffffff };

enum {
	LEAST_PIECE = 64,
	MOST_PIECE = 1024 /* bytes */,
	SLACK = 4 /* bytes after the last number that may be read and written */
};

struct piece {
	struct piece *next;
	unsigned char *end; /* set when the next one begins */
	unsigned char bytes[];
};

/* The intervals of a row, in the order of the stream. */
struct list {
	struct piece *first, *last;
	unsigned char *at;   /* the end of the last one's bytes */
	uint16_t left, size; /* bytes of the last piece */
	bool tangled;        /* some are out of order, or overlap */
	uint32_t n;
	struct chart_last before;
};

/* Intervals that are packed together, so that the cache misses of their look-ups overlap. */
enum { PENDING = 64, LEAST_SLOTS = 1024 };

struct pending {
	struct chart_kind kind;
	struct chart_interval is; /* without the number of its kind */
	uint32_t row, hash;
};

struct chart_intervals {
	struct list *list; /* by row */
	size_t nlist, cap;
	struct intern comms;
	struct chart_used *kind;
	size_t nkind, kind_cap;
	uint32_t *slot; /* by the hash of a kind: 1 + its number, 0 if it is free */
	size_t slots;   /* a power of two */
	uint32_t *same; /* by kind: the first that equals it; NULL: they differ */
	struct hash_key key;
	struct pending pending[PENDING];
	size_t npending;
	struct arena arena;
};

struct chart_intervals *
chart_intervals_new(void)
{
	struct chart_intervals *in = mem_alloc(sizeof *in);

	hash_key_draw(&in->key);
	in->slots = LEAST_SLOTS;
	in->slot = mem_alloc(in->slots * sizeof *in->slot);
	return in;
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

/* Cut a key off a pair; false if the pair has another one. */
static inline bool
cut_key(struct str *pair, const char *key)
{
	if (!str_starts(*pair, key))
		return false;
	pair->p += strlen(key);
	pair->n -= strlen(key);
	return true;
}

/* Read one of the pairs that describe the start and the end of an interval. */
static void
read_pair(struct str pair, struct chart_kind *kind, int32_t *waker)
{
	uint64_t tid;

	if (cut_key(&pair, "waker=")) {
		if (text_u64(pair.p, pair.p + pair.n, &tid) != NULL && tid <= INT32_MAX)
			*waker = (int32_t)tid;
	} else if (cut_key(&pair, "context=")) {
		kind->context = number_of(&contexts, pair);
	} else if (cut_key(&pair, "wake=")) {
		kind->wake = number_of(&wakes, pair);
	} else if (cut_key(&pair, "begin=")) {
		kind->begin = number_of(&edges, pair);
	} else if (cut_key(&pair, "end=")) {
		kind->end = number_of(&edges, pair);
	}
}

/* Read all pairs. Returns the waker's tid, or -1. Most pairs start with another letter than those
 * above. */
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

/* --- kinds */

static uint32_t
hash_of(const struct chart_intervals *in, const struct chart_kind *k)
{
	uint64_t word[sizeof *k / sizeof(uint64_t)];

	memcpy(word, k, sizeof *k);
	return (uint32_t)hash_fold(
	    hash_fold(word[0] ^ in->key.a, word[1] ^ in->key.b), word[2] ^ in->key.b);
}

/* The slot of a kind, or the free one where it belongs. */
static uint32_t *
find_kind(const struct chart_intervals *in, const struct chart_kind *k, uint32_t hash)
{
	size_t i = hash & (in->slots - 1);

	while (in->slot[i] != 0 && memcmp(&in->kind[in->slot[i] - 1].is, k, sizeof *k) != 0)
		i = (i + 1) & (in->slots - 1);
	return &in->slot[i];
}

static void
double_slots(struct chart_intervals *in)
{
	const struct chart_kind *k;
	size_t i;

	free(in->slot);
	in->slots *= 2;
	in->slot = mem_alloc(in->slots * sizeof *in->slot);
	for (i = 0; i < in->nkind; i++) {
		k = &in->kind[i].is;
		*find_kind(in, k, hash_of(in, k)) = (uint32_t)i + 1;
	}
}

/* Find or add the number of a kind, and count its use. */
static uint32_t
use_kind(struct chart_intervals *in, const struct chart_kind *k, uint32_t hash)
{
	uint32_t *slot = find_kind(in, k, hash);

	if (*slot == 0) {
		in->kind = mem_grow(in->kind, in->nkind, &in->kind_cap, sizeof *in->kind);
		in->kind[in->nkind++] = (struct chart_used){ .is = *k };
		*slot = (uint32_t)in->nkind;
	}
	in->kind[*slot - 1].used++;
	if (2 * in->nkind <= in->slots)
		return *slot - 1;
	double_slots(in);
	return *find_kind(in, k, hash) - 1;
}

/* --- packing */

/* Make the lists of all rows up to this one. */
static void
make_lists(struct chart_intervals *in, uint32_t row)
{
	while (in->nlist <= row) {
		in->list = mem_grow(in->list, in->nlist, &in->cap, sizeof *in->list);
		in->list[in->nlist++] = (struct list){ .before = first };
	}
}

/* Begin a piece with room for an interval. */
static void
add_piece(struct chart_intervals *in, struct list *list)
{
	uint32_t size = list->first == NULL ? LEAST_PIECE : 2 * list->size;
	struct piece *piece;

	size = size < MOST_PIECE ? size : MOST_PIECE;
	piece = arena_take(&in->arena, size);
	piece->next = NULL;
	if (list->first == NULL) {
		list->first = piece;
	} else {
		list->last->end = list->at;
		list->last->next = piece;
	}
	list->last = piece;
	list->at = piece->bytes;
	list->size = (uint16_t)size;
	list->left = (uint16_t)(size - sizeof *piece - SLACK);
}

/* Put the lower n bytes of a number; overwrites up to 4. Returns where they end. */
static inline unsigned char *
put_bytes(unsigned char *p, uint32_t v, unsigned n)
{
	p[0] = (unsigned char)v;
	p[1] = (unsigned char)(v >> 8);
	p[2] = (unsigned char)(v >> 16);
	p[3] = (unsigned char)(v >> 24);
	return p + n;
}

static inline uint32_t
get_bytes(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The number of bytes that a number takes, less 1. */
static inline unsigned
size_of(uint32_t v)
{
	return (31 - (unsigned)__builtin_clz(v | 1)) / 8;
}

static inline uint32_t
fold_difference(uint32_t from, uint32_t to)
{
	uint32_t d = to - from;

	return d << 1 ^ (0 - (d >> 31));
}

static inline uint32_t
add_folded(uint32_t from, uint32_t folded)
{
	return from + (folded >> 1 ^ (0 - (folded & 1)));
}

/* The form of what an interval does not share with the one before it. */
static unsigned
rest_of(const struct chart_last *before, const struct chart_interval *i)
{
	uint64_t gap = (uint64_t)i->t - (uint64_t)before->end;
	uint64_t length = (uint64_t)i->end - (uint64_t)i->t;

	return i->comm != before->comm || (gap | length) > UINT32_MAX ? 2 : gap > 0;
}

static void
add(struct chart_intervals *in, struct list *list, const struct chart_interval *i)
{
	struct chart_last *last = &list->before;
	uint64_t gap = (uint64_t)i->t - (uint64_t)last->end;
	uint64_t length = (uint64_t)i->end - (uint64_t)i->t;
	uint32_t kind = fold_difference(last->kind, i->kind);
	uint32_t waker = fold_difference(last->waker, (uint32_t)i->waker);
	unsigned k = size_of(kind), l = size_of((uint32_t)length), rest = rest_of(last, i);
	unsigned w = i->waker < 0 ? 0 : 1 + (waker > 0) + (waker > 0xffff);
	unsigned n = 3 + k + l + waker_size[w] + rest_size[rest];
	unsigned char *p;

	if (list->left < n)
		add_piece(in, list);
	p = list->at;
	*p++ = (unsigned char)(k | l << LENGTH | w << WAKER | rest << REST);
	if (rest > 0)
		p = put_bytes(p, (uint32_t)gap, 4);
	if (rest == 2) {
		p = put_bytes(p, gap >> 32, 4);
		p = put_bytes(p, i->comm, 4);
		p = put_bytes(p, length >> 32, 4);
	}
	p = put_bytes(p, kind, k + 1);
	p = put_bytes(p, (uint32_t)length, l + 1);
	if (w > 1)
		put_bytes(p, waker, waker_size[w]);
	list->left = (uint16_t)(list->left - n);
	list->at += n;
	list->tangled |= list->n > 0 && i->t < last->end;
	list->n++;
	last->end = i->end;
	last->comm = i->comm;
	last->kind = i->kind;
	last->waker = i->waker < 0 ? last->waker : (uint32_t)i->waker;
}

/* Bring a kind nearer to the processor; it may lie in two lines of its cache. */
static inline void
prefetch(const struct chart_used *kind)
{
	__builtin_prefetch(kind, 1);
	__builtin_prefetch(&kind->used, 1);
}

/* Find the kinds of the pending intervals, and pack them. */
static void
pack(struct chart_intervals *in)
{
	struct pending *p, *end = in->pending + in->npending;
	uint32_t id;

	for (p = in->pending; p < end; p++) {
		p->hash = hash_of(in, &p->kind);
		__builtin_prefetch(&in->slot[p->hash & (in->slots - 1)]);
		__builtin_prefetch(in->list[p->row].at, 1);
	}
	for (p = in->pending; p < end; p++) {
		id = in->slot[p->hash & (in->slots - 1)];
		if (id > 0)
			prefetch(&in->kind[id - 1]);
	}
	for (p = in->pending; p < end; p++) {
		p->is.kind = use_kind(in, &p->kind, p->hash);
		add(in, &in->list[p->row], &p->is);
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
	make_lists(in, row);
	__builtin_prefetch(&in->list[row]);
	p = &in->pending[in->npending++];
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
		d = memcmp(&in->kind[x->kind].is, &in->kind[y->kind].is, sizeof in->kind->is);
	if (d == 0 && x->comm != y->comm)
		d = chart_order(intern_str(&in->comms, x->comm), intern_str(&in->comms, y->comm));
	return d;
}

static void
start(struct chart_walk *w, const struct list *list)
{
	w->last = first;
	w->row = list;
	w->piece = list->first;
	w->at = w->end = NULL;
	w->next = w->stop = NULL;
	w->sorted = NULL;
}

/* Go on to the next piece. */
static bool
next_piece(struct chart_walk *w)
{
	const struct list *list = w->row;
	const struct piece *piece = w->piece;

	if (piece == NULL)
		return false;
	w->piece = piece->next;
	w->at = piece->bytes;
	w->end = piece == list->last ? list->at : piece->end;
	return true;
}

/* Unpack what an interval does not share with the one before. Returns where it ends. */
static const unsigned char *
unpack_rest(const unsigned char *p, unsigned rest, struct chart_last *last, uint64_t *length)
{
	uint64_t gap = get_bytes(p);

	if (rest == 2) {
		gap |= (uint64_t)get_bytes(p + 4) << 32;
		last->comm = get_bytes(p + 8);
		*length = (uint64_t)get_bytes(p + 12) << 32;
	}
	last->end = (int64_t)((uint64_t)last->end + gap);
	return p + rest_size[rest];
}

/* Unpack at most max intervals, in the order of the stream. Returns their number. */
static size_t
unpack(struct chart_walk *w, struct chart_interval *to, size_t max)
{
	struct chart_interval *i = to, *end = to + max;
	struct chart_last last = w->last;
	const unsigned char *p = w->at;
	uint64_t length;
	unsigned head, n;

	for (; i < end; i++) {
		if (p == w->end) {
			if (!next_piece(w))
				break;
			p = w->at;
		}
		length = 0;
		head = *p++;
		if (head >> REST > 0)
			p = unpack_rest(p, head >> REST, &last, &length);
		n = head & 3;
		last.kind = add_folded(last.kind, get_bytes(p) & UINT32_MAX >> (24 - 8 * n));
		p += n + 1;
		n = head >> LENGTH & 3;
		length |= get_bytes(p) & UINT32_MAX >> (24 - 8 * n);
		p += n + 1;
		n = head >> WAKER & 3;
		last.waker = add_folded(last.waker, get_bytes(p) & waker_mask[n]);
		p += waker_size[n];
		i->t = last.end;
		i->end = last.end = (int64_t)((uint64_t)last.end + length);
		i->kind = last.kind;
		i->comm = last.comm;
		i->waker = n == 0 ? -1 : (int32_t)last.waker;
	}
	w->at = p;
	w->last = last;
	return (size_t)(i - to);
}

/* Cut intervals that overlap; no fold writes such records. Returns the number that is left. */
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

/* Get the next interval, cut to the window. */
static inline bool
next_cut(const struct chart *c, struct chart_walk *w, struct chart_interval *i)
{
	if (!chart_walk_next(w, i))
		return false;
	i->t = i->t > c->time.from ? i->t : c->time.from;
	i->end = i->end < c->time.to ? i->end : c->time.to;
	return true;
}

/* --- sums */

/* What bins_add() would make of the intervals of a state: the last edge, the number of edges, and
 * the number of those that change nothing. */
struct tally {
	uint64_t ns, bin, edge_ns;
	uint32_t cover, n, empty;
};

/* A change of a state. The edges of a task whose intervals are out of order have to be sorted. */
struct edge {
	uint64_t bin, ns;
	uint32_t cover, state;
};

static void
end_edge(struct tally *y)
{
	y->empty += y->n > 0 && y->cover == 0 && y->edge_ns == 0;
}

static inline void
put_edge(struct tally *y, uint64_t bin, uint32_t cover, uint64_t ns)
{
	if (y->n == 0 || y->bin != bin) {
		end_edge(y);
		y->bin = bin;
		y->cover = 0;
		y->edge_ns = 0;
		y->n++;
	}
	y->cover += cover;
	y->edge_ns += ns;
}

/* Get the edges of an interval: two, or one if both are in one bin. Returns their number. */
static inline size_t
edges_of(const struct bins *b, const struct chart_interval *i, struct edge *e)
{
	uint64_t from = bins_time(i->t), to = bins_time(i->end);
	uint64_t within = ((uint64_t)1 << b->shift) - 1;

	e[0].bin = from >> b->shift;
	e[1].bin = to >> b->shift;
	e[0].cover = 1;
	e[1].cover = UINT32_MAX;
	e[0].ns = 0 - (from & within);
	e[1].ns = to & within;
	if (e[0].bin != e[1].bin)
		return 2;
	e[0].cover = 0;
	e[0].ns += e[1].ns;
	return 1;
}

static int
by_bin(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	int d = ORDER(x->state, y->state);

	return d != 0 ? d : ORDER(x->bin, y->bin);
}

/* Put the edges of a task whose intervals are out of order. */
static void
put_tangled(const struct chart *c, const struct list *list, struct tally *tally)
{
	struct edge *edge = mem_resize(NULL, 2 * (size_t)list->n, sizeof *edge), *e = edge, *end;
	struct chart_interval i;
	struct chart_walk w;

	for (start(&w, list); next_cut(c, &w, &i);) {
		e[0].state = e[1].state = chart_kind(c, &i)->state;
		e += edges_of(&c->bins, &i, e);
	}
	end = e;
	qsort(edge, (size_t)(end - edge), sizeof *edge, by_bin);
	for (e = edge; e < end; e++)
		put_edge(&tally[e->state], e->bin, e->cover, e->ns);
	free(edge);
}

/* Sum up the states of a task. Returns the number of edges beyond the first BINS_FREE of each. */
static size_t
sum_up(const struct chart *c, const struct list *list, struct chart_spent *spent)
{
	struct tally tally[CHART_TASK_STATES] = { { 0 } }, *y;
	struct chart_interval i;
	struct chart_walk w;
	struct edge e[2];
	size_t n, excess = 0;

	if (list->tangled)
		put_tangled(c, list, tally);
	for (start(&w, list); next_cut(c, &w, &i);) {
		y = &tally[chart_kind(c, &i)->state];
		y->ns += (uint64_t)i.end - (uint64_t)i.t;
		n = list->tangled ? 0 : edges_of(&c->bins, &i, e);
		if (n > 0)
			put_edge(y, e[0].bin, e[0].cover, e[0].ns);
		if (n > 1)
			put_edge(y, e[1].bin, e[1].cover, e[1].ns);
	}
	for (y = tally; y < tally + CHART_TASK_STATES; y++) {
		end_edge(y);
		*spent++ = (struct chart_spent){ y->ns, y->n - y->empty };
		excess += y->n > BINS_FREE ? y->n - BINS_FREE : 0;
	}
	return excess;
}

/* Make kinds equal whose stacks have the same text. A picture then does not depend on whether
 * stacks are inline. */
static void
merge_kinds(struct chart_intervals *in, struct chart_stacks *stacks)
{
	struct chart_used *k;
	uint32_t *slot, i;

	in->same = mem_resize(NULL, in->nkind + 1, sizeof *in->same);
	memset(in->slot, 0, in->slots * sizeof *in->slot);
	for (i = 0; i < in->nkind; i++) {
		k = &in->kind[i];
		k->is.stack = chart_stacks_same(stacks, k->is.stack);
		slot = find_kind(in, &k->is, hash_of(in, &k->is));
		if (*slot == 0) {
			*slot = i + 1;
		} else {
			in->kind[*slot - 1].used += k->used;
			k->used = 0;
		}
		in->same[i] = *slot - 1;
	}
}

void
chart_intervals_end(struct chart *c)
{
	struct chart_intervals *in = c->intervals;
	size_t excess, i;

	pack(in);
	c->kind = in->kind;
	c->nkind = in->nkind;
	for (i = 0; i < in->nkind; i++)
		chart_stacks_count(c->stacks, in->kind[i].is.stack, in->kind[i].used);
	if (chart_stacks_once(c->stacks))
		merge_kinds(in, c->stacks);
	c->spent = mem_alloc((c->rows.n + 1) * CHART_TASK_STATES * sizeof *c->spent);
	do {
		excess = 0;
		for (i = 0; i < in->nlist; i++)
			if (c->rows.row[i].key.cpu < 0)
				excess += sum_up(c, &in->list[i], &c->spent[i * CHART_TASK_STATES]);
	} while (!bins_spare(&c->bins, excess));
}

void
chart_spread(const struct chart *c, uint32_t row, struct bins_cell *cell)
{
	const struct chart_intervals *in = c->intervals;
	size_t n = bins_count(&c->bins);
	struct chart_interval i;
	struct chart_walk w;

	if (row >= in->nlist)
		return;
	for (start(&w, &in->list[row]); next_cut(c, &w, &i);)
		bins_spread(&c->bins, i.t, i.end, cell + chart_kind(c, &i)->state * n);
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
	struct chart_walk w;
	const uint32_t *same = c->intervals->same;
	size_t n, i;

	*list = NULL;
	if (from == NULL)
		return 0;
	*list = mem_resize(NULL, from->n, sizeof **list);
	start(&w, from);
	n = unpack(&w, *list, from->n);
	for (i = 0; same != NULL && i < n; i++)
		(*list)[i].kind = same[(*list)[i].kind];
	if (!from->tangled)
		return n;
	qsort_r(*list, n, sizeof **list, by_time, c->intervals);
	return untangle(*list, n);
}

void
chart_walk_start(struct chart_walk *w, const struct chart *c, uint32_t row)
{
	static const struct list none;
	const struct list *from = find_list(c, row);
	size_t n;

	start(w, from == NULL || from->tangled ? &none : from);
	if (from == NULL || !from->tangled)
		return;
	n = chart_intervals(c, row, &w->sorted);
	w->next = w->sorted;
	w->stop = w->sorted + n;
}

bool
chart_walk_unpack(struct chart_walk *w)
{
	w->next = w->batch;
	w->stop = w->batch + unpack(w, w->batch, CHART_BATCH);
	return w->next < w->stop;
}

void
chart_walk_end(struct chart_walk *w)
{
	free(w->sorted);
}

size_t
chart_intervals_of(const struct chart *c, uint32_t row)
{
	return row < c->intervals->nlist ? c->intervals->list[row].n : 0;
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
	free(in->same);
	free(in->slot);
	intern_free(&in->comms);
	arena_free(&in->arena);
	free(in);
}
