/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "chart.h"

enum { MB = 1024 * 1024, MAXTEXT = 64 * 1024, MAXNAME = 256 };

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

/* Two pixels, of the range known by now: it only grows, so nothing is lost that could be drawn. The
 * rank of a box is its length. */
bool
chart_long(struct chart *c, int64_t t, int64_t end)
{
	uint64_t span = c->scale.hi - c->scale.lo;

	if (span - c->least_span > c->least_span >> 6) {
		c->least_span = span;
		c->least = span / (c->columns / 4 + 1);
	}
	return (uint64_t)end - (uint64_t)t > c->least &&
	       top_wants_rank(&c->boxes, (uint64_t)end - (uint64_t)t);
}

static int
order_texts(const struct str *a, const struct str *b, size_t n)
{
	int d = 0;
	size_t i;

	for (i = 0; i < n && d == 0; i++)
		d = chart_order(a[i], b[i]);
	return d;
}

/* Of two as long: neither the earlier nor the later, so that those which stay are spread evenly. */
static int
order_times(int64_t a, int64_t b)
{
	return ORDER(digest((uint64_t)a), digest((uint64_t)b));
}

static int
order_boxes(const void *arg, const struct top_item *ka, const struct top_item *kb)
{
	const struct chart *c = arg;
	const struct chart_box *a = (const void *)ka, *b = (const void *)kb;
	int d = order_times(a->t, b->t);

	if (d == 0 && a->row != b->row)
		d = chart_key_order(c, &c->row[b->row].key, &c->row[a->row].key);
	d = d != 0 ? d : ORDER(b->what, a->what);
	d = d != 0 ? d : ORDER(b->end, a->end);
	d = d != 0 ? d : ORDER(b->cpu, a->cpu);
	d = d != 0 ? d : ORDER(b->prio, a->prio);
	d = d != 0 ? d : order_texts(&b->comm, &a->comm, 1);
	d = d != 0 ? d : order_texts(&b->word, &a->word, 1);
	d = d != 0 ? d : order_texts(&b->info, &a->info, 1);
	return d != 0 ? d : order_texts(&b->stack, &a->stack, 1);
}

static int
order_arrows(const void *arg, const struct top_item *ka, const struct top_item *kb)
{
	const struct chart *c = arg;
	const struct chart_arrow *a = (const void *)ka, *b = (const void *)kb;
	int d = order_times(a->t, b->t);

	d = d != 0 ? d : chart_key_order(c, &b->wakee, &a->wakee);
	d = d != 0 ? d : chart_key_order(c, &b->waker, &a->waker);
	d = d != 0 ? d : ORDER(b->cpu, a->cpu);
	d = d != 0 ? d : order_texts(&b->type, &a->type, 1);
	d = d != 0 ? d : order_texts(&b->context, &a->context, 1);
	d = d != 0 ? d : order_texts(&b->comm, &a->comm, 1);
	d = d != 0 ? d : order_texts(&b->wakee_comm, &a->wakee_comm, 1);
	return d != 0 ? d : order_texts(&b->stack, &a->stack, 1);
}

static int
order_marks(const void *arg, const struct top_item *ka, const struct top_item *kb)
{
	const struct chart *c = arg;
	const struct chart_mark *a = (const void *)ka, *b = (const void *)kb;
	int d = order_times(a->t, b->t);

	if (d == 0 && a->machine != b->machine)
		d = chart_order(c->machine[b->machine].name, c->machine[a->machine].name);
	d = d != 0 ? d : ORDER(b->cpu, a->cpu);
	d = d != 0 ? d : ORDER(b->gap, a->gap);
	d = d != 0 ? d : ORDER(b->folded, a->folded);
	d = d != 0 ? d : ORDER(b->count, a->count);
	return d != 0 ? d : order_texts(&b->what, &a->what, 1);
}

static void
box_moved(struct top_item *item, ptrdiff_t by)
{
	struct chart_box *b = (void *)item;

	b->comm.p += by;
	b->word.p += by;
	b->info.p += by;
	b->stack.p += by;
}

static void
arrow_moved(struct top_item *item, ptrdiff_t by)
{
	struct chart_arrow *a = (void *)item;

	a->comm.p += by;
	a->wakee_comm.p += by;
	a->type.p += by;
	a->context.p += by;
	a->stack.p += by;
}

static void
mark_moved(struct top_item *item, ptrdiff_t by)
{
	((struct chart_mark *)(void *)item)->what.p += by;
}

void
chart_kept_open(struct chart *c)
{
	c->boxes =
	    (struct top){ .budget = 8 * MB, .order = order_boxes, .arg = c, .moved = box_moved };
	c->arrows =
	    (struct top){ .budget = 2 * MB, .order = order_arrows, .arg = c, .moved = arrow_moved };
	c->marks =
	    (struct top){ .budget = 8 * MB, .order = order_marks, .arg = c, .moved = mark_moved };
}

/* Copy texts behind the item that holds them, cut to what can be shown. */
static void
copy_text(struct str *s, char **d, size_t max)
{
	size_t n = s->n < max ? s->n : max;

	memcpy(*d, s->p, n);
	*s = (struct str){ *d, n };
	*d += n;
}

static size_t
room(struct str s, size_t max)
{
	return s.n < max ? s.n : max;
}

void
chart_keep_box(struct chart *c, const struct chart_box *box)
{
	size_t bytes = sizeof *box + room(box->comm, MAXNAME) + room(box->word, MAXNAME) +
		       room(box->info, MAXTEXT) + room(box->stack, MAXTEXT);
	struct chart_box *b;
	char *d;

	if (!top_wants(&c->boxes, &box->item))
		return;
	b = top_room(&c->boxes, bytes);
	*b = *box;
	b->item.bytes = bytes;
	d = (char *)(b + 1);
	copy_text(&b->comm, &d, MAXNAME);
	copy_text(&b->word, &d, MAXNAME);
	copy_text(&b->info, &d, MAXTEXT);
	copy_text(&b->stack, &d, MAXTEXT);
	top_put(&c->boxes, &b->item);
}

static void
put_arrow(struct chart *c, const struct chart_arrow *arrow)
{
	size_t bytes = sizeof *arrow + room(arrow->comm, MAXNAME) +
		       room(arrow->wakee_comm, MAXNAME) + room(arrow->type, MAXNAME) +
		       room(arrow->context, MAXNAME) + room(arrow->stack, MAXTEXT);
	struct chart_arrow *a = top_room(&c->arrows, bytes);
	char *d = (char *)(a + 1);

	*a = *arrow;
	a->item.bytes = bytes;
	copy_text(&a->comm, &d, MAXNAME);
	copy_text(&a->wakee_comm, &d, MAXNAME);
	copy_text(&a->type, &d, MAXNAME);
	copy_text(&a->context, &d, MAXNAME);
	copy_text(&a->stack, &d, MAXTEXT);
	top_put(&c->arrows, &a->item);
}

/* Only an arrow that ends a wait which could be a box can be drawn. */
bool
chart_arrow_wanted(const struct chart *c, const struct recin *in, struct rec *r)
{
	int64_t waited;

	if (!rec_peek(in, r, REC_ARROW_WAITED))
		return true;
	waited = r->arrow.waited;
	return waited >= 0 && (uint64_t)waited > c->least &&
	       top_wants_rank(&c->arrows, (uint64_t)waited);
}

void
chart_keep_arrow(struct chart *c, const struct rec *r)
{
	const struct rec_arrow *f = &r->arrow;
	uint32_t machine;
	struct chart_arrow a;

	if (r->t < c->from || r->t > c->to)
		return;
	machine = chart_machine_of(c, r->machine);
	a = (struct chart_arrow){ .item.rank = (uint64_t)f->waited,
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
	if (top_wants(&c->arrows, &a.item))
		put_arrow(c, &a);
}

static void
put_mark(struct chart *c, struct chart_mark *mark)
{
	size_t bytes = sizeof *mark + room(mark->what, MAXNAME);
	struct chart_mark *m;
	char *d;

	mark->item.rank = (uint64_t)mark->end - (uint64_t)mark->t;
	if (mark->end < c->from || mark->t > c->to || !top_wants(&c->marks, &mark->item))
		return;
	m = top_room(&c->marks, bytes);
	*m = *mark;
	m->item.bytes = bytes;
	d = (char *)(m + 1);
	copy_text(&m->what, &d, MAXNAME);
	top_put(&c->marks, &m->item);
}

/* What a lost, a gap, or a cpustate's lost lane says. */
void
chart_keep_lost(struct chart *c, const struct rec *r)
{
	uint32_t machine = chart_machine_of(c, r->machine);
	struct chart_machine *m = &c->machine[machine];
	struct chart_mark mark = { .t = r->t,
		.end = r->t,
		.machine = machine,
		.cpu = r->cpu,
		.count = REC_NO_U64,
		.what = STR_NONE };

	if (r->kind == REC_CPUSTATE) {
		mark.end = r->cpustate.end;
		mark.folded = true;
		text_u64(
		    r->cpustate.state.p, r->cpustate.state.p + r->cpustate.state.n, &mark.count);
	} else if (r->kind == REC_LOST) {
		mark.t = r->lost.since != REC_NO_NS && r->lost.since < r->t ? r->lost.since : r->t;
		mark.count = r->lost.count;
		mark.what = r->lost.what;
		m->losses++;
		m->lost += mark.count != REC_NO_U64 ? mark.count : 0;
	} else {
		if (r->t == REC_NO_NS)
			return;
		mark.t = r->gap.since != REC_NO_NS && r->gap.since < r->t ? r->gap.since : r->t;
		mark.gap = true;
		mark.what = r->gap.what;
		m->gaps++;
	}
	put_mark(c, &mark);
}

void
chart_kept_free(struct chart *c)
{
	top_free(&c->boxes);
	top_free(&c->arrows);
	top_free(&c->marks);
}
