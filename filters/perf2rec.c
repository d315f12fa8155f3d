/* SPDX-License-Identifier: MIT */
/* perf2rec - turn a perf.data file into records */

#include <getopt.h>
#include <stdio.h>

#include "filter.h"
#include "ftrace/tracedesc.h"
#include "perf/perfnotes.h"
#include "perf/perfrec.h"
#include "perf/printfmt.h"

enum {
	OPT_BRANCHES = FILTER_LONG,
	OPT_OFFSET,
	OPT_PRINT,
	OPT_STACKS,
	OPT_TRACEFS,
	OPT_USER_STACKS,
	OPT_WALL
};

static const struct filter_option options[] = {
	{ 'C', NULL, "cpus", "only these CPUs: 0,4-7" },
	{ 'e', NULL, "events", "only these events: names, patterns or kinds, a,b,..." },
	{ 'H', NULL, NULL, "write only what the header says" },
	{ 'm', NULL, "name", "the name of the machine in the records (host)" },
	{ 'p', NULL, "tasks",
	    "only tasks with these pids, tids or names: a,b,...; a+: and descendants" },
	{ 's', NULL, NULL, "report counts on standard error: records, sample parts" },
	{ 't', NULL, "from,to", "only between these times: +20ms,+30ms" },
	{ OPT_BRANCHES, "branches", NULL, "write the branch stacks of samples" },
	{ OPT_OFFSET, "offset", "time", "add this to all times" },
	{ OPT_PRINT, "print-fmt", NULL, "write the text of tracepoints, not their fields" },
	{ OPT_STACKS, "stacks", "how",
	    "inline: in each record that has it; once: each stack once" },
	{ OPT_TRACEFS, "tracefs", "folder", "read tracepoint formats here if the file has none" },
	{ OPT_USER_STACKS, "user-stacks", NULL, "write the user stacks of samples, for recunwind" },
	{ OPT_WALL, "wall", NULL, "write times of the wall clock" },
	FILTER_SPOOL_MAX,
	{ 0 },
};

static void
get_options(struct filter *f, struct perfrec_options *o, struct select *select, bool *count,
    const char **tracefs)
{
	int id;

	while ((id = filter_option(f)) != -1)
		if (filter_select(f, id, select))
			o->select = select;
		else if (id == 'e')
			o->events = optarg;
		else if (id == 'H')
			o->header = true;
		else if (id == 'm')
			o->machine = filter_machine(f);
		else if (id == 's')
			*count = true;
		else if (id == OPT_BRANCHES)
			o->branches = true;
		else if (id == OPT_OFFSET)
			o->offset = filter_time(f);
		else if (id == OPT_PRINT)
			o->printer.put = printfmt_put;
		else if (id == OPT_STACKS)
			o->once = filter_stacks(f);
		else if (id == OPT_TRACEFS)
			*tracefs = optarg;
		else if (id == OPT_USER_STACKS)
			o->user_stacks = true;
		else if (id == OPT_WALL)
			o->wall = true;
	if (o->events != NULL && *o->events == '\0')
		filter_usage(f, "-e: no events are named");
}

/* Read the formats of a tracing folder. */
static bool
read_formats(struct filter *f, struct tracedesc *d, const char *tracefs)
{
	if (!tracedesc_read(d, tracefs, &f->fault))
		return false;
	return d->formats.n > 0 || fault_set(&f->fault, "%s: no formats of events", tracefs);
}

/* Read the file once before it is converted, if its selection needs the time of the last event or
 * the ids of tasks in a pid namespace. What is wrong is reported later. */
static bool
scan(struct filter *f, struct perfrec_options o, bool parts)
{
	bool times = o.select != NULL && window_needs_last(&o.select->time);
	struct perf perf;

	if (!times && (o.tasks == NULL || f->in.size == 0 || f->in.gz != NULL))
		return true;
	if (!input_spool(&f->in))
		return false;
	o.printer = (struct evinfo_printer){ 0 };
	if (times)
		window_scan(&o.select->time);
	else
		o.select = NULL;
	if (perf_open(&perf, &f->in)) {
		if (parts)
			perf_add_parts(&perf);
		perfrec_scan(&perf, &o, times);
	}
	perf_close(&perf);
	if (times)
		window_settle(&o.select->time);
	return input_seek(&f->in, 0);
}

/* Write what the header says. In pipe mode it is in the records before those of the kernel. */
static void
write_header(struct filter *f, const struct perfrec_options *o)
{
	struct perfrec *rec;
	struct perf_record r;
	struct perf perf;

	if (perf_open(&perf, &f->in)) {
		rec = perfrec_new(&perf, &f->out, o);
		while (perf.pipe && perf_next(&perf, &r) && r.type >= PERF_R_USER)
			perfrec_add(rec, &r);
		perfrec_header(rec);
		perfrec_free(rec);
	}
	f->fault = perf.fault;
	perf_close(&perf);
}

static void
convert(struct filter *f, const struct perfrec_options *o, bool parts, bool count)
{
	struct perfrec_counts counts;
	struct perfrec *rec;
	struct perf_record r;
	struct perf perf;
	bool good = true;

	if (perf_open(&perf, &f->in)) {
		if (parts)
			perf_add_parts(&perf);
		rec = perfrec_new(&perf, &f->out, o);
		while (f->out.error == 0 && good && perf_next(&perf, &r))
			good = perfrec_add(rec, &r);
		perfrec_end(rec);
		counts = perfrec_counts(rec);
		if (good) {
			filter_missed(f, "-e", perfrec_events(rec));
			if (o->select != NULL)
				filter_missed_selected(f, o->select);
			perfnotes(&perf, &counts, filter_note_text, f);
			printfmt_note(o->printer.printfmt, filter_note_text, f);
		}
		if (f->verbose || count)
			perfnotes_table(&perf, &counts, filter_note_text, f);
		perfrec_free(rec);
	}
	f->fault = perf.fault;
	perf_close(&perf);
}

int
main(int argc, char *argv[])
{
	struct filter f = { "perf2rec", "turn a perf.data file into records", .options = options,
		.argc = argc, .argv = argv };
	struct perfrec_options o = { .machine = STR("host"), .auxtrace = true };
	struct select select = { .time = WINDOW_ALL };
	const char *why, *tracefs = NULL;
	struct tracedesc desc;
	struct hash tasks = { 0 };
	bool parts, count = false;

	get_options(&f, &o, &select, &count, &tracefs);
	tracedesc_open(&desc);
	o.formats = &desc.formats;
	o.tasks = select.tasks.n > 0 ? &tasks : NULL;
	if (o.printer.put != NULL)
		o.printer.printfmt = printfmt_new(sizeof(uint64_t));
	parts = filter_enter(&f, "data"); /* as perf record --threads makes it */
	if (filter_open(&f)) {
		if ((why = input_compression(&f.in)) != NULL)
			fault_set(&f.fault, "%s: %s | perf2rec", f.in.name, why);
		else if (o.header)
			write_header(&f, &o);
		else if ((tracefs == NULL || read_formats(&f, &desc, tracefs)) &&
			 scan(&f, o, parts))
			convert(&f, &o, parts, count);
	}
	printfmt_free(o.printer.printfmt);
	select_free(&select);
	hash_free(&tasks);
	tracedesc_free(&desc);
	return filter_close(&f);
}
