/* SPDX-License-Identifier: MIT */
/* ftrace2rec - turn ftrace's ring-buffer pages into records */

#include <getopt.h>

#include "filter.h"
#include "ftrace/tracein.h"
#include "perf/printfmt.h"

enum { OPT_BUFFER = FILTER_LONG, OPT_OFFSET, OPT_PAGE, OPT_PRINT, OPT_SHIFT, OPT_STACKS };

static const struct filter_option options[] = {
	{ 'C', NULL, "cpus", "only these CPUs: 0,4-7" },
	{ 'e', NULL, "events", "only these events: names, patterns or kinds, a,b,..." },
	{ 'f', NULL, "formats", "the tracing folder of the traced kernel, or an archive of it" },
	{ 'm', NULL, "name", "the name of the machine in the records (host)" },
	{ 'p', NULL, "tasks",
	    "only tasks with these pids, tids or names: a,b,...; a+: and descendants" },
	{ 's', NULL, NULL, "report counts on standard error: events, losses, kinds of records" },
	{ 't', NULL, "from,to", "only between these times: +20ms,+30ms" },
	{ OPT_BUFFER, "buffer", "name", "only this buffer of a trace.dat" },
	{ OPT_OFFSET, "offset", "time", "add this to all times" },
	{ OPT_PAGE, "page", "bytes", "the size of a page, if the formats do not say it" },
	{ OPT_PRINT, "print-fmt", NULL, "write the text of tracepoints, not their fields" },
	{ OPT_SHIFT, "shift", NULL,
	    "convert the times of a guest's trace.dat to those of its host" },
	{ OPT_STACKS, "stacks", "how",
	    "inline: in each record that has it; once: each stack once" },
	{ 0 },
};

enum { PAGE_LEAST = 4096 /* of a kernel */ };

struct run {
	struct filter *f;
	struct ftracerec_options options;
	struct select select;
	struct patterns events;
	struct tracein_options in;
	bool count;
};

static size_t
page_size(struct filter *f)
{
	size_t n = (size_t)filter_number(f, PAGE_LEAST, RINGPAGE_MOST);

	if ((n & (n - 1)) != 0)
		filter_usage(f, "--page: %zu: not a power of two", n);
	return n;
}

static void
get_options(struct run *run)
{
	struct filter *f = run->f;
	int id;

	run->options = (struct ftracerec_options){ .machine = STR("host") };
	while ((id = filter_option(f)) != -1)
		if (filter_select(f, id, &run->select))
			run->options.select = &run->select; /* without one, events need no look */
		else if (id == 'e')
			patterns_add_list(run->options.events = &run->events, optarg);
		else if (id == 'f')
			run->in.formats = optarg;
		else if (id == 'm')
			run->options.machine = filter_machine(f);
		else if (id == 's')
			run->count = true;
		else if (id == OPT_BUFFER)
			run->in.buffer = optarg;
		else if (id == OPT_OFFSET)
			run->options.offset = filter_time(f);
		else if (id == OPT_PAGE)
			run->in.page = page_size(f);
		else if (id == OPT_PRINT)
			run->options.printer.put = printfmt_put;
		else if (id == OPT_SHIFT)
			run->in.shift = true;
		else if (id == OPT_STACKS)
			run->options.once = filter_stacks(f);
}

static void
convert(struct run *run)
{
	struct tracein in = { .fault = { "" } };
	struct fault doubt = { "" };
	struct ftracerec *rec;

	if (tracein_open(&in, &run->in)) {
		tracein_clock(&in, &run->options);
		if (run->options.printer.put != NULL)
			run->options.printer.printfmt = printfmt_new(in.desc.long_size);
		rec = ftracerec_new(&in.desc, &run->f->out, &run->options);
		if (tracein_add(&in, rec, &run->f->out, run->options.machine)) {
			ftracerec_run(rec);
			filter_missed(run->f, "-e", &run->events);
			filter_missed_selected(run->f, &run->select);
			ftracerec_report(rec, filter_note_text, run->f, &run->f->fault);
			ftracerec_doubt(rec, &doubt);
			if (run->f->verbose || run->count)
				ftracerec_table(rec, filter_note_text, run->f);
		}
		ftracerec_free(rec);
		printfmt_note(run->options.printer.printfmt, filter_note_text, run->f);
		printfmt_free(run->options.printer.printfmt);
	}
	if (!tracein_close(&in))
		fault_set(&run->f->fault, "%s", in.fault.text);
	if (fault_is(&doubt))
		fault_set(&run->f->fault, "%s", doubt.text);
}

int
main(int argc, char *argv[])
{
	struct filter f = { "ftrace2rec", "turn ftrace's ring-buffer pages into records",
		.operand = "[[cpu=]file ...]", .options = options, .argc = argc, .argv = argv };
	char dash[] = "-", *standard_input[] = { dash };
	struct run run = { .f = &f,
		.select = { .time = WINDOW_ALL },
		.in = { .note = filter_note_text, .arg = &f } };

	get_options(&run);
	run.in.names = argc == optind ? standard_input : argv + optind;
	run.in.n = argc == optind ? 1 : (size_t)(argc - optind);
	filter_open_output(&f);
	if (tracein_scan(&run.in, &run.options, &f.fault))
		convert(&run);
	patterns_free(&run.events);
	select_free(&run.select);
	return filter_close(&f);
}
