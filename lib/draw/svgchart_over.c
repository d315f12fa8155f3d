/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "svgchart_int.h"

enum {
	TIP_ONLY = 6, /* the length of an arrow from a row that is not drawn */
	LEAST = 150,  /* the width of a mark, in hundredths of a pixel */
	STEP = 400    /* from one step of a critical path to the next */
};

static void
put_arrow(const struct svgchart *p, const struct svgchart_arrow *a)
{
	int from = a->from->y, to = a->to->y;
	bool tip_only = a->from == a->to, down = tip_only || from < to;
	int tip = down ? to : to + svgchart_height(a->to), tail = from;
	int64_t x = 100 * SVGCHART_LEFT + svgchart_x_of(&p->scale, a->arrow->t);

	if (tip_only)
		tail = tip - TIP_ONLY;
	else if (down)
		tail = from + svgchart_height(a->from);
	svg_put(p->out, "<g>");
	svgchart_hover_arrow(p, a->arrow);
	svg_put(p->out, "<path class=\"hit\" d=\"M%s %dV%d\"/>", svg_hundredths(x).s, tail, tip);
	svg_put(p->out, "<path class=\"%s\" d=\"M%s %dV%d%sz\"/></g>\n", a->irq ? "irq" : "wake",
	    svg_hundredths(x).s, tail, tip, down ? "l-2-4h4l-2 4" : "l-2 4h4l-2-4");
}

void
svgchart_arrows(const struct svgchart *p)
{
	size_t i;

	for (i = 0; i < p->narrow; i++)
		put_arrow(p, &p->arrow[i]);
}

/* The height of the line of a critical path, which is under the row. */
static int
line_of(const struct svgchart_row *row)
{
	return row->y + svgchart_height(row) + 2;
}

static void
put_line(const struct svgchart *p, const struct svgchart_row *row, int64_t x, int64_t end)
{
	svg_put(p->out, "<path class=\"path\" d=\"M%s %dH%s\"/>",
	    svg_hundredths(100 * SVGCHART_LEFT + x).s, line_of(row),
	    svg_hundredths(100 * SVGCHART_LEFT + (end - x < LEAST ? x + LEAST : end)).s);
}

/* Put a piece with its text. */
static void
put_piece(const struct svgchart *p, const struct chart_piece *piece, int64_t x, int64_t end)
{
	svg_put(p->out, "<g><title>critical path: ");
	svg_put_field(p->out, piece->state);
	if (!str_eq(piece->why, piece->state)) {
		svg_put(p->out, ", ");
		svg_put_field(p->out, piece->why);
	}
	svg_put(p->out, " %s\nfrom %s to %s, at %s\n", units_exact(piece->item.rank).s,
	    svgchart_since(&p->scale, piece->t).s, svgchart_since(&p->scale, piece->end).s,
	    units_stamp(piece->t).s);
	svg_put_field(p->out, piece->chain);
	svg_put(p->out, "</title>");
	put_line(p, svgchart_find(p, &piece->task), x, end);
	svg_put(p->out, "</g>\n");
}

/* The short pieces of a row that lie together. */
struct run {
	int64_t x, end;
};

static void
put_run(const struct svgchart *p, const struct svgchart_row *row, const struct run *run)
{
	if (run->end < 0)
		return;
	put_line(p, row, run->x, run->end);
	svg_put(p->out, "\n");
}

/* Put lines under the rows for the pieces of critical paths; those of a pixel or more have texts.
 */
static void
put_lines(const struct svgchart *p)
{
	struct run *run = mem_resize(NULL, p->rows.nrow + 1, sizeof *run), *r;
	const struct svgchart_row *row;
	int64_t x, end;
	size_t i;

	for (i = 0; i < p->rows.nrow; i++)
		run[i].end = -1;
	for (i = 0; i < p->npiece; i++) {
		row = svgchart_find(p, &p->piece[i]->task);
		r = &run[row - p->rows.row];
		x = svgchart_x_of(&p->scale, p->piece[i]->t);
		end = svgchart_x_of(&p->scale, p->piece[i]->end);
		if (end - x >= LEAST) {
			put_piece(p, p->piece[i], x, end);
		} else if (r->end >= 0 && x <= r->end + LEAST) {
			r->end = end > r->end ? end : r->end;
		} else {
			put_run(p, row, r);
			*r = (struct run){ x, end };
		}
	}
	for (i = 0; i < p->rows.nrow; i++)
		put_run(p, &p->rows.row[i], &run[i]);
	free(run);
}

/* Draw the critical paths: their pieces, and steps from each to the one that follows it, as far as
 * they can be told apart. */
void
svgchart_pieces(const struct svgchart *p)
{
	const struct svgchart_row *a, *b;
	int64_t x, last = -STEP;
	size_t i;

	put_lines(p);
	for (i = 1; i < p->npiece; i++) {
		a = svgchart_find(p, &p->piece[i - 1]->task);
		b = svgchart_find(p, &p->piece[i]->task);
		x = svgchart_x_of(&p->scale, p->piece[i]->t);
		if (a == b || p->piece[i - 1]->end != p->piece[i]->t || x < last + STEP)
			continue;
		last = x;
		svg_put(p->out, "<path class=\"step\" d=\"M%s %dV%d\"/>\n",
		    svg_hundredths(100 * SVGCHART_LEFT + x).s, line_of(a), line_of(b));
	}
}

static int
by_place(const void *a, const void *b, void *rows)
{
	const struct chart_mark *x = *(const struct chart_mark *const *)a;
	const struct chart_mark *y = *(const struct chart_mark *const *)b;
	struct chart_key kx = { .machine = x->machine, .cpu = x->cpu };
	struct chart_key ky = { .machine = y->machine, .cpu = y->cpu };
	int d = chart_key_order(rows, &kx, &ky);

	d = d != 0 ? d : ORDER(x->gap, y->gap);
	d = d != 0 ? d : ORDER(x->folded, y->folded);
	d = d != 0 ? d : ORDER(x->t, y->t);
	d = d != 0 ? d : ORDER(x->end, y->end);
	d = d != 0 ? d : ORDER(x->count, y->count);
	return d != 0 ? d : chart_order(x->what, y->what);
}

/* Find the extent of a mark: a CPU's bar, or all CPUs of its machine. False if it has no place. */
static bool
find_place(const struct svgchart *p, const struct chart_mark *m, int *y, int *h)
{
	const struct chart_key key = { m->machine, m->cpu, -1, -1, 0 };
	const struct svgchart_row *row = svgchart_find(p, &key);
	const struct svgchart_part *part;
	size_t i;

	if (m->cpu >= 0) {
		*y = row != NULL ? row->y : 0;
		*h = SVGCHART_CPU;
		return row != NULL;
	}
	for (i = 0; i < p->rows.npart; i++) {
		part = &p->rows.part[i];
		*y = part->cpus_y;
		*h = part->ncpu > 0 ? part->cpus_end - *y - 5 : part->end - *y;
		if (part->machine == m->machine)
			return true;
	}
	return false;
}

/* Put n marks that lie together, from x to end in hundredths of a pixel, as one. */
static void
put_mark(const struct svgchart *p, const struct chart_mark **mark, size_t n, int64_t x, int64_t end)
{
	const struct chart_mark *m = *mark;
	uint64_t count = 0;
	int y, h;
	size_t i;

	for (i = 0; i < n; i++)
		count += mark[i]->count != REC_NO_U64 ? mark[i]->count : 0;
	if (!find_place(p, m, &y, &h))
		return;
	svg_put(p->out, "<g><title>");
	if (count > 0)
		svg_put(p->out, "%s ", units_count(count).s);
	svg_put(p->out, m->gap ? "missing: " : "lost: ");
	svg_put_field(p->out, m->what);
	if (n > 1)
		svg_put(p->out, ", and %s more such marks", units_count(n - 1).s);
	end = end - x < LEAST ? x + LEAST : end;
	svg_put(p->out,
	    "</title><rect class=\"%s\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\"/></g>\n",
	    m->gap ? "gap" : "lost", svg_hundredths(100 * SVGCHART_LEFT + x).s,
	    m->gap ? y - 3 : y - 2, svg_hundredths(end - x).s, m->gap ? 2 : h + 4);
}

/* Do two marks lie together, the first ending there? */
static bool
together(
    const struct svgchart *p, const struct chart_mark *a, const struct chart_mark *b, int64_t end)
{
	return a->machine == b->machine && a->cpu == b->cpu && a->gap == b->gap &&
	       a->folded == b->folded && svgchart_x_of(&p->scale, b->t) <= end + LEAST;
}

void
svgchart_marks(const struct svgchart *p)
{
	const struct top *top = &p->chart->kept.marks;
	const struct chart_mark **mark = mem_resize(NULL, top->n + 1, sizeof *mark), *m;
	size_t i, next;
	int64_t x, end, later;

	for (i = 0; i < top->n; i++)
		mark[i] = (const void *)top->slot[i].item;
	qsort_r(mark, top->n, sizeof *mark, by_place, (void *)&p->chart->rows);
	for (i = 0; i < top->n; i = next) {
		m = mark[i];
		x = svgchart_x_of(&p->scale, m->t);
		end = svgchart_x_of(&p->scale, m->end);
		for (next = i + 1; next < top->n && together(p, m, mark[next], end); next++) {
			later = svgchart_x_of(&p->scale, mark[next]->end);
			end = end > later ? end : later;
		}
		/* a loss that the fold repeats is drawn once */
		if (!m->folded || p->chart->rows.machine[m->machine].losses == 0)
			put_mark(p, &mark[i], next - i, x, end);
	}
	free(mark);
}
