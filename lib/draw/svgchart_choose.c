/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/digest.h"
#include "base/hash.h"
#include "base/mem.h"
#include "rec/stack.h"
#include "svgchart_int.h"

/*
 * The size of the picture to aim at, in bytes. The longest box of each stack gets the whole stack
 * until they take 60 % of what the paths leave; the others get shortened stacks, up to 85 %, then
 * none; at 100 % no more boxes are drawn.
 */
enum { TOTAL = 2800 * 1000, LEAST_TEXT = 800 * 1000, BOX = 320, CPU_BOX = 220, EDGE = 5 };

enum { MAXBOX = 20000, MAXARROW = 5000, MAXPIECE = 20000 };

/* The fewest shared frames that a row has a line for. */
enum { LEAST_SHARED = 4 };

/* Pixels between the tips of two arrows; the share of the picture that their lines may take. */
enum { TIP = 5, INK = 30 };

static int
by_place(const void *a, const void *b, void *boxes)
{
	const struct svgchart_box *x = a, *y = b;
	const struct top *top = boxes;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	if (x->box->t != y->box->t)
		return x->box->t < y->box->t ? -1 : 1;
	if (x->box->item.rank != y->box->item.rank)
		return x->box->item.rank > y->box->item.rank ? -1 : 1;
	return top->order(top->arg, &y->box->item, &x->box->item);
}

/* Estimate the number of corners of a state's path. Sleep ends where another state starts. */
static size_t
corners(const struct chart *c, const struct chart_row *row, enum chart_state s)
{
	size_t n, most = 2;
	enum chart_state other;

	if (s != CHART_SLEEPING || row->key.cpu >= 0)
		return chart_edges(c, row, s);
	for (other = 0; other < CHART_SLEEPING; other++) {
		n = chart_edges(c, row, other);
		most = n > most ? n : most;
	}
	return most;
}

/* The bytes that boxes may take: those that the paths leave. */
static size_t
text_budget(const struct svgchart *p)
{
	size_t i, j, n, paths = 0;
	const struct svgchart_row *r;
	enum chart_state s;

	for (i = 0; i < p->rows.nrow; i++)
		for (s = 0; s < CHART_STATES; s++) {
			r = &p->rows.row[i];
			for (n = 0, j = 0; j < r->n && n < p->chart->columns; j++)
				n += corners(p->chart, svgchart_member(p, r, j), s);
			paths += EDGE * (n < p->chart->columns ? n : p->chart->columns);
		}
	return paths + LEAST_TEXT < TOTAL ? TOTAL - paths : LEAST_TEXT;
}

/* The first box of a stack, the longest, may have all of it, the others its innermost frames. */
static enum svgchart_detail
detail(const struct svgchart *p, const struct chart_box *b, size_t budget, size_t *used,
    struct hash *stacks)
{
	uint32_t machine = p->chart->rows.row[b->row].key.machine;
	struct str frames = chart_stack(p->chart, machine, b->stack);
	size_t stack = frames.n;
	uint64_t *seen;

	if (b->state >= CHART_TASK_STATES) {
		*used += CPU_BOX;
		return SVGCHART_BRIEF;
	}
	*used += BOX + (b->state == CHART_RUNNING ? CPU_BOX : 0);
	seen = hash_put(stacks, digest_bytes(0, frames.p, frames.n));
	if (*seen == 0 && *used + 2 * stack < budget / 100 * 60) {
		*seen = 1;
		*used += 2 * stack;
		return SVGCHART_ALL;
	}
	if (*used + stack / 2 < budget / 100 * 85) {
		*used += stack / 2;
		return SVGCHART_SOME;
	}
	return SVGCHART_BRIEF;
}

/* The rows in which a box is drawn: its own; that of the CPU on which its task runs. Either may be
 * NULL. */
struct places {
	const struct svgchart_row *own, *on;
};

static struct places
places_of(const struct svgchart *p, const struct chart_box *b)
{
	struct places at = { .own = svgchart_boxes(p, b->row) };

	if (b->state == CHART_RUNNING && b->cpu >= 0)
		at.on =
		    svgchart_find(p, &(struct chart_key){ p->chart->rows.row[b->row].key.machine,
					 b->cpu, -1, -1, 0 });
	return at;
}

static void
add(struct svgchart *p, const struct chart_box *b, const struct svgchart_row *row,
    enum svgchart_detail d)
{
	if (row != NULL)
		p->box[p->nbox++] = (struct svgchart_box){ b, (uint32_t)(row - p->rows.row), d };
}

/* List the boxes of two pixels at least that have a row, the longest first. The chart has all of
 * them. Returns their number. */
static size_t
list_boxes(const struct svgchart *p, struct top_slot **list)
{
	uint64_t least = (p->scale.hi - p->scale.lo) / (uint64_t)(p->scale.plot / 2);
	const struct top *top = &p->chart->kept.boxes;
	struct places at;
	size_t i, n = 0;

	*list = mem_resize(NULL, top->n + 1, sizeof **list);
	for (i = 0; i < top->n; i++) {
		if (top->slot[i].rank <= least)
			continue;
		at = places_of(p, (const void *)top->slot[i].item);
		if (at.own != NULL || at.on != NULL)
			(*list)[n++] = top->slot[i];
	}
	top_sort(top, *list, n);
	return n;
}

static void
choose_boxes(struct svgchart *p)
{
	size_t i, budget = text_budget(p), used = 0, n;
	struct hash stacks = { 0 };
	struct top_slot *list;

	p->box = mem_resize(NULL, MAXBOX + 2, sizeof *p->box);
	n = list_boxes(p, &list);
	for (i = 0; i < n && p->nbox < MAXBOX && used < budget; i++) {
		const struct chart_box *b = (const void *)list[i].item;
		struct places at = places_of(p, b);
		enum svgchart_detail d = detail(p, b, budget, &used, &stacks);

		add(p, b, at.own, d);
		add(p, b, at.on, d);
	}
	free(list);
	hash_free(&stacks);
	qsort_r(p->box, p->nbox, sizeof *p->box, by_place, (void *)&p->chart->kept.boxes);
}

/* The end of a task's wait. */
static uint64_t
end_key(const struct chart_key *task, int64_t end)
{
	return digest_bytes((uint64_t)end, task, sizeof *task);
}

/* Is there room for a tip, some pixels from the others of its row? Takes it. */
static bool
take_room(const struct svgchart *p, struct hash *taken, const struct svgchart_row *row, int64_t t)
{
	uint64_t cell = (uint64_t)(row - p->rows.row) << 32 |
			(uint64_t)(svgchart_x_of(&p->scale, t) / (100 * TIP) + 1);

	if (hash_get(taken, cell - 1) != NULL || hash_get(taken, cell) != NULL ||
	    hash_get(taken, cell + 1) != NULL)
		return false;
	hash_put(taken, cell);
	return true;
}

/* Choose the wakeups that end a wait which is drawn, the longest waits first. Once the lines have
 * taken their share of the picture, only the tips are drawn. */
static void
choose_arrows(struct svgchart *p)
{
	const struct top *top = &p->chart->kept.arrows;
	struct hash ends = { 0 }, taken = { 0 };
	int64_t ink = (int64_t)(p->plot_end - p->axis_y) * p->scale.plot / INK;
	size_t i;

	for (i = 0; i < p->nbox; i++)
		if (p->box[i].box->state < CHART_TASK_STATES)
			hash_put(&ends, end_key(&p->chart->rows.row[p->box[i].box->row].key,
					    p->box[i].box->end));
	p->arrow = mem_resize(NULL, MAXARROW, sizeof *p->arrow);
	for (i = 0; i < top->n && p->narrow < MAXARROW; i++) {
		const struct chart_arrow *arrow = (const void *)top->slot[i].item;
		struct svgchart_arrow a = { .arrow = arrow };

		a.to = svgchart_find(p, &arrow->wakee);
		if (a.to == NULL || hash_get(&ends, end_key(&arrow->wakee, arrow->t)) == NULL ||
		    !take_room(p, &taken, a.to, arrow->t))
			continue;
		a.irq =
		    !str_eq(arrow->context, STR("task")) && !str_eq(arrow->context, STR("unknown"));
		a.from = svgchart_find(p, &arrow->waker);
		if (a.irq || a.from == NULL || (ink -= abs(a.from->y - a.to->y)) < 0)
			a.from = a.to;
		p->arrow[p->narrow++] = a;
	}
	hash_free(&ends);
	hash_free(&taken);
}

static int
piece_order(const void *a, const void *b)
{
	const struct chart_piece *x = *(const struct chart_piece *const *)a;
	const struct chart_piece *y = *(const struct chart_piece *const *)b;
	int d = ORDER(x->t, y->t);

	d = d != 0 ? d : ORDER(x->end, y->end);
	d = d != 0 ? d : ORDER(x->task.tid, y->task.tid);
	return d != 0 ? d : ORDER(x->depth, y->depth);
}

/* Take the longest pieces of critical paths whose tasks have rows. */
static void
choose_pieces(struct svgchart *p)
{
	const struct top *top = &p->chart->kept.pieces;
	size_t i;

	p->piece = mem_resize(NULL, MAXPIECE, sizeof *p->piece);
	for (i = 0; i < top->n && p->npiece < MAXPIECE; i++) {
		const struct chart_piece *piece = (const void *)top->slot[i].item;

		if (svgchart_find(p, &piece->task) != NULL)
			p->piece[p->npiece++] = piece;
	}
	qsort(p->piece, p->npiece, sizeof *p->piece, piece_order);
}

/* The outermost frames that two stacks share. */
static struct str
share_frames(struct str a, struct str b)
{
	size_t n = 0, at;

	while (n < a.n && n < b.n && a.p[a.n - 1 - n] == b.p[b.n - 1 - n])
		n++;
	at = a.n - n;
	if ((at == 0 || a.p[at - 1] == ';') && (n == b.n || b.p[b.n - n - 1] == ';'))
		return (struct str){ a.p + at, n };
	for (at++; at < a.n && a.p[at - 1] != ';';)
		at++;
	return at < a.n ? (struct str){ a.p + at, a.n - at } : (struct str){ NULL, 0 };
}

/* Forget the shared frames of a row if there is one stack only, or too few frames for a line. */
static void
judge_shared(struct svgchart_row *row, bool several)
{
	struct stack_walk w = stack_walk(row->shared);
	struct stack_frame f;
	int n = 0;

	while (n < LEAST_SHARED && stack_next(&w, &f))
		n++;
	if (!several || n < LEAST_SHARED)
		row->shared = (struct str){ NULL, 0 };
}

/* Find the frames that all stacks of a row share; those of wakers are others'. */
static void
find_shared(struct svgchart *p)
{
	struct str stack, first = { NULL, 0 };
	struct svgchart_row *row = NULL;
	bool several = false;
	size_t i;

	for (i = 0; i < p->nbox; i++) {
		const struct chart_box *b = p->box[i].box;

		stack = chart_stack(p->chart, p->chart->rows.row[b->row].key.machine, b->stack);
		if (str_none(stack) || b->state == CHART_RUNNABLE ||
		    p->rows.row[p->box[i].row].kind == SVGCHART_CPU_ROW)
			continue;
		if (row != &p->rows.row[p->box[i].row]) {
			if (row != NULL)
				judge_shared(row, several);
			row = &p->rows.row[p->box[i].row];
			row->shared = first = stack;
			several = false;
		}
		several = several || !str_eq(stack, first);
		if (row->shared.n > 0)
			row->shared = share_frames(row->shared, stack);
	}
	if (row != NULL)
		judge_shared(row, several);
}

void
svgchart_choose(struct svgchart *p)
{
	choose_pieces(p);
	choose_boxes(p);
	find_shared(p);
	choose_arrows(p);
}
