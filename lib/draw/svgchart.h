/* SPDX-License-Identifier: MIT */
/*
 * svgchart - draw a chart as one SVG: CPUs and tasks against time
 *
 * Below the caption and the legend, each machine has its CPUs and then its tasks. A bar shows the
 * longest intervals as boxes with a text to hover over, and all others as one path a state, in
 * columns of half a pixel, where the states are stacked by their share of the time.
 */

#ifndef SVGCHART_H
#define SVGCHART_H

#include "base/out.h"
#include "chart/chart.h"

enum { SVGCHART_MINWIDTH = 500, SVGCHART_MAXWIDTH = 20000 };

/* The chart.columns that a picture of this width in pixels needs. */
size_t svgchart_columns(int width);

struct svgchart_options {
	int width;    /* pixels */
	size_t rows;  /* the most rows of tasks, besides those of all others */
	bool grouped; /* if not, each row is one task, and the others are only counted */
	size_t data;  /* bytes of intervals for the script; 0 for no script */
};

/* The least that a call on a file takes of the data. */
enum { SVGCHART_CALL = 10 };

/* Draw the chart. A script needs chart.whole. */
void svgchart_draw(struct out *, const struct chart *, const struct svgchart_options *);

#endif
