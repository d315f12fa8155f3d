/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "svgchart.h"

size_t
svgchart_columns(int width)
{
	return 2 * (size_t)(width - SVGCHART_LEFT - SVGCHART_RIGHT);
}

/* Fractions of the range are taken of a number with 40 bits, which leaves room to multiply. */
uint64_t
svgchart_scaled(const struct svgchart *p, uint64_t t)
{
	int bits = 64 - __builtin_clzll(p->span);

	t -= p->lo;
	return bits > 40 ? t >> (bits - 40) : t << (40 - bits);
}

int64_t
svgchart_x(const struct svgchart *p, int64_t t)
{
	uint64_t at = bins_time(t), whole = svgchart_scaled(p, p->hi);

	if (at <= p->lo)
		return 0;
	if (at >= p->hi)
		return 100 * (int64_t)p->plot;
	return (int64_t)((svgchart_scaled(p, at) * 100 * (uint64_t)p->plot + whole / 2) / whole);
}

/* Sums over the tasks that are asked for, and over all CPUs. */
static void
sum_up(struct svgchart *p)
{
	const struct chart *c = p->chart;
	enum chart_what what;
	size_t i;

	for (i = 0; i < c->nrow; i++) {
		p->tasks += c->row[i].picked;
		for (what = 0; what < CHART_WHATS; what++)
			if (c->row[i].picked || c->row[i].key.cpu >= 0)
				p->total[what] += chart_total(c, &c->row[i], what);
	}
}

/* The highest frequency of a machine's CPUs, in any bin. */
static void
find_freqs(struct svgchart *p, struct svgchart_part *part)
{
	struct bins_scale *s = &p->chart->scale;
	size_t n = bins_count(s), i, cpu;
	uint64_t *sum, *ns;

	if (!part->freqs)
		return;
	sum = mem_alloc(2 * n * sizeof *sum);
	ns = sum + n;
	for (cpu = part->cpu; cpu < part->cpu + part->ncpu; cpu++) {
		const struct chart_row *row = &p->chart->row[p->row[cpu].row];

		if (chart_lane(p->chart, row, CHART_FREQ) == NULL)
			continue;
		bins_read(&chart_lane(p->chart, row, CHART_FREQ)->bins, s, sum);
		bins_read(&chart_lane(p->chart, row, CHART_FREQ_TIME)->bins, s, ns);
		for (i = 0; i < n; i++)
			if (ns[i] > 0 && sum[i] / ns[i] > part->max_khz)
				part->max_khz = sum[i] / ns[i];
	}
	free(sum);
}

static void
draw_part(struct svgchart *p, struct svgchart_part *part)
{
	size_t i;

	svgchart_part_frame(p, part);
	for (i = part->cpu; i < part->cpu + part->ncpu; i++) {
		svgchart_cpu(p, part, i);
		svgchart_label(p, i);
	}
	for (i = part->task; i < part->task + part->ntask; i++) {
		if (!p->row[i].heading)
			svgchart_task(p, i);
		svgchart_label(p, i);
	}
}

void
svgchart_draw(struct out *o, struct chart *c, int width, size_t rows)
{
	struct svgchart p = { .out = o, .chart = c, .width = width, .rows = rows };
	size_t i;

	p.plot = width - SVGCHART_LEFT - SVGCHART_RIGHT;
	p.lo = c->scale.lo;
	p.hi = c->scale.hi > p.lo ? c->scale.hi : p.lo + 1;
	p.span = p.hi - p.lo;
	p.start = (int64_t)(p.lo ^ (uint64_t)1 << 63);
	sum_up(&p);
	svgchart_layout(&p);
	for (i = 0; i < p.npart; i++)
		find_freqs(&p, &p.part[i]);
	svgchart_place(&p);
	svgchart_choose(&p);
	svgchart_place(&p);
	svgchart_open(&p);
	svgchart_power(&p, &c->power, p.power_y);
	for (i = 0; i < p.npart; i++)
		draw_part(&p, &p.part[i]);
	svgchart_arrows(&p);
	svgchart_marks(&p);
	svgchart_power_apart(&p);
	out_str(o, STR("</svg>\n"));
	free(p.row);
	free(p.row_of);
	free(p.part);
	free(p.box);
	free(p.arrow);
}
