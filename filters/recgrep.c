/* SPDX-License-Identifier: MIT */
/* recgrep - select records, with the definitions that they depend on */

#include <getopt.h>

#include "filter.h"
#include "rec/select.h"
#include "symbols/deps.h"

enum { OPT_FUNCTION = FILTER_LONG, OPT_INVERT };

static const struct filter_option options[] = {
	{ 'C', NULL, "cpus", "only these CPUs: 0,4-7" },
	{ 'e', NULL, "events", "only these events: names, patterns or kinds, a,b,..." },
	{ 'm', NULL, "name", "only records of this machine: a name or pattern" },
	{ 'p', NULL, "tasks",
	    "only tasks with these pids, tids or names: a,b,...; a+: and descendants" },
	{ 't', NULL, "from,to", "only between these times: +20ms,+30ms" },
	{ OPT_FUNCTION, "function", "name", "only records with this function in the stack" },
	{ OPT_INVERT, "invert", NULL, "write the records that do not match" },
	FILTER_SPOOL_MAX,
	{ 0 },
};

struct grep {
	struct select pick;
	struct deps *deps;
	bool any; /* not all records are asked for */
	bool invert;
};

/* The last one counts. */
static void
set_pattern(struct patterns *p, const char *pattern)
{
	patterns_free(p);
	patterns_add(p, str_of(pattern));
}

static void
get_options(struct filter *f, struct grep *g)
{
	int id;

	while ((id = filter_option(f)) != -1) {
		g->any = g->any || (id != OPT_INVERT && id != 'm');
		if (filter_select(f, id, &g->pick))
			continue;
		if (id == 'e')
			patterns_add_list(&g->pick.event, optarg);
		else if (id == 'm')
			filter_machines(f, &g->pick.machine);
		else if (id == OPT_FUNCTION)
			set_pattern(&g->pick.function, optarg);
		else if (id == OPT_INVERT)
			g->invert = true;
	}
}

/* Definitions are written if all are, if an event needs them, or if they are asked for by kind. */
static bool
want_definition(struct grep *g, const struct rec *r)
{
	bool needed = deps_define(g->deps, r) || !g->any;

	if (g->invert)
		return needed;
	return (needed && select_touches(&g->pick, r)) ||
	       (g->pick.event.n > 0 && select_matches(&g->pick, r, STR_NONE));
}

static bool
want(struct grep *g, struct rec *r)
{
	struct str frames = STR_NONE;

	if (rec_is_definition(r))
		return want_definition(g, r);
	if (r->kind == REC_LOST || r->kind == REC_GAP)
		return g->invert || select_touches(&g->pick, r);
	if (g->pick.function.n > 0)
		frames = deps_frames(g->deps, r);
	return select_matches(&g->pick, r, frames) != g->invert;
}

int
main(int argc, char *argv[])
{
	struct filter f = { "recgrep", "select records, with the definitions that they depend on",
		.options = options, .argc = argc, .argv = argv };
	struct grep g = { .pick = { .time = WINDOW_ALL } };
	uint64_t n = 0;
	struct rec r;

	g.deps = deps_new();
	get_options(&f, &g);
	if (filter_open(&f) && filter_scan(&f, &g.pick.time)) {
		while (filter_next(&f, &r)) {
			select_add_time(&g.pick.time, &r);
			select_note(&g.pick, &r);
			if (!want(&g, &r))
				continue;
			if (g.any && !rec_is_definition(&r))
				deps_write(g.deps, &f.out, &r);
			rec_copy(&f.out, &r);
			n++;
		}
		filter_missed_selected(&f, &g.pick);
		filter_note_undefined(&f, deps_undefined(g.deps));
		if (f.verbose)
			filter_note(&f, NULL, "%llu of %llu records", (unsigned long long)n,
			    (unsigned long long)f.rec.line);
	}
	if (deps_dropped(g.deps) > 0)
		filter_note(&f, NULL, "%llu maps left out: they would outgrow the input",
		    (unsigned long long)deps_dropped(g.deps));
	deps_free(g.deps);
	select_free(&g.pick);
	return filter_close(&f);
}
