/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/digest.h"
#include "chart_int.h"

enum { MB = 1024 * 1024, MAXTEXT = 64 * 1024, MAXNAME = 256, MAXCHAIN = 4096, TEXTS = 5 };

/* An item's size, its texts, and the most bytes of each that are kept. */
struct shape {
	size_t size, n;
	struct {
		size_t off, max;
	} text[TEXTS];
};

static const struct shape box_shape = { sizeof(struct chart_box), 4,
	{ { offsetof(struct chart_box, comm), MAXNAME },
	    { offsetof(struct chart_box, word), MAXNAME },
	    { offsetof(struct chart_box, info), MAXTEXT },
	    { offsetof(struct chart_box, stack), MAXTEXT } } };

static const struct shape arrow_shape = { sizeof(struct chart_arrow), 5,
	{ { offsetof(struct chart_arrow, type), MAXNAME },
	    { offsetof(struct chart_arrow, context), MAXNAME },
	    { offsetof(struct chart_arrow, comm), MAXNAME },
	    { offsetof(struct chart_arrow, wakee_comm), MAXNAME },
	    { offsetof(struct chart_arrow, stack), MAXTEXT } } };

static const struct shape mark_shape = { sizeof(struct chart_mark), 1,
	{ { offsetof(struct chart_mark, what), MAXNAME } } };

static const struct shape piece_shape = { sizeof(struct chart_piece), 3,
	{ { offsetof(struct chart_piece, state), MAXNAME },
	    { offsetof(struct chart_piece, why), MAXNAME },
	    { offsetof(struct chart_piece, chain), MAXCHAIN } } };

static struct str *
text_of(const void *item, const struct shape *s, size_t i)
{
	return (struct str *)((char *)item + s->text[i].off);
}

static void
move_texts(struct top_item *item, const struct shape *s, ptrdiff_t by)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		text_of(item, s, i)->p += by;
}

static int
order_texts(const void *a, const void *b, const struct shape *s)
{
	int d = 0;
	size_t i;

	for (i = 0; i < s->n && d == 0; i++)
		d = chart_order(*text_of(b, s, i), *text_of(a, s, i));
	return d;
}

/* Copy an item that starts at a time, with its texts after it, if it is among the greatest. Among
 * those of one length, prefer neither the earlier nor the later, so that those that are kept are
 * spread evenly. */
static void
keep(struct top *t, struct top_item *item, int64_t at, const struct shape *s)
{
	struct str *text;
	char *copy, *d;
	size_t i;

	item->tie = digest((uint64_t)at);
	if (!top_wants(t, item))
		return;
	item->bytes = s->size;
	for (i = 0; i < s->n; i++) {
		text = text_of(item, s, i);
		text->n = text->n < s->text[i].max ? text->n : s->text[i].max;
		item->bytes += text->n;
	}
	copy = top_room(t, item->bytes);
	d = copy + s->size;
	for (i = 0; i < s->n; i++) {
		text = text_of(item, s, i);
		memcpy(d, text->p, text->n);
		text->p = d;
		d += text->n;
	}
	memcpy(copy, item, s->size);
	top_put(t, (struct top_item *)(void *)copy);
}

static int
order_boxes(const void *rows, const struct top_item *ka, const struct top_item *kb)
{
	const struct chart_box *a = (const void *)ka, *b = (const void *)kb;
	const struct chart_row *row = ((const struct chart_rows *)rows)->row;
	int d = 0;

	if (a->row != b->row)
		d = chart_key_order(rows, &row[b->row].key, &row[a->row].key);
	d = d != 0 ? d : ORDER(b->state, a->state);
	d = d != 0 ? d : ORDER(b->end, a->end);
	d = d != 0 ? d : ORDER(b->cpu, a->cpu);
	d = d != 0 ? d : ORDER(b->prio, a->prio);
	return d != 0 ? d : order_texts(a, b, &box_shape);
}

static int
order_arrows(const void *rows, const struct top_item *ka, const struct top_item *kb)
{
	const struct chart_arrow *a = (const void *)ka, *b = (const void *)kb;
	int d = chart_key_order(rows, &b->wakee, &a->wakee);

	d = d != 0 ? d : chart_key_order(rows, &b->waker, &a->waker);
	d = d != 0 ? d : ORDER(b->cpu, a->cpu);
	return d != 0 ? d : order_texts(a, b, &arrow_shape);
}

static int
order_marks(const void *rows, const struct top_item *ka, const struct top_item *kb)
{
	const struct chart_mark *a = (const void *)ka, *b = (const void *)kb;
	const struct chart_machine *m = ((const struct chart_rows *)rows)->machine;
	int d = 0;

	if (a->machine != b->machine)
		d = chart_order(m[b->machine].name, m[a->machine].name);
	d = d != 0 ? d : ORDER(b->cpu, a->cpu);
	d = d != 0 ? d : ORDER(b->gap, a->gap);
	d = d != 0 ? d : ORDER(b->folded, a->folded);
	d = d != 0 ? d : ORDER(b->count, a->count);
	return d != 0 ? d : order_texts(a, b, &mark_shape);
}

static int
order_pieces(const void *rows, const struct top_item *ka, const struct top_item *kb)
{
	const struct chart_piece *a = (const void *)ka, *b = (const void *)kb;
	int d = chart_key_order(rows, &b->task, &a->task);

	d = d != 0 ? d : ORDER(b->depth, a->depth);
	return d != 0 ? d : order_texts(a, b, &piece_shape);
}

static void
box_moved(struct top_item *item, ptrdiff_t by)
{
	move_texts(item, &box_shape, by);
}

static void
arrow_moved(struct top_item *item, ptrdiff_t by)
{
	move_texts(item, &arrow_shape, by);
}

static void
mark_moved(struct top_item *item, ptrdiff_t by)
{
	move_texts(item, &mark_shape, by);
}

static void
piece_moved(struct top_item *item, ptrdiff_t by)
{
	move_texts(item, &piece_shape, by);
}

void
chart_kept_open(struct chart_kept *k, const struct chart_rows *rows)
{
	k->boxes =
	    (struct top){ .budget = 8 * MB, .order = order_boxes, .arg = rows, .moved = box_moved };
	k->arrows = (struct top){
		.budget = 2 * MB, .order = order_arrows, .arg = rows, .moved = arrow_moved
	};
	k->marks = (struct top){
		.budget = 8 * MB, .order = order_marks, .arg = rows, .moved = mark_moved
	};
	k->pieces = (struct top){
		.budget = 2 * MB, .order = order_pieces, .arg = rows, .moved = piece_moved
	};
}

/* Two pixels of the range so far are the limit. The range only grows, so whatever can be drawn in
 * the end is kept. */
bool
chart_kept_long(struct chart_kept *k, const struct chart *c, int64_t t, int64_t end)
{
	uint64_t span = c->bins.hi - c->bins.lo, ns = (uint64_t)end - (uint64_t)t;

	if (span - k->least_span > k->least_span >> 6) {
		k->least_span = span;
		k->least = span / (c->columns / 4 + 1);
	}
	return ns > k->least && top_wants_rank(&k->boxes, ns);
}

void
chart_kept_box(struct chart_kept *k, struct chart_box *box)
{
	keep(&k->boxes, &box->item, box->t, &box_shape);
}

bool
chart_kept_wants(const struct chart_kept *k, const struct recin *in, struct rec *r)
{
	int64_t waited;

	if (!rec_peek(in, r, REC_ARROW_WAITED))
		return true;
	waited = r->arrow.waited;
	return waited >= 0 && (uint64_t)waited > k->least &&
	       top_wants_rank(&k->arrows, (uint64_t)waited);
}

void
chart_kept_arrow(struct chart *c, const struct rec *r)
{
	const struct rec_arrow *f = &r->arrow;
	uint32_t machine = chart_machine_of(&c->rows, r->machine);
	struct chart_arrow a = { .item.rank = (uint64_t)f->waited,
		.t = r->t,
		.waited = f->waited,
		.cpu = r->cpu,
		.waker = { machine, -1, r->pid, r->tid, f->birth == REC_NO_NS ? 0 : f->birth },
		.wakee = { machine, -1, f->wakee_pid, f->wakee, f->wakee_birth },
		.comm = f->comm,
		.wakee_comm = f->wakee_comm,
		.type = f->type,
		.context = f->context,
		.stack = f->stack };
	keep(&c->kept.arrows, &a.item, a.t, &arrow_shape);
}

static void
keep_mark(struct chart *c, struct chart_mark *mark)
{
	struct cut part = cut_span(&c->time, mark->t, mark->end);

	mark->item.rank = (uint64_t)mark->end - (uint64_t)mark->t;
	if (!cut_is_empty(&part))
		keep(&c->kept.marks, &mark->item, mark->t, &mark_shape);
}

void
chart_kept_mark(struct chart *c, const struct rec *r)
{
	uint32_t machine = chart_machine_of(&c->rows, r->machine);
	struct chart_machine *m = &c->rows.machine[machine];
	struct chart_mark mark = { .t = r->t,
		.end = r->t,
		.machine = machine,
		.cpu = r->cpu,
		.count = REC_NO_U64,
		.what = STR_NONE };
	struct str s = r->cpustate.state;
	int64_t since = r->kind == REC_LOST ? r->lost.since : r->gap.since;

	if (r->kind == REC_CPUSTATE) {
		mark.end = r->cpustate.end;
		mark.folded = true;
		text_u64(s.p, s.p + s.n, &mark.count);
		keep_mark(c, &mark);
		return;
	}
	if (r->t == REC_NO_NS)
		return;
	mark.t = since != REC_NO_NS && since < r->t ? since : r->t;
	mark.gap = r->kind == REC_GAP;
	mark.what = mark.gap ? r->gap.what : r->lost.what;
	if (!mark.gap) {
		mark.count = r->lost.count;
		m->losses++;
		m->lost += mark.count != REC_NO_U64 ? mark.count : 0;
	} else if (mark.cpu < 0) {
		chart_rows_missing(&c->rows, machine, mark.what);
	}
	keep_mark(c, &mark);
}

void
chart_kept_piece(struct chart *c, const struct rec *r)
{
	struct chart_piece piece = { .item.rank = (uint64_t)r->path.end - (uint64_t)r->t,
		.t = r->t,
		.end = r->path.end,
		.depth = r->path.depth,
		.state = r->path.state,
		.why = r->path.why,
		.chain = r->path.chain };
	struct cut part = cut_of(&c->time, r);

	if (cut_length(&part) == 0)
		return;
	piece.task = (struct chart_key){ chart_machine_of(&c->rows, r->machine), -1, r->pid, r->tid,
		r->path.birth };
	c->kept.npieces++;
	keep(&c->kept.pieces, &piece.item, piece.t, &piece_shape);
}

void
chart_kept_end(struct chart_kept *k)
{
	struct top *all[] = { &k->boxes, &k->arrows, &k->marks, &k->pieces };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		top_prune(all[i]);
		if (all[i] != &k->boxes)
			top_sort(all[i], all[i]->slot, all[i]->n);
	}
}

void
chart_kept_free(struct chart_kept *k)
{
	top_free(&k->boxes);
	top_free(&k->arrows);
	top_free(&k->marks);
	top_free(&k->pieces);
}
