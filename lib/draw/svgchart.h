/* SPDX-License-Identifier: MIT */
/*
 * svgchart - draw a chart as one SVG: CPUs and tasks against time
 *
 * Below the caption and the legend stand, for each machine, its CPUs and then its tasks. A bar
 * shows the longest intervals as boxes with a text to hover over, and all others as one path a
 * state, in columns of half a pixel where the states stand upon each other by their share of the
 * time.
 */

#ifndef SVGCHART_H
#define SVGCHART_H

#include "base/out.h"
#include "chart.h"
#include "svg.h"

enum { SVGCHART_MINWIDTH = 500, SVGCHART_MAXWIDTH = 20000 };

/* The chart.columns that a picture so many pixels wide needs. */
size_t svgchart_columns(int width);

/* Draw it, with the rows of so many tasks. */
void svgchart_draw(struct out *, struct chart *, int width, size_t rows);

/* For svgchart's own files. All coordinates are pixels unless they say otherwise. */

enum {
	SVGCHART_LEFT = 176,  /* where the labels are */
	SVGCHART_RIGHT = 128, /* where the sums are */
	SVGCHART_ROW = 17,    /* from one task to the next */
	SVGCHART_BAR = 13,    /* of that, the bar */
	SVGCHART_CPU = 20,    /* a CPU's bar */
	SVGCHART_FONT = 11,
	SVGCHART_SMALL = 9,
	SVGCHART_HEAD = 48, /* where the legend begins */
	SVGCHART_MAXPART = 64,
	SVGCHART_MAXCPU = 256,
	SVGCHART_MAXBOX = 20000,
	SVGCHART_MAXARROW = 5000
};

struct svgchart_row {
	uint32_t row; /* in the chart */
	int y;
	int indent;
	bool heading; /* names a process of which only threads are drawn */
};

/* A machine's part of the picture. */
struct svgchart_part {
	uint32_t machine;
	size_t cpu, ncpu; /* its rows */
	size_t task, ntask;
	size_t more_cpus, more_tasks; /* that are not drawn */
	uint64_t more_ns;             /* these tasks' running time */
	bool cstates, freqs;
	uint64_t max_khz;
	int y, cpus_y, cpus_end, tasks_y, tasks_end, end;
};

/* How much text a box may have. */
enum svgchart_detail { SVGCHART_BRIEF, SVGCHART_SOME, SVGCHART_ALL };

struct svgchart_box {
	const struct chart_box *box;
	uint32_t row; /* in the picture */
	enum svgchart_detail detail;
};

struct svgchart_arrow {
	const struct chart_arrow *arrow;
	uint32_t from, to; /* rows of the picture, the same where the waker's is not drawn */
	bool irq;
};

struct svgchart {
	struct out *out;
	struct chart *chart;
	int width, plot, height;
	int axis_y, plot_end; /* between which the time grid is */
	int power_y, apart_y; /* where the power is, on the picture's clock, on one of its own */
	size_t rows;          /* of tasks at most */
	uint64_t lo, hi, span;
	int64_t start; /* lo as a time */
	struct svgchart_row *row;
	size_t nrow, row_cap;
	uint32_t *row_of; /* by the chart's row: 1 + the picture's, 0 where it is not drawn */
	struct svgchart_part *part;
	size_t npart, part_cap;
	struct svgchart_box *box; /* by row, then time */
	size_t nbox;
	struct svgchart_arrow *arrow; /* the longest wait first */
	size_t narrow;
	uint64_t total[CHART_WHATS];
	uint64_t tasks, wakes, irqs; /* how many there are */
	bool lost, gaps;
	bool fresh; /* nothing stands yet in the text being written */
};

/* Choose the rows; say where they are, below the legend of what is known to be drawn. */
void svgchart_layout(struct svgchart *);
void svgchart_place(struct svgchart *);

/* Choose the boxes and the arrows. */
void svgchart_choose(struct svgchart *);

/* Where a time is, in hundredths of a pixel from the left of the plot, at most its width. */
int64_t svgchart_x(const struct svgchart *, int64_t t);

/* How far from the left of the plot, in 2^39 .. 2^40 for all of it; that for all of it. */
uint64_t svgchart_scaled(const struct svgchart *, uint64_t t);

/* Words for what is on the picture: a short time, a count of things. */
void svgchart_add_short(struct svg_word *, uint64_t ns);
void svgchart_add_count(struct svg_word *, uint64_t n, const char *one);

/* The beginning: title, style, caption, legend, axis. The legend alone: where it ends. */
void svgchart_open(struct svgchart *);
void svgchart_style(struct svgchart *);
int svgchart_legend(struct svgchart *, int y, bool draw);

/* The time grid with its marks. */
void svgchart_axis(struct svgchart *);

/* The power of counters: how much room it takes, itself; all that is on a clock of its own. */
int svgchart_power_height(const struct chart_power *, bool apart);
void svgchart_power_style(struct svgchart *);
void svgchart_power(struct svgchart *, struct chart_power *, int y);
void svgchart_power_apart(const struct svgchart *);

/* The words round a machine's rows, those beside a row, the row. */
void svgchart_part_frame(struct svgchart *, const struct svgchart_part *);
void svgchart_label(struct svgchart *, size_t row);
int svgchart_cpu_height(const struct svgchart_part *);
void svgchart_cpu(struct svgchart *, const struct svgchart_part *, size_t row);
void svgchart_task(struct svgchart *, size_t row);
void svgchart_arrows(struct svgchart *);
void svgchart_marks(struct svgchart *);

/* The title, and if it is worth it the desc, of a box (on its CPU, or in its task's row), a row, an
 * arrow. */
void svgchart_hover(struct svgchart *, const struct svgchart_box *, bool cpu);
void svgchart_hover_row(struct svgchart *, const struct svgchart_row *);
void svgchart_hover_arrow(struct svgchart *, const struct chart_arrow *);

/* Our own words in such a text; a line of it; a stack, a frame a line, at most so many. */
void svgchart_put(struct svgchart *, const char *);
void svgchart_line(struct svgchart *, const char *);
void svgchart_put_stack(struct svgchart *, uint32_t machine, struct str stack, int max);

/* What stands in a box so many pixels wide, and its class: who runs on the CPU, where a task runs,
 * what it waits for. NULL for nothing. */
const char *svgchart_inside(
    struct svgchart *, const struct svgchart_box *, bool cpu, int px, struct svg_word *);

/* How long a task could have run, or wanted to go on, and did not. */
uint64_t svgchart_waiting(const struct chart *, const struct chart_row *);

/* How a state is called in the style sheet, and to the reader. */
const char *svgchart_class(enum chart_what);
const char *svgchart_word(enum chart_what);

#endif
