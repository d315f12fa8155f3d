/* SPDX-License-Identifier: MIT */
/* states2path - find out what delayed a task: its critical path over a window of time */

#include <getopt.h>

#include "base/strbuf.h"
#include "filter.h"
#include "sched/path.h"

static const struct filter_option options[] = {
	{ 'm', NULL, "name", "the machine of the task: a name or pattern" },
	{ 'p', NULL, "tasks", "the task: a tid, name or pattern" },
	{ 't', NULL, "from,to", "between these times; by default, while the task lived" },
	{ 0 },
};

/* Walk the path of the one task that matches. */
static void
walk(struct filter *f, struct path *p, struct str who, struct str machine)
{
	struct strbuf names = { 0 };
	uint32_t task = 0;
	size_t n = path_find(p, who, machine, &task);

	if (n == 1) {
		path_walk(p, task);
		path_write(p, &f->out);
		if (p->limited)
			filter_note(f, NULL, "%s: states overlap: a part of the path is left out",
			    f->in.name);
	} else if (n == 0 && who.n > 1 && who.p[who.n - 1] == '+') {
		fault_set(&f->fault,
		    "%s: no task \"%s\" in this time: a path is of one task, so + is not taken",
		    f->in.name, who.p);
	} else if (n == 0) {
		fault_set(&f->fault, "%s: no task \"%s\" in this time", f->in.name,
		    who.n == 0 ? "*" : who.p);
	} else if (who.n == 0) {
		fault_set(&f->fault, "%s: %zu tasks: choose one with -p", f->in.name, n);
	} else {
		path_names(p, who, machine, &names);
		fault_set(&f->fault, "%s: %zu tasks match \"%s\": choose one by tid: %.*s",
		    f->in.name, n, who.p, (int)names.n, names.p);
		strbuf_free(&names);
	}
}

int
main(int argc, char *argv[])
{
	struct filter f = { "states2path",
		"find out what delayed a task: its critical path over a window of time",
		.options = options, .argc = argc, .argv = argv };
	struct path p = { .time = WINDOW_ALL };
	struct str who = STR(""), machine = STR("");
	struct rec r;
	int id;

	while ((id = filter_option(&f)) != -1)
		if (id == 'm')
			machine = filter_machine(&f);
		else if (id == 'p')
			who = str_of(optarg);
		else
			filter_window(&f, &p.time);
	if (window_is_relative(&p.time))
		window_scan(&p.time);
	if (filter_open(&f)) {
		while (filter_next(&f, &r))
			path_add(&p, &r);
		path_end(&p);
		if (p.used > 0)
			walk(&f, &p, who, machine);
		else
			filter_lacks(&f, "no state records; sched2states makes them");
	}
	path_free(&p);
	return filter_close(&f);
}
