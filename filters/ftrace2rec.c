/* SPDX-License-Identifier: MIT */
/* ftrace2rec - turn ftrace's ring-buffer pages into records */

#include <getopt.h>

#include "filter.h"
#include "ftrace/ringfiles.h"
#include "ftrace/tracedat.h"
#include "ftrace/tracestream.h"
#include "rec/select.h"

enum { OPT_OFFSET = FILTER_LONG, OPT_PAGE, OPT_SHIFT, OPT_STACKS };

static const struct filter_option options[] = {
	{ 'C', NULL, "cpus", "only these CPUs: 0,4-7" },
	{ 'e', NULL, "events", "only these events: names, patterns or kinds, a,b,..." },
	{ 'f', NULL, "formats", "the tracing folder of the traced kernel, or an archive of it" },
	{ 'm', NULL, "name", "the name of the traced machine (host)" },
	{ 't', NULL, "from,to", "only events between two times" },
	{ OPT_OFFSET, "offset", "time", "add to all times" },
	{ OPT_PAGE, "page", "bytes", "the size of a page, if header_page does not tell" },
	{ OPT_SHIFT, "shift", NULL, "put a guest's trace.dat on the time of its host" },
	{ OPT_STACKS, "stacks", "how", "inline: in each record; once: as records of their own" },
	{ 0 },
};

struct run {
	struct filter *f;
	struct tracedesc desc;
	struct ftracerec_options options;
	struct select select; /* for its CPUs */
	const char *formats;
	size_t page;
	bool shift;
	struct ringfiles files;
};

static bool
is_cpu_wanted(void *arg, int32_t cpu)
{
	return select_has_cpu(arg, cpu);
}

static void
get_options(struct run *run)
{
	struct filter *f = run->f;
	int id;

	run->options = (struct ftracerec_options){
		.machine = STR("host"), .from = INT64_MIN, .to = INT64_MAX
	};
	while ((id = filter_option(f)) != -1)
		if (id == 'C') {
			if (!select_cpus(&run->select, optarg))
				filter_usage(
				    f, "\"%s\": not a list of CPUs, such as 0,4-7", optarg);
			run->options.cpu = is_cpu_wanted;
			run->options.arg = &run->select;
		} else if (id == 'e')
			run->options.events = optarg;
		else if (id == 'f')
			run->formats = optarg;
		else if (id == 'm')
			run->options.machine = filter_machine(f);
		else if (id == 't')
			filter_times(f, &run->options.from, &run->options.to);
		else if (id == OPT_OFFSET)
			run->options.offset = filter_time(f, optarg);
		else if (id == OPT_PAGE)
			run->page = (size_t)filter_number(f, RINGPAGE_LEAST, RINGPAGE_MOST);
		else if (id == OPT_SHIFT)
			run->shift = true;
		else if (id == OPT_STACKS)
			run->options.once = filter_stacks(f);
}

static bool
read_formats(struct run *run)
{
	if (!tracedesc_read(&run->desc, run->formats, &run->f->fault))
		return false;
	return run->desc.formats.n > 0 ||
	       fault_set(&run->f->fault, "%s: no formats of events", run->formats);
}

/* Report what was not converted. */
static void
warn(struct filter *f, const struct tracedesc *d, const struct ftracerec_counts *n)
{
	if (n->unknown > 0)
		filter_note(f, NULL, "%llu events have ids without a format, the first one %u",
		    (unsigned long long)n->unknown, n->unknown_id);
	if (n->bad > 0)
		filter_note(f, NULL, "%llu events are too short or have an impossible time",
		    (unsigned long long)n->bad);
	if (n->late > 0)
		filter_note(f, NULL, "%llu events are earlier than the one before on their CPU",
		    (unsigned long long)n->late);
	if (d->rejected > 0)
		fault_set(&f->fault,
		    "%zu format files could not be read, the first one events/%.*s", d->rejected,
		    (int)d->rejected_path.n, d->rejected_path.p);
	if (n->missing > 0)
		fault_set(&f->fault, "%llu bytes of pages that the agent sent are not there",
		    (unsigned long long)n->missing);
	if (d->complaint.n > 0)
		fault_set(
		    &f->fault, "the agent reports: %.*s", (int)d->complaint.n, d->complaint.p);
	if (n->written == 0 && n->filtered > 0)
		filter_note(f, NULL, "none of the %llu events is asked for",
		    (unsigned long long)n->filtered);
	if (!tracedesc_is_ns(d))
		filter_note(f, NULL, "the clock %.*s does not count nanoseconds: times are its own",
		    (int)d->clock.n, d->clock.p);
	if (!f->verbose)
		return;
	filter_note(f, NULL, "%10llu events", (unsigned long long)n->events);
	filter_note(f, NULL, "%10llu written", (unsigned long long)n->written);
	filter_note(f, NULL, "%10llu stacks of other events", (unsigned long long)n->stacks);
	filter_note(f, NULL, "%10llu not asked for", (unsigned long long)n->filtered);
	filter_note(f, NULL, "%10llu lost, and in %llu places nobody counted",
	    (unsigned long long)n->lost, (unsigned long long)n->lost_unknown);
}

/* Have the pages of the files or of the stream read, whatever there is. */
static bool
add_pages(struct run *run, struct tracestream *stream, struct ftracerec *rec,
    const struct ringlayout *layout)
{
	if (stream == NULL)
		return ringfiles_add(&run->files, rec, layout);
	tracestream_add(stream, rec, layout);
	return true;
}

/* Convert the files of pages or, if there is one, the agent's stream. */
static void
convert(struct run *run, struct tracestream *stream)
{
	struct ftracerec *rec;
	struct ringlayout layout;

	if (run->page != 0)
		run->desc.page = run->page;
	if (!tracedesc_layout(&run->desc, &layout)) {
		fault_set(&run->f->fault, "%s: the size of a page makes no sense",
		    run->formats != NULL ? run->formats : run->f->argv[optind]);
		return;
	}
	rec = ftracerec_new(&run->desc, &run->f->out, &run->options);
	if (add_pages(run, stream, rec, &layout)) {
		ftracerec_run(rec);
		warn(run->f, &run->desc, ftracerec_counts(rec));
	}
	ftracerec_free(rec);
}

static void
convert_stream(struct run *run, struct input *in)
{
	struct tracestream stream = { .note = filter_note_text, .arg = run->f };

	if (tracestream_open(&stream, in, &run->desc))
		convert(run, &stream);
	if (fault_is(&stream.fault))
		fault_set(&run->f->fault, "%s", stream.fault.text);
	tracestream_close(&stream);
}

static void
convert_tracedat(struct run *run, struct input *in)
{
	struct tracedat dat = { .note = filter_note_text, .arg = run->f };
	struct ftracerec *rec;

	if (tracedat_open(&dat, in)) {
		tracedat_clock(&dat, &run->options, run->shift);
		rec = ftracerec_new(&dat.desc, &run->f->out, &run->options);
		tracedat_write(&dat, &run->f->out, run->options.machine);
		tracedat_add(&dat, rec);
		ftracerec_run(rec);
		warn(run->f, &dat.desc, ftracerec_counts(rec));
		if (dat.unread > 0)
			filter_note(run->f, NULL, "%s: %zu options of unknown kinds are left out",
			    in->name, dat.unread);
		ftracerec_free(rec);
	}
	if (fault_is(&dat.fault))
		fault_set(&run->f->fault, "%s", dat.fault.text);
	tracedat_close(&dat);
}

/* Convert whatever the first file is: if it has the pages of all CPUs, it is the only one. */
static void
convert_files(struct run *run)
{
	struct input *in = ringfiles_input(&run->files, 0);
	size_t n = input_fill(in, 16);
	bool dat = tracedat_is(input_at(in), n), stream = tracestream_is(input_at(in), n);

	if ((dat || stream) && run->f->argc - optind > 1)
		fault_set(
		    &run->f->fault, "%s: it has the pages of all CPUs: give it alone", in->name);
	else if (dat)
		convert_tracedat(run, in);
	else if (run->formats == NULL && !stream)
		fault_set(
		    &run->f->fault, "%s: raw pages need -f, the formats of their events", in->name);
	else if (run->formats == NULL || read_formats(run))
		stream ? convert_stream(run, in) : convert(run, NULL);
}

int
main(int argc, char *argv[])
{
	struct filter f = { "ftrace2rec", "turn ftrace's ring-buffer pages into records",
		.operand = "[cpu=]file ...", .options = options, .argc = argc, .argv = argv };
	struct run run = { .f = &f };

	get_options(&run);
	if (argc == optind)
		filter_usage(&f, "no files of pages are given");
	filter_open_output(&f);
	tracedesc_open(&run.desc);
	run.files = (struct ringfiles){ .note = filter_note_text, .arg = &f };
	if (ringfiles_open(&run.files, argv + optind, (size_t)(argc - optind)))
		convert_files(&run);
	if (!ringfiles_close(&run.files))
		fault_set(&f.fault, "%s", run.files.fault.text);
	tracedesc_free(&run.desc);
	select_free(&run.select);
	return filter_close(&f);
}
