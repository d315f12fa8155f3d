/* SPDX-License-Identifier: MIT */
/* svgchart_int - what the files of svgchart share; coordinates are pixels unless they say otherwise
 */

#ifndef SVGCHART_INT_H
#define SVGCHART_INT_H

#include "base/units.h"
#include "svg.h"
#include "svgchart.h"

enum {
	SVGCHART_EDGE = 8,     /* the margin */
	SVGCHART_LEFT = 176,   /* the width of the labels */
	SVGCHART_RIGHT = 128,  /* the width of the sums */
	SVGCHART_SUM_GAP = 60, /* from one column of sums to the next */
	SVGCHART_ROW = 17,     /* from one task to the next */
	SVGCHART_BAR = 13,     /* a task's bar */
	SVGCHART_TALL = 3 * SVGCHART_ROW - 4,
	SVGCHART_CPU = 20,   /* a CPU's bar */
	SVGCHART_STRIP = 10, /* a CPU's idle states */
	SVGCHART_FREQ = 13,  /* a CPU's frequency */
	SVGCHART_FONT = 11,
	SVGCHART_SMALL = 9,
	SVGCHART_HEAD = 48 /* the top of the legend */
};

/* --- svgchart_layout: which rows there are, in which order, and where */

/* The time that a plot shows, by bins_time(). */
struct svgchart_scale {
	uint64_t lo, hi;
	uint64_t
	    zero; /* from where the axis counts: the start of all, even if the plot begins later */
	int plot; /* pixels */
};

enum svgchart_kind {
	SVGCHART_CPU_ROW,
	SVGCHART_TASK_ROW,  /* a task, or several one after the other */
	SVGCHART_AGGREGATE, /* tasks of one path, with their shares of all their time */
	SVGCHART_OTHERS,    /* the same of all that have no row */
	SVGCHART_HEADING    /* names a process of which only threads are drawn */
};

struct svgchart_row {
	enum svgchart_kind kind;
	size_t first, n;   /* what it shows, in svgchart_layout.member */
	struct str name;   /* of several tasks; of a command of which these are the others */
	struct str shared; /* the outermost frames, if all stacks of its boxes have them */
	int y, indent;
	bool tall;
};

/* The rows of one kind that a machine has in the picture: n of chart.io from the first on. */
struct svgchart_io {
	size_t first, n, more;
	uint64_t more_ns; /* of the others, without polls */
	int y;
};

/* A machine's part of the picture. */
struct svgchart_part {
	uint32_t machine;
	size_t cpu, ncpu; /* its rows */
	size_t task, ntask;
	size_t more_cpus, more_tasks; /* not drawn */
	uint64_t more_ns;             /* the running time of these tasks */
	int64_t first, last;          /* the extent of the states of tasks */
	bool cstates, freqs, irqs;
	struct svgchart_io files, no_file, devices;
	uint64_t max_khz;
	int y, cpus_y, cpus_end, tasks_y, tasks_end, end;
};

struct svgchart_layout {
	struct svgchart_row *row;
	size_t nrow, row_cap;
	uint32_t *member; /* rows of the chart */
	size_t nmember, member_cap;
	uint32_t *row_of; /* 1 + the picture's row by the chart's row, 0 if it is not drawn */
	struct svgchart_part *part;
	size_t npart, part_cap;
	bool grouped;
	size_t more_parts; /* machines that are not drawn; what says so is at more_y */
	int more_y;
};

/* Choose the rows of tasks: at most this number, besides those of all others; if not grouped, each
 * of one task. */
void svgchart_layout(struct svgchart_layout *, const struct chart *, size_t rows, bool grouped);

/* Place the rows from y on; returns where they end. */
int svgchart_place(struct svgchart_layout *, int y);
void svgchart_layout_free(struct svgchart_layout *);

/* The height of a row's bar; of all that a CPU's row shows. */
int svgchart_height(const struct svgchart_row *);
int svgchart_cpu_height(const struct svgchart_part *);

/* The scale of some bins, which is 1 ns long at least. */
struct svgchart_scale svgchart_scale_of(const struct bins *, int plot);

/* The place of a time, in hundredths of a pixel from the left of the plot, clipped to it. */
int64_t svgchart_x(const struct svgchart_scale *, uint64_t t);

/* The same of a record's time. */
static inline int64_t
svgchart_x_of(const struct svgchart_scale *s, int64_t t)
{
	return svgchart_x(s, bins_time(t));
}

/* How far a time within the scale is from the left, from 0 to svgchart_scaled(hi) < 2^40. */
uint64_t svgchart_scaled(const struct svgchart_scale *, uint64_t t);

/* A time as on the axis. */
struct units svgchart_since(const struct svgchart_scale *, int64_t t);

/* --- svgchart_group: which tasks share rows */

struct svgchart_groups *svgchart_groups_new(const struct chart *, size_t rows);

/* Add the rows of a machine. */
void svgchart_groups_add(
    const struct svgchart_groups *, struct svgchart_layout *, uint32_t machine);
void svgchart_groups_free(struct svgchart_groups *);

/* --- svgchart_rows: what the rows show */

/* Add a row; add what the last row shows. */
struct svgchart_row *svgchart_add_row(struct svgchart_layout *, enum svgchart_kind);
void svgchart_add_member(struct svgchart_layout *, const struct chart *, const struct chart_row *);

/* How long a task could have run, or wanted to go on, and did not. */
uint64_t svgchart_waiting(const struct chart *, const struct chart_row *);

/* --- svgchart_choose: which intervals are boxes, with how much text; which wakeups are arrows */

enum svgchart_detail { SVGCHART_BRIEF, SVGCHART_SOME, SVGCHART_ALL };

struct svgchart_box {
	const struct chart_box *box;
	uint32_t row; /* in the picture */
	enum svgchart_detail detail;
};

struct svgchart_arrow {
	const struct chart_arrow *arrow;
	const struct svgchart_row *from, *to; /* the same if the waker's row is not drawn */
	bool irq;
};

struct svgchart {
	struct out *out;
	const struct chart *chart;
	struct svgchart_scale scale;
	struct svgchart_layout rows;
	uint64_t tasks;              /* selected */
	uint64_t total[CHART_LOOKS]; /* ns, of these tasks and of all CPUs */
	int width, height;
	int axis_y, plot_end;         /* the extent of the time grid */
	int power_y, own_clock_y;     /* the power of counters */
	struct svgchart_box *box;     /* by row, then time */
	struct svgchart_arrow *arrow; /* the longest wait first */
	size_t nbox, narrow;
	const struct chart_piece **piece; /* those with a row, by time */
	size_t npiece;
	struct svgchart_stats *stats; /* NULL if the chart is not whole */
	uint32_t *by_tid;             /* rows of the chart: tasks by machine, tid and birth */
	size_t ntid;
	struct hash tids; /* machine and tid -> the range in by_tid, the end in the lower half */
};

/* --- svgchart_rows, of the whole picture */

const struct chart_row *svgchart_member(
    const struct svgchart *, const struct svgchart_row *, size_t i);

/* The ns that a row is in a state; the same in each bin, returns false if there are none. */
uint64_t svgchart_total(const struct svgchart *, const struct svgchart_row *, enum chart_state);
bool svgchart_read(
    const struct svgchart *, const struct svgchart_row *, enum chart_state, uint64_t *ns);

/* The row that shows a task or CPU; NULL if it is not drawn. */
const struct svgchart_row *svgchart_find(const struct svgchart *, const struct chart_key *);

/* The same by the chart's row, if its intervals can be boxes there. */
const struct svgchart_row *svgchart_boxes(const struct svgchart *, uint32_t row);

/* Find the tasks by their tids; the task that had a tid at a time, NULL if there is none. Most
 * answers are the same as one before, which the caller keeps; they start as { 0 }. */
enum { SVGCHART_RECENT = 64 };

struct svgchart_recent {
	struct svgchart_who {
		uint32_t machine;
		int32_t tid;
		int64_t from, to;
		const struct chart_row *row;
	} who[SVGCHART_RECENT];
};

void svgchart_index(struct svgchart *);
const struct chart_row *svgchart_task_at(
    const struct svgchart *, struct svgchart_recent *, uint32_t machine, int32_t tid, int64_t t);

/* --- svgchart_choose */

void svgchart_choose(struct svgchart *);

/* --- svgchart_text: what is said about a box, a row or an arrow */

/* The title of a box, and a desc if there is more to say. A box of a task that runs is drawn twice:
 * cpu tells that this is the one on its CPU. */
void svgchart_hover(const struct svgchart *, const struct svgchart_box *, bool cpu);
void svgchart_hover_row(const struct svgchart *, const struct svgchart_row *);
void svgchart_hover_arrow(const struct svgchart *, const struct chart_arrow *);

/* The text inside a box of px pixels, and its class; NULL for none. */
const char *svgchart_inside(
    const struct svgchart *, const struct svgchart_box *, bool cpu, int px, struct svg_text *);

/* Add a number of things: 1 CPU, 2 CPUs. */
void svgchart_add_count(struct svg_text *, uint64_t n, const char *one);

/* --- svgchart_style: colours, names, the legend */

/* The class of a state in the style sheet; its name for the reader. */
const char *svgchart_class(enum chart_state);
const char *svgchart_name(enum chart_state);

void svgchart_style(const struct svgchart *);

/* The legend below y; returns where it ends. */
int svgchart_legend(const struct svgchart *, int y, bool draw);

/* What the page of the script has of it besides its buttons, without numbers: they would be those
 * of the whole. */
void svgchart_page_legend(const struct svgchart *);

/* --- svgchart_frame: what surrounds the rows */

void svgchart_head(const struct svgchart *);
void svgchart_page_head(const struct svgchart *);
void svgchart_axis(const struct svgchart *, const struct svgchart_scale *, int y, int end);
void svgchart_more_parts(const struct svgchart *);
void svgchart_part_frame(const struct svgchart *, const struct svgchart_part *);
void svgchart_row_label(const struct svgchart *, const struct svgchart_row *);

/* Put a text into a column of sums: 0, or 1 for the right one. */
void svgchart_sum(const struct svgchart *, int column, int y, const char *);

/* --- svgchart_row: a row's shares of time as paths, its long intervals as boxes */

void svgchart_cpu(const struct svgchart *, const struct svgchart_part *, size_t row);
void svgchart_task(const struct svgchart *, size_t row);

/* A bar of the time spent on a file or device. */
void svgchart_io_bar(const struct svgchart *, const struct chart_io_row *);

/* --- svgchart_io: files and block devices */

void svgchart_io(const struct svgchart *, const struct svgchart_part *);

/* --- svgchart_stats: what a row waited for, who woke it, how long it waited for a CPU; who ran on
 * a CPU */

/* Read all intervals. Needs chart.whole, and the rows. */
struct svgchart_stats *svgchart_stats_new(const struct svgchart *);
void svgchart_stats_free(struct svgchart_stats *);

/* Add lines to the title of a row. */
void svgchart_put_stats(const struct svgchart_stats *, const struct svgchart_row *);

/* Put rectangles over a CPU's bar whose titles say who ran there. */
void svgchart_put_columns(const struct svgchart_stats *, const struct svgchart_row *);

/* --- svgchart_data: what the script shows */

/* Write the intervals of whole tasks and the script. */
void svgchart_data(const struct svgchart *, size_t bytes);

/* --- svgchart_over: what is drawn over the rows */

void svgchart_arrows(const struct svgchart *);
void svgchart_pieces(const struct svgchart *);
void svgchart_marks(const struct svgchart *);

/* --- svgchart_power: the power of energy counters */

int svgchart_power_height(const struct chart_power *, bool own_clock);
void svgchart_power(
    const struct svgchart *, const struct chart_power *, const struct svgchart_scale *, int y);

/* The power on another clock, with its axis. */
void svgchart_own_clock(const struct svgchart *);

#endif
