/* SPDX-License-Identifier: MIT */
/* states2tab - add up what tasks and CPUs did, as a table */

#include <getopt.h>

#include "filter.h"
#include "sched/tab.h"

enum { OPT_BY = FILTER_LONG, OPT_SORT };

static const struct filter_option options[] = {
	{ OPT_BY, "by", "what",
	    "a row for each task (default), process, name, cpu, waker, function, irq, softirq, "
	    "syscall, file, device" },
	{ OPT_SORT, "sort", "column", "sort by this column, the largest value first" },
	{ 0 },
};

static void
get_options(struct filter *f, struct tab *t)
{
	struct strbuf names = { 0 };
	const char *sort = NULL;
	int id, by = TAB_TASK;

	while ((id = filter_option(f)) != -1) {
		if (id == OPT_BY && (by = tab_by_named(optarg)) < 0) {
			tab_names(&names);
			filter_usage(
			    f, "--by: \"%s\": not one of %.*s", optarg, (int)names.n, names.p);
		} else if (id == OPT_SORT) {
			sort = optarg;
		}
	}
	t->by = (enum tab_by)by;
	t->sort = sort == NULL ? -1 : tab_column(t->by, sort);
	if (sort == NULL || t->sort >= 0)
		return;
	tab_column_names(t->by, &names);
	filter_usage(f, "--sort: \"%s\": not one of %.*s", sort, (int)names.n, names.p);
}

/* Report what the input lacks if the table is empty, or says nothing. */
static void
report_lack(struct filter *f, const struct tab *t)
{
	if (fault_is(&f->in.fault) || fault_is(&f->rec.fault))
		return;
	if (t->used == 0)
		fault_set(
		    &f->fault, "%s: no %s; sched2states makes them", f->in.name, tab_source(t->by));
	else if (t->states > 0 && t->known == 0)
		filter_note(f, NULL,
		    "%s: all states are unknown, as in a recording without switches: record "
		    "sched:sched_switch; rec2folded and rec2prof take samples",
		    f->in.name);
}

int
main(int argc, char *argv[])
{
	struct filter f = { "states2tab", "add up what tasks and CPUs did, as a table",
		.options = options, .argc = argc, .argv = argv };
	struct tab t = { 0 };
	struct rec r;

	get_options(&f, &t);
	if (filter_open(&f)) {
		while (filter_next(&f, &r))
			tab_add(&t, &r);
		tab_write(&t, &f.out);
		filter_note_undefined(&f, t.stacks.undefined);
		report_lack(&f, &t);
	}
	tab_free(&t);
	return filter_close(&f);
}
