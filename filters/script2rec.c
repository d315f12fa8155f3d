/* SPDX-License-Identifier: MIT */
/* script2rec - turn the text of perf script, trace-cmd report and ftrace into records */

#include <getopt.h>

#include "base/perfmagic.h"
#include "filter.h"
#include "script/script.h"

enum { OPT_OFFSET = FILTER_LONG, OPT_STACKS };

static const struct filter_option options[] = {
	{ 'C', NULL, "cpus", "only these CPUs: 0,4-7" },
	{ 'm', NULL, "name", "the name of the machine in the records (host)" },
	{ 'p', NULL, "tasks",
	    "only tasks with these pids, tids or names: a,b,...; a+: and descendants" },
	{ 't', NULL, "from,to", "only between these times: +20ms,+30ms" },
	{ OPT_OFFSET, "offset", "time", "add this to all times" },
	{ OPT_STACKS, "stacks", "how",
	    "inline: in each record that has it; once: each stack once" },
	FILTER_SPOOL_MAX,
	{ 0 },
};

static void
get_options(struct filter *f, struct script_options *o, struct select *select)
{
	int id;

	while ((id = filter_option(f)) != -1)
		if (filter_select(f, id, select))
			o->select = select;
		else if (id == 'm')
			o->machine = filter_machine(f);
		else if (id == OPT_OFFSET)
			o->offset = filter_time(f);
		else if (id == OPT_STACKS)
			o->once = filter_stacks(f);
}

enum { HEAD = 64 }; /* a kind and a time, or the magic of a recording */

/* Refuse the recordings that the text is made from, and records. */
static bool
is_text(struct input *in, struct fault *fault)
{
	size_t n = input_fill(in, HEAD);
	const char *why = input_compression(in);
	enum magic magic = magic_of(input_at(in), n);

	if (why != NULL)
		return fault_set(fault, "%s: %s", in->name, why);
	return magic == MAGIC_NONE || magic == MAGIC_TEXT ||
	       fault_set(fault, "%s: %s", in->name, magic_advice(magic));
}

static void
note(void *arg, const char *kind, const char *text)
{
	struct filter *f = arg;

	filter_note(f, kind, "%s:%s", f->in.name, text);
}

/* Report what was not converted. */
static void
warn(struct filter *f, const struct script_counts *n)
{
	const struct {
		uint64_t n;
		const char *what;
	} notes[] = {
		{ n->unconverted, "lines are of kinds that have no record" },
		{ n->late, "records are out of time order: LC_ALL=C sort -s -k2,2n" },
		{ n->copies,
		    "events and records occur twice in the text: the copies are left out" },
		{ n->coarse,
		    "events have the microsecond of the one before on their CPU: what happened "
		    "between them has length 0: perf script --ns, trace-cmd report -t" },
		{ n->timeless, "events have no time: theirs is that of the event before" },
		{ n->cut_stacks, "frames are left out of stacks of more than 16 MB" },
		{ n->no_object, "inlined functions are written without their long object" },
		{ n->ticks, "time is not in seconds: the clock counts ticks, and so do the times" },
	};
	size_t i;

	for (i = 0; i < sizeof notes / sizeof *notes; i++)
		if (notes[i].n > 0)
			filter_note(f, NULL, "%s: %llu %s", f->in.name,
			    (unsigned long long)notes[i].n, notes[i].what);
	if (!f->verbose)
		return;
	filter_note(f, NULL, "%10llu lines", (unsigned long long)n->lines);
	filter_note(f, NULL, "%10llu events", (unsigned long long)n->events);
	filter_note(f, NULL, "%10llu not selected", (unsigned long long)n->filtered);
	filter_note(f, NULL, "%10llu stacks of other events", (unsigned long long)n->stacks);
	filter_note(f, NULL, "%10llu lines could not be parsed", (unsigned long long)n->bad);
}

static void
mute(void *arg, const char *kind, const char *text)
{
	(void)arg;
	(void)kind;
	(void)text;
}

/* Learn the times of the events, if a selection is relative to the last one. What is wrong is
 * reported when the text is read again. */
static bool
scan(struct filter *f, struct script_options quiet)
{
	struct script *s;
	struct out nowhere;

	if (quiet.select == NULL || !window_needs_last(&quiet.select->time))
		return true;
	if (!input_spool(&f->in))
		return false;
	quiet.note = mute;
	out_open(&nowhere, -1);
	window_scan(&quiet.select->time);
	s = script_new(&f->in, &nowhere, &quiet);
	script_run(s);
	script_free(s);
	window_settle(&quiet.select->time);
	out_free(&nowhere);
	return input_seek(&f->in, 0);
}

/* Returns false if a line could not be parsed. */
static bool
convert(struct filter *f, const struct script_options *o)
{
	struct script *s = script_new(&f->in, &f->out, o);
	const struct script_counts *n = script_counts(s);
	bool good;

	script_run(s);
	warn(f, n);
	if (n->events == 0 && n->bad == 0 && !fault_is(&f->in.fault))
		fault_set(&f->fault, "%s: no events in it", f->in.name);
	if (o->select != NULL)
		filter_missed_selected(f, o->select);
	good = n->bad == 0;
	script_free(s);
	return good;
}

int
main(int argc, char *argv[])
{
	struct filter f = { "script2rec",
		"turn the text of perf script, trace-cmd report and ftrace into records",
		.options = options, .argc = argc, .argv = argv };
	struct script_options o = { .machine = STR("host"), .note = note, .arg = &f };
	struct select select = { .time = WINDOW_ALL };
	bool good = true;

	get_options(&f, &o, &select);
	if (filter_open(&f) && is_text(&f.in, &f.fault) && scan(&f, o))
		good = convert(&f, &o);
	select_free(&select);
	return filter_close(&f) != 0 || !good;
}
