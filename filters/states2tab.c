/* SPDX-License-Identifier: MIT */
/* states2tab - add up what tasks and CPUs did, as a table */

#include <getopt.h>

#include "filter.h"
#include "sched/tab.h"

enum { OPT_BY = FILTER_LONG, OPT_COLUMNS, OPT_SORT, OPT_TABLE };

static const struct filter_option options[] = {
	{ 't', NULL, "from,to", "only between these times: +20ms,+30ms" },
	{ OPT_BY, "by", "what",
	    "a row for each task (default), process, name, cpu, waker, function, irq, softirq, "
	    "syscall, file, device, path" },
	{ OPT_COLUMNS, "columns", "names", "write only these columns, in this order: a,b,..." },
	{ OPT_SORT, "sort", "column",
	    "sort by this column, the largest value first; by a sum: a+b" },
	{ OPT_TABLE, "table", NULL, "write columns for a terminal" },
	FILTER_SPOOL_MAX,
	{ 0 },
};

static int
get_by(struct filter *f)
{
	struct strbuf names = { 0 };
	int by = tab_by_named(optarg);

	if (by >= 0)
		return by;
	tab_names(&names);
	filter_usage(f, "--by: \"%s\": not one of %.*s", optarg, (int)names.n, names.p);
}

static _Noreturn void
refuse_column(struct filter *f, const struct tab *t, const char *option, struct str wrong)
{
	struct strbuf names = { 0 };

	tab_column_names(t, strcmp(option, "--columns") == 0, &names);
	filter_usage(f, "%s: \"%.*s\": not one of %.*s", option, (int)wrong.n, wrong.p,
	    (int)names.n, names.p);
}

static void
get_options(struct filter *f, struct tab *t)
{
	const char *sort = NULL, *columns = NULL, *wrong_time;
	struct str wrong;
	int id;

	while ((id = filter_option(f)) != -1)
		if (id == OPT_BY)
			t->by = (enum tab_by)get_by(f);
		else if (id == OPT_COLUMNS)
			columns = optarg;
		else if (id == OPT_SORT)
			sort = optarg;
		else if (id == OPT_TABLE)
			t->aligned = true;
		else
			filter_window(f, &t->time);
	if (columns != NULL && !tab_show(t, columns, &wrong))
		refuse_column(f, t, "--columns", wrong);
	if (sort != NULL && !tab_sort(t, sort, &wrong))
		refuse_column(f, t, "--sort", wrong);
	if ((wrong_time = tab_sort_time(t)) != NULL)
		filter_usage(f, "--sort: \"%s\": %s is a time and has no sum", sort, wrong_time);
}

/* Report what the input lacks if the table is empty, or says nothing. */
static void
report_lack(struct filter *f, const struct tab *t)
{
	if (t->used == 0 && filter_missed_window(f, &t->time))
		return;
	if (t->used == 0 && t->time.text != NULL)
		filter_lacks(f, "no %.*s between these times", (int)strcspn(tab_source(t->by), ";"),
		    tab_source(t->by));
	else if (t->used == 0)
		filter_lacks(f, "no %s", tab_source(t->by));
	else if (t->states > 0 && t->known == 0 && t->switched)
		filter_note(f, NULL, "%s: all states between these times are unknown%s", f->in.name,
		    t->lost ? ": events were lost there" : "");
	else if (t->states > 0 && t->known == 0)
		filter_note(f, NULL,
		    "%s: all states are unknown, as in a recording without switches: record "
		    "sched:sched_switch; rec2folded and rec2prof take samples",
		    f->in.name);
	else if (t->unnamed && !t->named)
		filter_note(f, NULL,
		    "%s: no functions, as the stacks have no symbols: run cs2text before "
		    "sched2states",
		    f->in.name);
	else if (t->by == TAB_FUNCTION && t->bare && !t->unnamed && t->stacks.undefined == 0)
		filter_note(f, NULL,
		    "%s: no functions, as there are no stacks: record them with perf record -g "
		    "or trace-cmd record -T",
		    f->in.name);
}

int
main(int argc, char *argv[])
{
	struct filter f = { "states2tab", "add up what tasks and CPUs did, as a table",
		.options = options, .argc = argc, .argv = argv };
	struct tab t = { .time = WINDOW_ALL };
	struct rec r;

	get_options(&f, &t);
	if (filter_open(&f) && filter_scan(&f, &t.time)) {
		while (filter_next(&f, &r)) {
			select_add_time(&t.time, &r);
			tab_add(&t, &r);
			if (t.aligned)
				filter_note_clock(&f, &r);
		}
		tab_write(&t, &f.out);
		filter_note_undefined(&f, t.stacks.undefined);
		filter_note_overflows(&f, t.overflows, "2^64-1");
		report_lack(&f, &t);
	}
	tab_free(&t);
	return filter_close(&f);
}
