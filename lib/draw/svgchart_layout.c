/* SPDX-License-Identifier: MIT */
/* Which rows there are, in which order, and where. */

#include <stdlib.h>

#include "base/mem.h"
#include "svgchart.h"

enum { AXIS = 24, HEADING = 38, CPU_GAP = 14, GROUP_GAP = 2 };

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

/* A row that could be drawn. */
struct candidate {
	const struct chart_row *row;
	uint64_t score; /* running and waiting, ns */
	int64_t first;  /* when its process first ran */
	bool chosen;
};

uint64_t
svgchart_waiting(const struct chart *c, const struct chart_row *row)
{
	return chart_total(c, row, CHART_PREEMPTED) + chart_total(c, row, CHART_RUNNABLE) +
	       chart_total(c, row, CHART_UNINTERRUPTIBLE);
}

/* By machine, the tasks before the CPUs. */
static int
by_key(const void *a, const void *b, void *chart)
{
	const struct candidate *x = a, *y = b;

	return chart_key_order(chart, &x->row->key, &y->row->key);
}

static int
by_score(const void *a, const void *b, void *chart)
{
	const struct candidate *const *x = a, *const *y = b;
	int d = ORDER((*y)->score, (*x)->score);

	return d != 0 ? d : by_key(*x, *y, chart);
}

static bool
same_process(const struct chart_row *a, const struct chart_row *b)
{
	return a->key.machine == b->key.machine && a->key.pid == b->key.pid && a->key.pid >= 0;
}

static bool
leads(const struct chart_row *row)
{
	return row->key.pid == row->key.tid;
}

/* The process that ran first before the others; in it the leader before the threads. */
static int
by_place(const void *a, const void *b, void *chart)
{
	const struct candidate *x = a, *y = b;
	int d;

	if (same_process(x->row, y->row))
		d = leads(y->row) - leads(x->row);
	else
		d = ORDER(x->first, y->first);
	return d != 0 ? d : by_key(a, b, chart);
}

static bool
is_task(const struct candidate *c)
{
	return c->row->key.cpu < 0;
}

/* Mark the tasks that are worth most; those that only slept just if they were asked for, or if
 * there are no others. */
static void
choose(const struct svgchart *p, struct candidate *list, size_t n)
{
	struct candidate **best = mem_resize(NULL, n + 1, sizeof(struct candidate *));
	size_t i, tasks = 0;

	for (i = 0; i < n; i++)
		if (is_task(&list[i]) && list[i].row->picked)
			best[tasks++] = &list[i];
	qsort_r(best, tasks, sizeof(struct candidate *), by_score, p->chart);
	for (i = 0; i < tasks && i < p->rows; i++)
		best[i]->chosen = best[i]->score > 0 || p->chart->npick > 0 || best[0]->score == 0;
	free(best);
}

/* Of the tasks of one process: when the first ran; a leader comes along with its threads. */
static void
finish_process(struct candidate *list, size_t n)
{
	int64_t first = INT64_MAX;
	bool any = false;
	size_t i;

	for (i = 0; i < n; i++) {
		first = first < list[i].row->first_run ? first : list[i].row->first_run;
		any = any || list[i].chosen;
	}
	for (i = 0; i < n; i++) {
		list[i].first = first;
		list[i].chosen = list[i].chosen || (any && leads(list[i].row));
	}
}

static struct svgchart_row *
add_row(struct svgchart *p, const struct chart_row *row)
{
	struct svgchart_row *r;

	p->row = mem_grow(p->row, p->nrow, &p->row_cap, sizeof *p->row);
	r = &p->row[p->nrow++];
	*r = (struct svgchart_row){ .row = (uint32_t)(row - p->chart->row) };
	return r;
}

/* The rows of a machine's tasks that were chosen, moved to the front. */
static void
add_tasks(struct svgchart *p, struct svgchart_part *part, struct candidate *list, size_t n)
{
	size_t i, end, chosen = 0;

	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n && same_process(list[i].row, list[end].row);)
			end++;
		finish_process(list + i, end - i);
	}
	for (i = 0; i < n; i++) {
		if (list[i].chosen) {
			list[chosen++] = list[i];
		} else if (list[i].row->picked) {
			part->more_tasks++;
			part->more_ns += chart_total(p->chart, list[i].row, CHART_RUNNING);
		}
	}
	qsort_r(list, chosen, sizeof *list, by_place, p->chart);
	part->task = p->nrow;
	for (i = 0; i < chosen; i++) {
		bool follows = i > 0 && same_process(list[i - 1].row, list[i].row);
		bool followed = i + 1 < chosen && same_process(list[i].row, list[i + 1].row);

		if (!follows && followed && !leads(list[i].row))
			add_row(p, list[i].row)->heading = true;
		add_row(p, list[i].row)->indent = (follows || followed) && !leads(list[i].row);
	}
	part->ntask = p->nrow - part->task;
}

static void
add_cpus(struct svgchart *p, struct svgchart_part *part, const struct candidate *list, size_t n)
{
	const struct chart_row *row;
	enum chart_what what;
	size_t i;

	part->cpu = p->nrow;
	part->ncpu = n < SVGCHART_MAXCPU ? n : SVGCHART_MAXCPU;
	part->more_cpus = n - part->ncpu;
	for (i = 0; i < part->ncpu; i++) {
		row = list[i].row;
		add_row(p, row);
		part->freqs = part->freqs || chart_lane(p->chart, row, CHART_FREQ) != NULL;
		for (what = CHART_C0; what <= CHART_C7; what++)
			part->cstates = part->cstates || chart_lane(p->chart, row, what) != NULL;
	}
}

/* One machine's candidates, its tasks first. */
static void
add_part(struct svgchart *p, struct candidate *list, size_t n)
{
	struct svgchart_part part = { .machine = list->row->key.machine };
	size_t tasks = 0;

	while (tasks < n && is_task(&list[tasks]))
		tasks++;
	add_cpus(p, &part, list + tasks, n - tasks);
	add_tasks(p, &part, list, tasks);
	if (part.ncpu + part.ntask + part.more_tasks == 0)
		return;
	p->part = mem_grow(p->part, p->npart, &p->part_cap, sizeof *p->part);
	p->part[p->npart++] = part;
}

static void
place_part(struct svgchart *p, struct svgchart_part *part, int y)
{
	size_t i;

	part->y = y;
	y += p->npart > 1 ? HEADING : 4;
	part->cpus_y = y;
	for (i = part->cpu; i < part->cpu + part->ncpu; i++) {
		p->row[i].y = y;
		y += svgchart_cpu_height(part);
	}
	part->cpus_end = y;
	y += (part->more_cpus > 0 ? SVGCHART_ROW : 0) + CPU_GAP;
	part->tasks_y = y;
	for (i = part->task; i < part->task + part->ntask; i++) {
		if (i > part->task && !p->row[i].indent)
			y += GROUP_GAP;
		p->row[i].y = y;
		y += SVGCHART_ROW;
	}
	part->tasks_end = y;
	part->end = y + (part->more_tasks > 0 ? SVGCHART_ROW : 0) + 4;
}

void
svgchart_place(struct svgchart *p)
{
	int y = svgchart_legend(p, SVGCHART_HEAD, false) + AXIS;
	size_t i;

	p->axis_y = p->power_y = y;
	y += svgchart_power_height(&p->chart->power, false);
	for (i = 0; i < p->npart; i++) {
		place_part(p, &p->part[i], y);
		y = p->part[i].end;
	}
	p->plot_end = y;
	p->apart_y = p->height = y + AXIS + 4;
	p->height += svgchart_power_height(&p->chart->apart, true);
}

void
svgchart_layout(struct svgchart *p)
{
	const struct chart *c = p->chart;
	struct candidate *list = mem_resize(NULL, c->nrow + 1, sizeof *list);
	size_t i, end;

	for (i = 0; i < c->nrow; i++)
		list[i] = (struct candidate){ .row = &c->row[i],
			.score = chart_total(c, &c->row[i], CHART_RUNNING) +
				 svgchart_waiting(c, &c->row[i]) };
	choose(p, list, c->nrow);
	qsort_r(list, c->nrow, sizeof *list, by_key, p->chart);
	for (i = 0; i < c->nrow && p->npart < SVGCHART_MAXPART; i = end) {
		for (end = i; end < c->nrow; end++)
			if (list[end].row->key.machine != list[i].row->key.machine)
				break;
		add_part(p, list + i, end - i);
	}
	free(list);
	p->row_of = mem_alloc((c->nrow + 1) * sizeof *p->row_of);
	for (i = 0; i < p->nrow; i++)
		if (!p->row[i].heading)
			p->row_of[p->row[i].row] = (uint32_t)i + 1;
}
