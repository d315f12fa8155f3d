/* SPDX-License-Identifier: MIT */
/* What is drawn over the rows: wakeups, and where events are missing. */

#include <stdlib.h>

#include "base/mem.h"
#include "svgchart.h"
#include "units.h"

enum { STUB = 6 }; /* what is seen of an arrow from a row that is not drawn */

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static void
put_arrow(struct svgchart *p, const struct svgchart_arrow *a)
{
	int from = p->row[a->from].y, to = p->row[a->to].y;
	bool stub = a->from == a->to, down = stub || from < to;
	int tip = down ? to : to + SVGCHART_BAR;
	struct out *o = p->out;

	out_str(o, STR("<g>"));
	svgchart_hover_arrow(p, a->arrow);
	out_str(o, a->irq ? STR("<path class=\"irq\" d=\"M") : STR("<path class=\"wake\" d=\"M"));
	svg_put_hundredths(o, 100 * SVGCHART_LEFT + svgchart_x(p, a->arrow->t));
	out_char(o, ' ');
	out_s64(o, stub ? tip - STUB : down ? from + SVGCHART_BAR : from);
	out_char(o, 'V');
	out_s64(o, tip);
	out_str(o, down ? STR("l-2-4h4l-2 4") : STR("l-2 4h4l-2-4"));
	out_str(o, STR("z\"/></g>\n"));
}

void
svgchart_arrows(struct svgchart *p)
{
	size_t i;

	for (i = 0; i < p->narrow; i++)
		put_arrow(p, &p->arrow[i]);
}

static const struct chart_mark *
mark_of(const struct top_slot *slot)
{
	return (const void *)slot->item;
}

static int
by_place(const void *a, const void *b, void *chart)
{
	const struct chart_mark *x = mark_of(a), *y = mark_of(b);
	struct chart_key kx = { .machine = x->machine, .cpu = x->cpu };
	struct chart_key ky = { .machine = y->machine, .cpu = y->cpu };
	int d = chart_key_order(chart, &kx, &ky);

	d = d != 0 ? d : ORDER(x->gap, y->gap);
	d = d != 0 ? d : ORDER(x->folded, y->folded);
	d = d != 0 ? d : ORDER(x->t, y->t);
	d = d != 0 ? d : ORDER(x->end, y->end);
	d = d != 0 ? d : ORDER(x->count, y->count);
	return d != 0 ? d : chart_order(x->what, y->what);
}

/* From where to where a mark is: a CPU's bar, all CPUs of its machine. False where it has no place.
 */
static bool
place(const struct svgchart *p, const struct chart_mark *m, int *y, int *h)
{
	const struct chart_key key = { m->machine, m->cpu, -1, -1, 0 };
	const struct chart_row *row = m->cpu >= 0 ? chart_find(p->chart, &key) : NULL;
	size_t i;

	if (row != NULL && p->row_of[row - p->chart->row] != 0) {
		*y = p->row[p->row_of[row - p->chart->row] - 1].y;
		*h = SVGCHART_CPU;
		return true;
	}
	for (i = 0; i < p->npart; i++)
		if (p->part[i].machine == m->machine) {
			*y = p->part[i].cpus_y;
			*h = p->part[i].ncpu > 0 ? p->part[i].cpus_end - *y - 5
						 : p->part[i].end - *y;
			return m->cpu < 0;
		}
	return false;
}

/* Some marks that lie together: what they are, how many, how much is missing. */
static void
put_mark(struct svgchart *p, const struct top_slot *slot, size_t n, int64_t x, int64_t end)
{
	const struct chart_mark *m = mark_of(slot);
	uint64_t count = 0;
	struct out *o = p->out;
	int y, h;
	size_t i;

	for (i = 0; i < n; i++)
		count += mark_of(slot + i)->count != REC_NO_U64 ? mark_of(slot + i)->count : 0;
	if (!place(p, m, &y, &h))
		return;
	out_str(o, STR("<g><title>"));
	if (count > 0) {
		o->n += units_count(out_room(o, UNITS_ROOM), count);
		out_char(o, ' ');
	}
	out_str(o, m->gap ? STR("missing: ") : STR("lost: "));
	svg_put_field(o, m->what);
	if (n > 1) {
		out_str(o, STR(", and "));
		o->n += units_count(out_room(o, UNITS_ROOM), n - 1);
		out_str(o, STR(" more such marks"));
	}
	out_str(o, STR("</title><rect class=\""));
	out_str(o, m->gap ? STR("gap\"") : STR("lost\""));
	end = end - x < 150 ? x + 150 : end;
	svg_attr_hundredths(o, "x", 100 * SVGCHART_LEFT + x);
	svg_attr(o, "y", m->gap ? y - 3 : y - 2);
	svg_attr_hundredths(o, "width", end - x);
	svg_attr(o, "height", m->gap ? 2 : h + 4);
	out_str(o, STR("/></g>\n"));
}

/* Do two lie together, the first ending there? */
static bool
together(
    const struct svgchart *p, const struct chart_mark *a, const struct chart_mark *b, int64_t end)
{
	return a->machine == b->machine && a->cpu == b->cpu && a->gap == b->gap &&
	       a->folded == b->folded && svgchart_x(p, b->t) <= end + 150;
}

void
svgchart_marks(struct svgchart *p)
{
	struct top *top = &p->chart->marks;
	const struct chart_mark *m;
	size_t i, next;
	int64_t x, end, later;

	if (top->n > 0)
		qsort_r(top->slot, top->n, sizeof *top->slot, by_place, p->chart);
	for (i = 0; i < top->n; i = next) {
		m = mark_of(&top->slot[i]);
		x = svgchart_x(p, m->t);
		end = svgchart_x(p, m->end);
		for (next = i + 1; next < top->n; next++) {
			if (!together(p, m, mark_of(&top->slot[next]), end))
				break;
			later = svgchart_x(p, mark_of(&top->slot[next])->end);
			end = end > later ? end : later;
		}
		/* what is said twice, by the reader and the fold, is drawn once */
		if (!m->folded || p->chart->machine[m->machine].losses == 0)
			put_mark(p, &top->slot[i], next - i, x, end);
	}
}
