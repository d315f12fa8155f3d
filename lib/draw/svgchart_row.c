/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "svgchart_int.h"

enum { LEAST = 2 }; /* half pixels: the height of a small share, so that it can be seen */

/* Some states of a row, drawn in one bar; the first is at the bottom. */
struct bar {
	const struct svgchart_row *row;
	enum chart_state first;
	size_t n;
	int y, h;
	const struct svgchart_box *box;
	size_t nbox;
	const struct chart_io_row *io; /* instead of a row */
	bool full; /* the whole height is all of the time, not what the states have of it */
};

/* Columns are half a pixel wide. */
static size_t
ncolumn(const struct svgchart *p)
{
	return 2 * (size_t)p->scale.plot;
}

/* Spread the ns spent between two times over the columns there, each of 2^-bits of a scaled unit of
 * time. */
static void
spread(const struct svgchart_scale *s, uint64_t from, uint64_t to, uint64_t ns, unsigned bits,
    uint64_t *column)
{
	uint64_t whole = svgchart_scaled(s, s->hi), n = 2 * (uint64_t)s->plot, c, at, next, density;
	uint64_t length = to - from, most;

	for (; length >> 31 != 0; length >>= 1)
		ns >>= 1;
	most = 2 * length << (32 - bits);
	density = length > 0 ? ((ns < most ? ns : most) << bits) / length : 0;
	from = svgchart_scaled(s, from);
	to = svgchart_scaled(s, to);
	for (c = from * n / whole; c < n && from < to; c++, from = at) {
		next = ((c + 1) * whole + n - 1) / n;
		at = next < to ? next : to;
		column[c] += density * (at - from);
	}
}

/* Turn the ns in each bin into shares of each column. */
static void
add_shares(const struct svgchart *p, const uint64_t *ns, unsigned bits, uint64_t *column)
{
	const struct bins *bins = &p->chart->bins;
	size_t n = bins_count(bins), i;
	uint64_t from, last;

	for (i = 0; i < n; i++) {
		from = bins_start(bins, i);
		last = from + ((uint64_t)1 << bins->shift) - 1;
		from = from > p->scale.lo ? from : p->scale.lo;
		last = last < p->scale.hi ? last + 1 : p->scale.hi;
		if (ns[i] > 0 && from < last)
			spread(&p->scale, from, last, ns[i], bits, column);
	}
}

/* Read the ns in each bin of the states of tasks whose intervals are kept whole. */
static void
read_whole(const struct svgchart *p, const struct svgchart_row *r, uint64_t *ns)
{
	size_t n = bins_count(&p->chart->bins), i;
	struct bins_cell *cell = mem_alloc(CHART_TASK_STATES * n * sizeof *cell);

	for (i = 0; i < r->n; i++)
		chart_spread(p->chart, p->rows.member[r->first + i], cell);
	for (i = 0; i < CHART_TASK_STATES; i++)
		bins_sum(&p->chart->bins, cell + i * n, ns + i * n);
	free(cell);
}

/* Read the ns in each bin of the states of a bar, one after the other. Returns the bits of a share
 * that are left if several tasks share the row: they take more time together than there is. */
static unsigned
read_states(const struct svgchart *p, const struct bar *b, uint64_t *ns)
{
	bool whole = p->chart->whole && b->row != NULL && b->row->kind != SVGCHART_CPU_ROW;
	size_t n = bins_count(&p->chart->bins), i, s;
	unsigned bits = 32;
	uint32_t lane;
	uint64_t sum;

	if (whole)
		read_whole(p, b->row, ns);
	for (s = 0; s < b->n && !whole; s++) {
		lane = b->io != NULL ? b->io->lane + (uint32_t)s : 0;
		if (b->io != NULL)
			bins_read(&p->chart->bins, &lane, 1, ns + s * n);
		else
			svgchart_read(p, b->row, b->first + (enum chart_state)s, ns + s * n);
	}
	for (i = 0; i < n && (b->io != NULL || b->row->n > 1); i++) {
		for (sum = 0, s = 0; s < b->n; s++)
			sum += ns[s * n + i];
		while (bits > 0 && sum >> p->chart->bins.shift >> (33 - bits) != 0)
			bits--;
	}
	return bits;
}

/* Turn the states' shares of a column of height h into heights; h is for full at least. */
static void
stack_up(const uint64_t *share, size_t n, uint64_t full, int h, uint8_t *height)
{
	uint64_t total = 0, below = 0;
	size_t i, most = 0;
	int low, top = 0;

	for (i = 0; i < n; i++)
		total += share[i] >> 12;
	total = total > full >> 12 || total == 0 ? total : full >> 12;
	memset(height, 0, n);
	for (i = 0; total > 0 && i < n; i++) {
		low = top;
		below += share[i] >> 12;
		top = (int)((below * (uint64_t)h + total / 2) / total);
		height[i] = (uint8_t)(top - low);
		most = height[i] > height[most] ? i : most;
	}
	for (i = 0; full > 0 && i < n; i++)
		if (share[i] > 0 && height[i] < LEAST)
			height[i] = LEAST;
	for (i = 0; total > 0 && full == 0 && i < n; i++)
		if (share[i] > 0 && height[i] < LEAST && height[most] > h / 2) {
			height[most] = (uint8_t)(height[most] - LEAST + height[i]);
			height[i] = LEAST;
		}
}

/* The state that a box shows in this bar: on a CPU it depends on the task that runs. */
static enum chart_state
shown_state(const struct svgchart *p, const struct bar *b, const struct svgchart_box *box)
{
	if (b->row->kind == SVGCHART_CPU_ROW && box->box->state == CHART_RUNNING)
		return chart_on_cpu(p->chart->rows.row[box->box->row].key.tid);
	return box->box->state;
}

static bool
in_bar(const struct svgchart *p, const struct bar *b, const struct svgchart_box *box)
{
	enum chart_state s = shown_state(p, b, box);

	return s >= b->first && s < b->first + b->n;
}

/* Clear the columns that a box covers wholly, but for those at its edges: they need no path. */
static void
clear_covered(const struct svgchart *p, const struct bar *b, uint8_t *height)
{
	size_t i, c, end;
	int64_t x;

	for (i = 0; i < b->nbox; i++) {
		if (!in_bar(p, b, &b->box[i]))
			continue;
		x = svgchart_x_of(&p->scale, b->box[i].box->t);
		c = (size_t)(x / 50) + (x > 0 ? 2 : 0);
		end = (size_t)(svgchart_x_of(&p->scale, b->box[i].box->end) / 50);
		end = end < ncolumn(p) && end > 0 ? end - 1 : end;
		if (c < end)
			memset(height + c * b->n, 0, (end - c) * b->n);
	}
}

/* The height of the states up to this one in a column, 0 if it has nothing of this one. */
static int
top_of(const uint8_t *height, size_t state)
{
	size_t i;
	int top = 0;

	for (i = 0; i <= state && height[state] > 0; i++)
		top += height[i];
	return top;
}

/* Put the outline of a state and all states below it, wherever there is some of it: the states
 * below are drawn over it. Units are half pixels. */
static void
put_outline(const struct svgchart *p, const struct bar *b, const uint8_t *height, size_t state)
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
		if (top > 0) {
			out_char(p->out, 'h');
			out_u64(p->out, end - c);
		} else if (now > 0) {
			out_char(p->out, 'z');
		}
	}
}

static void
put_path(const struct svgchart *p, const struct bar *b, const uint8_t *height, size_t state)
{
	size_t n = ncolumn(p), c;

	for (c = 0; c < n && height[c * b->n + state] == 0; c++)
		;
	if (c == n)
		return;
	svg_put(p->out, "<path class=\"%s\" transform=\"",
	    svgchart_class(b->first + (enum chart_state)state));
	if (b->y > 0)
		svg_put(p->out, "translate(0 %d)", b->y);
	svg_put(p->out, "scale(.5)\" d=\"");
	put_outline(p, b, height, state);
	svg_put(p->out, "\"/>\n");
}

static void
put_paths(const struct svgchart *p, const struct bar *b)
{
	size_t n = ncolumn(p), bins = bins_count(&p->chart->bins), c, i;
	uint64_t *column = mem_alloc((b->n + 1) * n * sizeof *column), share[CHART_STATES];
	uint64_t *ns = mem_resize(NULL, (b->n + 1) * bins, sizeof *ns), *full;
	uint8_t *height = mem_alloc(b->n * n);
	unsigned bits = read_states(p, b, ns);

	for (i = 0; i < b->n; i++)
		add_shares(p, ns + i * bins, bits, column + i * n);
	full = column + b->n * n;
	for (c = 0; c < bins; c++)
		ns[b->n * bins + c] = (uint64_t)b->full << p->chart->bins.shift;
	add_shares(p, ns + b->n * bins, bits, full);
	for (c = 0; c < n; c++) {
		for (i = 0; i < b->n; i++)
			share[i] = column[i * n + c];
		stack_up(share, b->n, full[c], 2 * b->h, height + c * b->n);
	}
	clear_covered(p, b, height);
	for (i = b->n; i-- > 0;)
		put_path(p, b, height, i);
	free(column);
	free(ns);
	free(height);
}

static void
put_box(const struct svgchart *p, const struct bar *b, const struct svgchart_box *box)
{
	int64_t x = svgchart_x_of(&p->scale, box->box->t),
		end = svgchart_x_of(&p->scale, box->box->end);

	svg_put(p->out, "<g>");
	svgchart_hover(p, box, b->row->kind == SVGCHART_CPU_ROW);
	svg_put(p->out, "<rect class=\"%s\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\"/></g>\n",
	    svgchart_class(shown_state(p, b, box)), svg_hundredths(x).s, b->y,
	    svg_hundredths(end - x).s, b->h);
}

/* Put a text into a box if there is room. */
static void
put_inside(const struct svgchart *p, const struct bar *b, const struct svgchart_box *box)
{
	int x = (int)(svgchart_x_of(&p->scale, box->box->t) / 100);
	int w = (int)(svgchart_x_of(&p->scale, box->box->end) / 100) - x;
	const char *class;
	struct svg_text t;

	if (w < 10)
		return;
	class = svgchart_inside(p, box, b->row->kind == SVGCHART_CPU_ROW, w - 5, &t);
	if (class != NULL)
		svg_label(p->out, class, x + 3, b->y + b->h / 2 + 3, svg_str(&t));
}

static void
put_bar(const struct svgchart *p, const struct bar *b)
{
	size_t i;

	put_paths(p, b);
	if (b->first == CHART_CPU_RUNNING && p->stats != NULL)
		svgchart_put_columns(p->stats, b->row);
	for (i = 0; i < b->nbox; i++)
		if (in_bar(p, b, &b->box[i]))
			put_box(p, b, &b->box[i]);
	for (i = 0; i < b->nbox; i++)
		if (in_bar(p, b, &b->box[i]))
			put_inside(p, b, &b->box[i]);
}

/* Start a row's group, with the boxes of the row. */
static struct bar
open_row(const struct svgchart *p, size_t row)
{
	const struct svgchart_row *r = &p->rows.row[row];
	struct bar b = { .row = r };
	size_t lo = 0, hi = p->nbox, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (p->box[mid].row < row)
			lo = mid + 1;
		else
			hi = mid;
	}
	b.box = p->box + lo;
	while (lo + b.nbox < p->nbox && b.box[b.nbox].row == row)
		b.nbox++;
	svg_put(p->out, "<g class=\"%s\" transform=\"translate(%d %d)\">\n",
	    r->kind == SVGCHART_CPU_ROW ? "cpu" : "task", SVGCHART_LEFT, r->y);
	svgchart_hover_row(p, r);
	return b;
}

/* Put the frequency in each bin, as a fraction of the highest: a line in steps. */
static void
put_freq(const struct svgchart *p, const struct svgchart_row *r, uint64_t max_khz, int y)
{
	const struct bins *bins = &p->chart->bins;
	size_t n = bins_count(bins), i;
	uint64_t *sum = mem_resize(NULL, 2 * n, sizeof *sum), *ns = sum + n;
	int64_t x, now = -1, level;

	svgchart_read(p, r, CHART_FREQ_TIME, ns);
	if (!svgchart_read(p, r, CHART_FREQ, sum)) {
		free(sum);
		return;
	}
	svg_put(p->out, "<path class=\"freq\" d=\"");
	for (i = 0; i <= n; i++, now = level) {
		level = -1;
		if (i < n && ns[i] > 0)
			level = (int64_t)(sum[i] / ns[i] * 100 * SVGCHART_FREQ / max_khz);
		level = level < 100 * SVGCHART_FREQ ? level : 100 * SVGCHART_FREQ;
		if (level == now)
			continue;
		x = i == n ? 100 * (int64_t)p->scale.plot
			   : svgchart_x(&p->scale, bins_start(bins, i));
		svg_put(p->out, "%c%s", now < 0 ? 'M' : 'H', svg_hundredths(x).s);
		if (level >= 0)
			svg_put(p->out, "%c%s", now < 0 ? ' ' : 'V',
			    svg_hundredths(100 * (y + SVGCHART_FREQ) - level).s);
	}
	svg_put(p->out, "\"/>\n");
	free(sum);
}

void
svgchart_cpu(const struct svgchart *p, const struct svgchart_part *part, size_t row)
{
	struct bar b = open_row(p, row);
	int y = SVGCHART_CPU + 1;

	b.first = CHART_CPU_RUNNING;
	b.n = CHART_CPU_UNKNOWN - CHART_CPU_RUNNING + 1;
	b.h = SVGCHART_CPU;
	put_bar(p, &b);
	if (part->irqs) {
		b.first = CHART_IN_IRQ;
		b.n = 2;
		b.y = y;
		b.h = SVGCHART_STRIP;
		b.full = true;
		put_bar(p, &b);
		b.full = false;
		y += SVGCHART_STRIP + 1;
	}
	if (part->cstates) {
		b.first = CHART_C0;
		b.n = CHART_C7 - CHART_C0 + 1;
		b.y = y;
		b.h = SVGCHART_STRIP;
		put_bar(p, &b);
		y += SVGCHART_STRIP + 1;
	}
	if (part->max_khz > 0)
		put_freq(p, b.row, part->max_khz, y);
	svg_put(p->out, "</g>\n");
}

void
svgchart_task(const struct svgchart *p, size_t row)
{
	struct bar b = open_row(p, row);

	b.first = CHART_RUNNING;
	b.n = CHART_TASK_STATES;
	b.h = svgchart_height(b.row);
	put_bar(p, &b);
	svg_put(p->out, "</g>\n");
}

void
svgchart_io_bar(const struct svgchart *p, const struct chart_io_row *row)
{
	const struct bar b = { .io = row,
		.first = CHART_IO_READ,
		.n = CHART_LOOKS - CHART_IO_READ,
		.h = SVGCHART_BAR,
		.full = true };

	put_paths(p, &b);
}
