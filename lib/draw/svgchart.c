/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "svgchart_int.h"

enum { AXIS = 24 };

size_t
svgchart_columns(int width)
{
	return 2 * (size_t)(width - SVGCHART_LEFT - SVGCHART_RIGHT);
}

/* Sum up the selected tasks and all CPUs. */
static void
sum_up(struct svgchart *p)
{
	const struct chart_rows *rows = &p->chart->rows;
	const struct chart_row *row;
	enum chart_state s;
	size_t i;

	for (i = 0; i < rows->n; i++) {
		row = &rows->row[i];
		p->tasks += row->selected;
		for (s = 0; s < CHART_STATES; s++)
			if (row->selected || row->key.cpu >= 0)
				p->total[s] += chart_total(p->chart, row, s);
	}
	for (i = 0; i < p->chart->io.n; i++)
		for (s = CHART_IO_READ; s < CHART_LOOKS; s++)
			p->total[s] += chart_io_total(p->chart, &p->chart->io.row[i], s);
}

static void
place(struct svgchart *p)
{
	int y = svgchart_legend(p, SVGCHART_HEAD, false) + AXIS;

	p->axis_y = p->power_y = y;
	y += svgchart_power_height(&p->chart->power, false);
	p->plot_end = svgchart_place(&p->rows, y);
	p->own_clock_y = p->plot_end + AXIS + 4;
	p->height = p->own_clock_y + svgchart_power_height(&p->chart->own_clock, true);
}

static void
draw_part(const struct svgchart *p, const struct svgchart_part *part)
{
	size_t i;

	svgchart_part_frame(p, part);
	for (i = part->cpu; i < part->cpu + part->ncpu; i++) {
		svgchart_cpu(p, part, i);
		svgchart_row_label(p, &p->rows.row[i]);
	}
	svgchart_io(p, part);
	for (i = part->task; i < part->task + part->ntask; i++) {
		if (p->rows.row[i].kind != SVGCHART_HEADING)
			svgchart_task(p, i);
		svgchart_row_label(p, &p->rows.row[i]);
	}
}

void
svgchart_draw(struct out *o, const struct chart *c, const struct svgchart_options *with)
{
	struct svgchart p = { .out = o, .chart = c, .width = with->width };
	size_t i;

	p.scale = svgchart_scale_of(&c->bins, p.width - SVGCHART_LEFT - SVGCHART_RIGHT);
	if (c->time.text != NULL && c->time.first <= c->time.last &&
	    bins_time(c->time.first) < p.scale.lo)
		p.scale.zero = bins_time(c->time.first);
	sum_up(&p);
	svgchart_index(&p);
	svgchart_layout(&p.rows, c, with->rows, with->grouped);
	place(&p);
	svgchart_choose(&p);
	p.stats = c->whole ? svgchart_stats_new(&p) : NULL;
	place(&p); /* again: the legend names what was chosen */
	svgchart_head(&p);
	svgchart_power(&p, &c->power, &p.scale, p.power_y);
	for (i = 0; i < p.rows.npart; i++)
		draw_part(&p, &p.rows.part[i]);
	svgchart_more_parts(&p);
	svgchart_arrows(&p);
	svgchart_pieces(&p);
	svgchart_marks(&p);
	svgchart_own_clock(&p);
	if (with->data > 0)
		svgchart_data(&p, with->data);
	svg_put(o, "</svg>\n");
	svgchart_layout_free(&p.rows);
	svgchart_stats_free(p.stats);
	free(p.by_tid);
	hash_free(&p.tids);
	free(p.box);
	free(p.arrow);
	free(p.piece);
}
