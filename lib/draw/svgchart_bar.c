/* SPDX-License-Identifier: MIT */
/* One row: its shares of time as paths, its long intervals as boxes. */

#include <stdlib.h>

#include "base/mem.h"
#include "svg.h"
#include "svgchart.h"
#include "units.h"

enum {
	STRIP = 10, /* of cpuidle states */
	FREQ = 13,
	LEAST = 2, /* half pixels: what a state gets at least, so that it can be seen */
	MAXSTATES = CHART_STATES
};

/* Some states of a row, drawn in one bar; the first is at the bottom. */
struct bar {
	const struct chart_row *row;
	enum chart_what first;
	size_t n;
	int y, h;
	const struct svgchart_box *box;
	size_t nbox;
};

int
svgchart_cpu_height(const struct svgchart_part *part)
{
	return SVGCHART_CPU + (part->cstates ? STRIP + 1 : 0) + (part->freqs ? FREQ + 1 : 0) + 5;
}

static size_t
ncolumn(const struct svgchart *p)
{
	return 2 * (size_t)p->plot;
}

/* Spread what is spent in a stretch over the columns that it touches. */
static void
spread(const struct svgchart *p, uint64_t from, uint64_t to, uint64_t ns, uint64_t *column)
{
	uint64_t whole = svgchart_scaled(p, p->hi), n = ncolumn(p), c, at, next, density;
	uint64_t length = to - from;

	for (; length >> 31 != 0; length >>= 1)
		ns >>= 1;
	density = length > 0 ? ((ns < 2 * length ? ns : 2 * length) << 32) / length : 0;
	from = svgchart_scaled(p, from);
	to = svgchart_scaled(p, to);
	for (c = from * n / whole; c < n && from < to; c++, from = at) {
		next = ((c + 1) * whole + n - 1) / n;
		at = next < to ? next : to;
		column[c] += density * (at - from);
	}
}

/* A state's share in each column, as parts of 2^32 of a scaled unit of time. */
static void
get_shares(const struct svgchart *p, const struct bar *b, enum chart_what what, uint64_t *column)
{
	struct bins_scale *s = &p->chart->scale;
	size_t n = bins_count(s), i;
	uint64_t *ns = mem_resize(NULL, n, sizeof *ns), from, to;

	chart_read(p->chart, b->row, what, ns);
	for (i = 0; i < n; i++) {
		from = ((p->lo >> s->shift) + i) << s->shift;
		to = from + ((uint64_t)1 << s->shift) - 1;
		from = from > p->lo ? from : p->lo;
		to = to < p->hi ? to + 1 : p->hi;
		if (ns[i] > 0 && from < to)
			spread(p, from, to, ns[i], column);
	}
	free(ns);
}

/* How high each state stands in a column of height h: by its share, but not so low that it cannot
 * be seen. */
static void
stand(const uint64_t *share, size_t n, int h, uint8_t *height)
{
	uint64_t total = 0, below = 0;
	size_t i, most = 0;
	int low, top = 0;

	for (i = 0; i < n; i++)
		total += share[i] >> 12;
	memset(height, 0, n);
	for (i = 0; total > 0 && i < n; i++) {
		low = top;
		below += share[i] >> 12;
		top = (int)((below * (uint64_t)h + total / 2) / total);
		height[i] = (uint8_t)(top - low);
		most = height[i] > height[most] ? i : most;
	}
	for (i = 0; total > 0 && i < n; i++)
		if (share[i] > 0 && height[i] < LEAST && height[most] > h / 2) {
			height[most] = (uint8_t)(height[most] - LEAST + height[i]);
			height[i] = LEAST;
		}
}

/* What a box is in this bar: a CPU's differs with the task that runs. */
static enum chart_what
look_of(const struct svgchart *p, const struct bar *b, const struct svgchart_box *box)
{
	if (b->row->key.cpu >= 0 && box->box->what == CHART_RUNNING)
		return chart_on_cpu(p->chart->row[box->box->row].key.tid);
	return box->box->what;
}

/* Which of the bar's states a box is, n where it is none of them. */
static size_t
state_of(const struct svgchart *p, const struct bar *b, const struct svgchart_box *box)
{
	enum chart_what what = look_of(p, b, box);

	return what >= b->first && what < b->first + b->n ? what - b->first : b->n;
}

/* Columns wholly under a box, and not at its edge, need no path. */
static void
clear_covered(const struct svgchart *p, const struct bar *b, uint8_t *height)
{
	size_t i, c, end;
	int64_t x;

	for (i = 0; i < b->nbox; i++) {
		if (state_of(p, b, &b->box[i]) == b->n)
			continue;
		x = svgchart_x(p, b->box[i].box->t);
		c = (size_t)(x / 50) + (x > 0 ? 2 : 0);
		end = (size_t)(svgchart_x(p, b->box[i].box->end) / 50);
		end = end < ncolumn(p) && end > 0 ? end - 1 : end;
		if (c < end)
			memset(height + c * b->n, 0, (end - c) * b->n);
	}
}

/* How high the states up to this one stand in a column, 0 where there is nothing of it. */
static int
top_of(const uint8_t *height, size_t state)
{
	size_t i;
	int top = 0;

	for (i = 0; i <= state && height[state] > 0; i++)
		top += height[i];
	return top;
}

/* The outline of all that stands below a state's top, where there is any of it: the states below
 * are drawn over it. Units are half pixels. */
static void
put_outline(struct svgchart *p, const struct bar *b, const uint8_t *height, size_t state)
{
	size_t n = ncolumn(p), c, end;
	int top, now = 0;

	for (c = 0; c <= n; c = end, now = top) {
		end = c + 1;
		top = c < n ? top_of(height + c * b->n, state) : 0;
		while (end < n && top_of(height + end * b->n, state) == top)
			end++;
		if (now == 0 && top > 0) {
			out_char(p->out, 'M');
			out_u64(p->out, c);
			out_char(p->out, ' ');
			out_s64(p->out, 2 * b->h);
		}
		if (now != top) {
			out_char(p->out, 'V');
			out_s64(p->out, 2 * b->h - top);
		}
		out_str(p->out, top > 0 ? STR("h") : now > 0 ? STR("z") : STR(""));
		if (top > 0)
			out_u64(p->out, end - c);
	}
}

static void
put_path(struct svgchart *p, const struct bar *b, const uint8_t *height, size_t state)
{
	size_t n = ncolumn(p), c;

	for (c = 0; c < n && height[c * b->n + state] == 0; c++)
		;
	if (c == n)
		return;
	out_str(p->out, STR("<path class=\""));
	out_str(p->out, str_of(svgchart_class(b->first + (enum chart_what)state)));
	out_str(p->out, STR("\" transform=\""));
	if (b->y > 0) {
		out_str(p->out, STR("translate(0 "));
		out_s64(p->out, b->y);
		out_str(p->out, STR(")"));
	}
	out_str(p->out, STR("scale(.5)\" d=\""));
	put_outline(p, b, height, state);
	out_str(p->out, STR("\"/>\n"));
}

static void
put_paths(struct svgchart *p, const struct bar *b)
{
	size_t n = ncolumn(p), c, w;
	uint64_t *column = mem_alloc(b->n * n * sizeof *column), share[MAXSTATES];
	uint8_t *height = mem_alloc(b->n * n);

	for (w = 0; w < b->n; w++)
		if (chart_lane(p->chart, b->row, b->first + (enum chart_what)w) != NULL)
			get_shares(p, b, b->first + (enum chart_what)w, column + w * n);
	for (c = 0; c < n; c++) {
		for (w = 0; w < b->n; w++)
			share[w] = column[w * n + c];
		stand(share, b->n, 2 * b->h, height + c * b->n);
	}
	clear_covered(p, b, height);
	for (w = b->n; w-- > 0;)
		put_path(p, b, height, w);
	free(column);
	free(height);
}

static void
put_box(struct svgchart *p, const struct bar *b, const struct svgchart_box *box)
{
	int64_t x = svgchart_x(p, box->box->t), end = svgchart_x(p, box->box->end);
	struct out *o = p->out;

	out_str(o, STR("<g>"));
	svgchart_hover(p, box, b->row->key.cpu >= 0);
	out_str(o, STR("<rect class=\""));
	out_str(o, str_of(svgchart_class(look_of(p, b, box))));
	out_char(o, '"');
	svg_attr_hundredths(o, "x", x);
	svg_attr(o, "y", b->y);
	svg_attr_hundredths(o, "width", end - x);
	svg_attr(o, "height", b->h);
	out_str(o, STR("/></g>\n"));
}

/* What a box says in the picture itself, if there is room. */
static void
put_inside(struct svgchart *p, const struct bar *b, const struct svgchart_box *box)
{
	bool cpu = b->row->key.cpu >= 0;
	int x = (int)(svgchart_x(p, box->box->t) / 100);
	int w = (int)(svgchart_x(p, box->box->end) / 100) - x;
	const char *class;
	struct svg_word word;

	if (w >= 10 && (class = svgchart_inside(p, box, cpu, w - 5, &word)) != NULL)
		svg_text(
		    p->out, class, x + 3, b->y + b->h / 2 + 3, (struct str){ word.text, word.n });
}

static void
put_bar(struct svgchart *p, const struct bar *b)
{
	size_t i;

	put_paths(p, b);
	for (i = 0; i < b->nbox; i++)
		if (state_of(p, b, &b->box[i]) < b->n)
			put_box(p, b, &b->box[i]);
	for (i = 0; i < b->nbox; i++)
		if (state_of(p, b, &b->box[i]) < b->n)
			put_inside(p, b, &b->box[i]);
}

/* The boxes of a row of the picture: p->box is in their order. */
static size_t
boxes_of(const struct svgchart *p, size_t row, const struct svgchart_box **first)
{
	size_t lo = 0, hi = p->nbox, mid, n = 0;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (p->box[mid].row < row)
			lo = mid + 1;
		else
			hi = mid;
	}
	*first = p->box + lo;
	while (lo + n < p->nbox && p->box[lo + n].row == row)
		n++;
	return n;
}

static void
open_row(struct svgchart *p, const struct svgchart_row *r)
{
	out_str(p->out, STR("<g class=\""));
	out_str(p->out, p->chart->row[r->row].key.cpu >= 0 ? STR("cpu") : STR("task"));
	out_str(p->out, STR("\" transform=\"translate("));
	out_s64(p->out, SVGCHART_LEFT);
	out_char(p->out, ' ');
	out_s64(p->out, r->y);
	out_str(p->out, STR(")\">\n"));
	svgchart_hover_row(p, r);
}

/* The frequency in each bin, as a part of the highest: a line in steps. */
static void
put_freq(struct svgchart *p, const struct svgchart_part *part, const struct chart_row *row, int y)
{
	struct bins_scale *s = &p->chart->scale;
	size_t n = bins_count(s), i;
	uint64_t *sum = mem_alloc(2 * n * sizeof *sum), *ns = sum + n, from;
	int64_t x, now = -1, level;

	bins_read(&chart_lane(p->chart, row, CHART_FREQ)->bins, s, sum);
	bins_read(&chart_lane(p->chart, row, CHART_FREQ_TIME)->bins, s, ns);
	out_str(p->out, STR("<path class=\"freq\" d=\""));
	for (i = 0; i <= n; i++) {
		level = i < n && ns[i] > 0 ? (int64_t)(sum[i] / ns[i] * 100 * FREQ / part->max_khz)
					   : -1;
		level = level < 100 * FREQ ? level : 100 * FREQ;
		if (level == now)
			continue;
		from = ((p->lo >> s->shift) + i) << s->shift;
		x = svgchart_x(p, (int64_t)(from ^ (uint64_t)1 << 63));
		if (i == n)
			x = 100 * (int64_t)p->plot;
		out_char(p->out, now < 0 ? 'M' : 'H');
		svg_put_hundredths(p->out, x);
		if (level >= 0) {
			out_char(p->out, now < 0 ? ' ' : 'V');
			svg_put_hundredths(p->out, 100 * (y + FREQ) - level);
		}
		now = level;
	}
	out_str(p->out, STR("\"/>\n"));
	free(sum);
}

void
svgchart_cpu(struct svgchart *p, const struct svgchart_part *part, size_t row)
{
	const struct svgchart_row *r = &p->row[row];
	struct bar b = { .row = &p->chart->row[r->row], .h = SVGCHART_CPU };
	int y = SVGCHART_CPU + 1;

	b.nbox = boxes_of(p, row, &b.box);
	open_row(p, r);
	b.first = CHART_CPU_RUNNING;
	b.n = CHART_CPU_UNKNOWN - CHART_CPU_RUNNING + 1;
	put_bar(p, &b);
	if (part->cstates) {
		b.first = CHART_C0;
		b.n = CHART_C7 - CHART_C0 + 1;
		b.y = y;
		b.h = STRIP;
		put_bar(p, &b);
		y += STRIP + 1;
	}
	if (part->max_khz > 0 && chart_lane(p->chart, b.row, CHART_FREQ) != NULL)
		put_freq(p, part, b.row, y);
	out_str(p->out, STR("</g>\n"));
}

void
svgchart_task(struct svgchart *p, size_t row)
{
	const struct svgchart_row *r = &p->row[row];
	struct bar b = { .row = &p->chart->row[r->row],
		.first = CHART_RUNNING,
		.n = CHART_STATES,
		.h = SVGCHART_BAR };

	b.nbox = boxes_of(p, row, &b.box);
	open_row(p, r);
	put_bar(p, &b);
	out_str(p->out, STR("</g>\n"));
}
