/* SPDX-License-Identifier: MIT */
/* states2svg - draw who ran where, and what each task waited for, as one SVG */

#include <getopt.h>
#include <stdlib.h>

#include "base/mem.h"
#include "draw/chart.h"
#include "draw/svgchart.h"
#include "filter.h"

enum { ROWS = 60, PICKED_ROWS = 1000, MAXROWS = 100000, WIDTH = 1200 };

static const struct filter_option options[] = {
	{ 'n', NULL, "count", "draw so many tasks at most (60; with -p, 1000)" },
	{ 'p', NULL, "tasks", "draw only the tasks of these pids, tids or names: a,b,..." },
	{ 't', NULL, "from,to", "draw only what is between two times" },
	{ 'w', NULL, "width", "how wide the picture is, in pixels (1200)" },
	{ 0 },
};

/* Add the names of a list with commas, as records have them. */
static void
pick(struct str **pick, size_t *n, char *list)
{
	char *name, *field;

	while ((name = strsep(&list, ",")) != NULL) {
		field = mem_alloc(4 * strlen(name) + 1);
		*pick = mem_resize(*pick, *n + 1, sizeof **pick);
		(*pick)[(*n)++] = (struct str){ field, text_escape(field, name, strlen(name), "") };
	}
}

static bool
draw(struct filter *f, struct chart *c, int width, size_t rows)
{
	size_t i;

	if (c->records == 0 && (fault_is(&f->in.fault) || fault_is(&f->rec.fault)))
		return false;
	if (c->records == 0)
		return fault_set(
		    &f->fault, "%s: no state records: run sched2states first", f->in.name);
	if (!c->bins.any)
		return fault_set(&f->fault, "%s: no state lasts any time%s", f->in.name,
		    c->from > INT64_MIN || c->to < INT64_MAX ? " between these two" : "");
	for (i = 0; i < c->rows.n && !c->rows.row[i].selected; i++)
		;
	if (c->nselect > 0 && i == c->rows.n)
		return fault_set(&f->fault, "%s: no task of that pid or name", f->in.name);
	svgchart_draw(&f->out, c, width, rows);
	return true;
}

int
main(int argc, char *argv[])
{
	struct filter f = { "states2svg",
		"draw who ran where, and what each task waited for, as one SVG", .options = options,
		.argc = argc, .argv = argv };
	struct chart c = { .from = INT64_MIN, .to = INT64_MAX };
	struct str *picks = NULL;
	struct rec r;
	int id, width = WIDTH;
	size_t rows = 0, i;

	while ((id = filter_option(&f)) != -1)
		if (id == 'n')
			rows = (size_t)filter_number(&f, 1, MAXROWS);
		else if (id == 'p')
			pick(&picks, &c.nselect, optarg);
		else if (id == 't')
			filter_times(&f, &c.from, &c.to);
		else if (id == 'w')
			width = (int)filter_number(&f, SVGCHART_MINWIDTH, SVGCHART_MAXWIDTH);
	c.select = picks;
	c.columns = svgchart_columns(width);
	chart_open(&c);
	if (filter_open(&f))
		while (filter_line(&f, &r) && chart_add(&c, &f.rec, &r))
			;
	chart_end(&c);
	draw(&f, &c, width, rows > 0 ? rows : c.nselect > 0 ? PICKED_ROWS : ROWS);
	chart_free(&c);
	for (i = 0; picks != NULL && i < c.nselect; i++)
		free((char *)picks[i].p);
	free(picks);
	return filter_close(&f);
}
