/* SPDX-License-Identifier: MIT */
/* states2svg - draw who ran where, and what each task waited for, as one SVG */

#include <getopt.h>

#include "chart/chart.h"
#include "draw/svgchart.h"
#include "filter.h"

enum { ROWS = 60, SELECTED_ROWS = 1000, MAXROWS = 100000, WIDTH = 1200 };

enum { MB = 1000 * 1000, DATA = 3 * MB, MAXDATA = 1000 * MB };

enum { DATA_BYTES = FILTER_LONG, NO_GROUP, STATIC };

static const struct filter_option options[] = {
	{ 'n', NULL, "count", "draw at most this number of rows of tasks (60; with -p, 1000)" },
	{ 'p', NULL, "tasks",
	    "only tasks with these pids, tids or names: a,b,...; a+: and descendants" },
	{ 't', NULL, "from,to", "only between these times: +20ms,+30ms" },
	{ 'w', NULL, "width", "the width of the picture in pixels (1200)" },
	{ DATA_BYTES, "data", "bytes",
	    "let the picture hold at most this much to zoom into (3000000)" },
	{ NO_GROUP, "no-group", NULL, "draw each task in a row of its own" },
	FILTER_SPOOL_MAX,
	{ STATIC, "static", NULL, "leave out the script, and what only it shows" },
	{ 0 },
};

static bool
any_selected(const struct chart *c)
{
	size_t i;

	for (i = 0; i < c->rows.n; i++)
		if (c->rows.row[i].selected)
			return true;
	return false;
}

static void
draw(struct filter *f, const struct chart *c, const struct svgchart_options *with)
{
	char first[WINDOW_TEXT], last[WINDOW_TEXT];

	if (c->records == 0)
		filter_lacks(f, "no state records; sched2states makes them from switches: record "
				"sched:sched_switch");
	else if (c->records > 0 && !c->bins.any && c->time.text != NULL &&
		 c->time.first <= c->time.last)
		fault_set(&f->fault,
		    "%s: no state lasts any time between these two: they are from %s to %s",
		    f->in.name, window_put(&c->time, c->time.first, first),
		    window_put(&c->time, c->time.last, last));
	else if (c->records > 0 && !c->bins.any)
		fault_set(&f->fault, "%s: no state lasts any time", f->in.name);
	else if (c->tasks.n > 0 && !any_selected(c))
		fault_set(&f->fault, "%s: no task of that pid or name", f->in.name);
	else if (c->records > 0)
		svgchart_draw(&f->out, c, with);
	if (chart_lack(c) != NULL)
		filter_note(f, NULL, "%s", chart_lack(c));
	if (c->records > 0)
		filter_missed_tasks(f, &c->tasks);
}

/* Report the states whose stacks there was no room for. */
static void
report_lost_stacks(struct filter *f, uint64_t n)
{
	if (n > 0)
		filter_note(f, NULL,
		    "%llu state%s no stack: all stacks together have more than %d MB; recgrep -t "
		    "selects a part of them",
		    (unsigned long long)n, n == 1 ? " has" : "s have", CHART_STACK_MB);
}

static void
open_chart(struct chart *c, const struct svgchart_options *with)
{
	c->columns = svgchart_columns(with->width);
	c->whole = with->data > 0;
	c->most_calls = with->data / SVGCHART_CALL;
	chart_open(c);
}

int
main(int argc, char *argv[])
{
	struct filter f = { "states2svg",
		"draw who ran where, and what each task waited for, as one SVG", .options = options,
		.argc = argc, .argv = argv };
	struct chart c = { .time = WINDOW_ALL };
	struct rec r;
	struct svgchart_options with = { .width = WIDTH, .grouped = true, .data = DATA };
	int id;

	while ((id = filter_option(&f)) != -1)
		if (id == 'n')
			with.rows = (size_t)filter_number(&f, 1, MAXROWS);
		else if (id == 'p')
			tasklist_add(&c.tasks, optarg);
		else if (id == 't')
			filter_window(&f, &c.time);
		else if (id == 'w')
			with.width = (int)filter_number(&f, SVGCHART_MINWIDTH, SVGCHART_MAXWIDTH);
		else if (id == NO_GROUP)
			with.grouped = false;
		else if (id == DATA_BYTES)
			with.data = (size_t)filter_number(&f, 1, MAXDATA);
		else if (id == STATIC)
			with.data = 0;
	if (c.tasks.n > 0 && c.tasks.families == 0)
		with.grouped = false;
	open_chart(&c, &with);
	if (filter_open(&f) && filter_scan(&f, &c.time))
		while (filter_line(&f, &r) && chart_add(&c, &f.rec, &r))
			filter_note_clock(&f, &r);
	chart_end(&c);
	if (with.rows == 0)
		with.rows = with.grouped || c.tasks.n == 0 ? ROWS : SELECTED_ROWS;
	draw(&f, &c, &with);
	filter_note_undefined(&f, c.undefined);
	report_lost_stacks(&f, c.lost_stacks);
	chart_free(&c);
	return filter_close(&f);
}
