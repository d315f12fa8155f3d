/* SPDX-License-Identifier: MIT */
/* states2svg - draw who ran where, and what each task waited for, as one SVG */

#include <getopt.h>
#include <stdlib.h>

#include "base/mem.h"
#include "draw/chart.h"
#include "draw/svgchart.h"
#include "filter.h"

enum { ROWS = 60, SELECTED_ROWS = 1000, MAXROWS = 100000, WIDTH = 1200 };

enum { NO_GROUP = FILTER_LONG };

static const struct filter_option options[] = {
	{ 'n', NULL, "count", "draw at most this number of rows of tasks (60; with -p, 1000)" },
	{ 'p', NULL, "tasks",
	    "draw only tasks of these pids, tids, names; NAME+: and descendants" },
	{ 't', NULL, "from,to", "draw only what is between two times" },
	{ 'w', NULL, "width", "the width of the picture in pixels (1200)" },
	{ NO_GROUP, "no-group", NULL, "draw each task in a row of its own" },
	{ 0 },
};

/* Select the tasks of a list with commas; if a name ends with +, with their descendants. */
static void
select_tasks(struct chart *c, char *list)
{
	char *name, *field;
	size_t n;

	while ((name = strsep(&list, ",")) != NULL) {
		field = mem_alloc(4 * strlen(name) + 1);
		n = text_escape(field, name, strlen(name), "");
		intern_put(&c->select, (struct str){ field, n });
		if (n > 1 && field[n - 1] == '+')
			intern_put(&c->select_trees, (struct str){ field, n - 1 });
		free(field);
	}
}

static bool
any_selected(const struct chart *c)
{
	size_t i;

	for (i = 0; i < c->rows.n; i++)
		if (c->rows.row[i].selected)
			return true;
	return false;
}

/* Report each selected pid, tid or name that no task has. */
static void
report_missed(struct filter *f, const struct chart *c)
{
	struct str name;
	uint32_t i;
	bool hit;

	for (i = 0; i < c->select.n; i++) {
		name = intern_str(&c->select, i);
		hit = intern_find(&c->select_hits, name) != INTERN_NONE;
		if (name.n > 1 && name.p[name.n - 1] == '+')
			hit |= intern_find(&c->select_hits, (struct str){ name.p, name.n - 1 }) !=
			       INTERN_NONE;
		if (!hit)
			filter_missed_name(f, "-p", name);
	}
}

static void
draw(struct filter *f, const struct chart *c, int width, size_t rows, bool grouped)
{
	bool window = c->from > INT64_MIN || c->to < INT64_MAX;

	if (c->records == 0 && !fault_is(&f->in.fault) && !fault_is(&f->rec.fault))
		fault_set(&f->fault, "%s: no state records: run sched2states first", f->in.name);
	else if (c->records > 0 && !c->bins.any)
		fault_set(&f->fault, "%s: no state lasts any time%s", f->in.name,
		    window ? " between these two" : "");
	else if (c->select.n > 0 && !any_selected(c))
		fault_set(&f->fault, "%s: no task of that pid or name", f->in.name);
	else if (c->records > 0)
		svgchart_draw(&f->out, c, width, rows, grouped);
}

int
main(int argc, char *argv[])
{
	struct filter f = { "states2svg",
		"draw who ran where, and what each task waited for, as one SVG", .options = options,
		.argc = argc, .argv = argv };
	struct chart c = { .from = INT64_MIN, .to = INT64_MAX };
	struct rec r;
	int id, width = WIDTH;
	size_t rows = 0;
	bool grouped = true;

	while ((id = filter_option(&f)) != -1)
		if (id == 'n')
			rows = (size_t)filter_number(&f, 1, MAXROWS);
		else if (id == 'p')
			select_tasks(&c, optarg);
		else if (id == 't')
			filter_times(&f, &c.from, &c.to);
		else if (id == 'w')
			width = (int)filter_number(&f, SVGCHART_MINWIDTH, SVGCHART_MAXWIDTH);
		else if (id == NO_GROUP)
			grouped = false;
	if (c.select.n > 0 && c.select_trees.n == 0)
		grouped = false;
	c.columns = svgchart_columns(width);
	chart_open(&c);
	if (filter_open(&f))
		while (filter_line(&f, &r) && chart_add(&c, &f.rec, &r))
			;
	chart_end(&c);
	if (rows == 0)
		rows = grouped || c.select.n == 0 ? ROWS : SELECTED_ROWS;
	draw(&f, &c, width, rows, grouped);
	if (c.records > 0)
		report_missed(&f, &c);
	chart_free(&c);
	return filter_close(&f);
}
