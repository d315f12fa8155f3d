/* SPDX-License-Identifier: MIT */
/* Which intervals become boxes, and how much text each may have; which wakeups become arrows. */

#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "svgchart.h"

/*
 * What a picture should have at most, bytes: whole stacks in the longest boxes, as long as they
 * take 60 % of what the paths leave, then stacks cut short up to 85 %, then none, then no more
 * boxes.
 */
enum { TOTAL = 2800 * 1000, LEAST_TEXT = 800 * 1000, BOX = 320, CPU_BOX = 220, EDGE = 5 };

/* Pixels between the tips of two arrows; the part of the picture that their lines may take. */
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

/* The bytes that boxes may take: as many as the paths leave. */
static size_t
text_budget(const struct svgchart *p)
{
	size_t i, n, paths = 0;
	const struct chart_row *row;
	enum chart_what what;

	for (i = 0; i < p->nrow; i++) {
		row = &p->chart->row[p->row[i].row];
		for (what = 0; what < CHART_WHATS; what++) {
			n = chart_edges(p->chart, row, what);
			paths += EDGE * (n < p->chart->columns ? n : p->chart->columns);
		}
	}
	return paths + LEAST_TEXT < TOTAL ? TOTAL - paths : LEAST_TEXT;
}

static enum svgchart_detail
detail(const struct svgchart *p, const struct chart_box *b, size_t budget, size_t *used)
{
	uint32_t machine = p->chart->row[b->row].key.machine;
	size_t stack = chart_stack(p->chart, machine, b->stack).n;

	if (b->what >= CHART_STATES) {
		*used += CPU_BOX;
		return SVGCHART_BRIEF;
	}
	*used += BOX + (b->what == CHART_RUNNING ? CPU_BOX : 0);
	if (*used + 2 * stack < budget / 100 * 60) {
		*used += 2 * stack;
		return SVGCHART_ALL;
	}
	if (*used + stack / 2 < budget / 100 * 85) {
		*used += stack / 2;
		return SVGCHART_SOME;
	}
	return SVGCHART_BRIEF;
}

static void
add(struct svgchart *p, const struct chart_box *b, uint32_t row, enum svgchart_detail d)
{
	if (row > 0)
		p->box[p->nbox++] = (struct svgchart_box){ b, row - 1, d };
}

static void
choose_boxes(struct svgchart *p)
{
	struct chart *c = p->chart;
	struct top *top = &c->boxes;
	struct chart_key cpu = { .pid = -1, .tid = -1 };
	const struct chart_row *row;
	size_t i, budget = text_budget(p), used = 0;

	p->box = mem_resize(NULL, SVGCHART_MAXBOX + 2, sizeof *p->box);
	for (i = 0; i < top->n && p->nbox < SVGCHART_MAXBOX && used < budget; i++) {
		const struct chart_box *b = (const void *)top->slot[i].item;
		uint32_t task = p->row_of[b->row], on = 0;
		enum svgchart_detail d;

		if (b->item.rank <= p->span / (uint64_t)(p->plot / 2))
			break; /* two pixels; the chart has all that are longer */
		cpu.machine = c->row[b->row].key.machine;
		cpu.cpu = b->cpu;
		if (b->what == CHART_RUNNING && b->cpu >= 0 && (row = chart_find(c, &cpu)) != NULL)
			on = p->row_of[row - c->row];
		if (task == 0 && on == 0)
			continue;
		d = detail(p, b, budget, &used);
		add(p, b, task, d);
		add(p, b, on, d);
	}
	if (p->nbox > 0)
		qsort_r(p->box, p->nbox, sizeof *p->box, by_place, top);
}

/* Where a wait ends that is drawn as a box. */
static uint64_t
end_key(size_t row, int64_t end)
{
	return digest((uint64_t)end ^ digest(row));
}

/* The picture's row of a task and its row in the chart; false where it is not drawn. */
static bool
find_row(const struct svgchart *p, const struct chart_key *key, uint32_t *row, size_t *in_chart)
{
	const struct chart_row *r = chart_find(p->chart, key);

	if (r == NULL)
		return false;
	*in_chart = (size_t)(r - p->chart->row);
	*row = p->row_of[*in_chart] - 1;
	return p->row_of[*in_chart] > 0;
}

/* Is there room for a tip here, some pixels from all others of the row? Takes it. */
static bool
take_room(const struct svgchart *p, struct hash *taken, uint32_t row, int64_t t)
{
	uint64_t cell = (uint64_t)row << 32 | (uint64_t)(svgchart_x(p, t) / (100 * TIP) + 1);

	if (hash_get(taken, cell - 1) != NULL || hash_get(taken, cell) != NULL ||
	    hash_get(taken, cell + 1) != NULL)
		return false;
	hash_put(taken, cell);
	return true;
}

/* Lines may cover so much of the picture; behind that only stubs are drawn. */
static bool
take_ink(const struct svgchart *p, const struct svgchart_arrow *a, int64_t *ink)
{
	int from = p->row[a->from].y, to = p->row[a->to].y;

	*ink -= from < to ? to - from : from - to;
	return *ink >= 0;
}

/* Those that end a wait that is drawn; the longest waits first. */
static void
choose_arrows(struct svgchart *p)
{
	struct top *top = &p->chart->arrows;
	struct hash ends = { 0 }, taken = { 0 };
	int64_t ink = (int64_t)(p->plot_end - p->axis_y) * p->plot / INK;
	size_t i, in_chart;

	for (i = 0; i < p->nbox; i++)
		if (p->box[i].box->what < CHART_STATES)
			hash_put(&ends, end_key(p->box[i].box->row, p->box[i].box->end));
	p->arrow = mem_resize(NULL, SVGCHART_MAXARROW, sizeof *p->arrow);
	for (i = 0; i < top->n && p->narrow < SVGCHART_MAXARROW; i++) {
		const struct chart_arrow *arrow = (const void *)top->slot[i].item;
		struct svgchart_arrow a = { .arrow = arrow };

		if (!find_row(p, &arrow->wakee, &a.to, &in_chart) ||
		    hash_get(&ends, end_key(in_chart, arrow->t)) == NULL ||
		    !take_room(p, &taken, a.to, arrow->t))
			continue;
		a.irq = !str_eq(arrow->context, STR("task"));
		if (a.irq || !find_row(p, &arrow->waker, &a.from, &in_chart) ||
		    !take_ink(p, &a, &ink))
			a.from = a.to;
		p->arrow[p->narrow++] = a;
		p->irqs += a.irq;
		p->wakes += !a.irq;
	}
	hash_free(&ends);
	hash_free(&taken);
}

void
svgchart_choose(struct svgchart *p)
{
	const struct top *marks = &p->chart->marks;
	size_t i;

	choose_boxes(p);
	choose_arrows(p);
	for (i = 0; i < marks->n; i++) {
		const struct chart_mark *m = (const void *)marks->slot[i].item;

		p->gaps = p->gaps || m->gap;
		p->lost = p->lost || !m->gap;
	}
}
