/* SPDX-License-Identifier: MIT */
/* perf2rec - turn a perf.data file into records */

#include <getopt.h>
#include <stdio.h>

#include "filter.h"
#include "perf/perfrec.h"
#include "perf/printfmt.h"

enum { OPT_BRANCHES = FILTER_LONG, OPT_OFFSET, OPT_PRINT, OPT_STACKS, OPT_USER_STACKS };

static const struct filter_option options[] = {
	{ 'e', NULL, "events",
	    "only these events, by names, patterns or kinds with commas between them" },
	{ 'm', NULL, "name", "what to call the recorded machine (host)" },
	{ 's', NULL, NULL, "count records by type and parts of samples on standard error" },
	{ OPT_BRANCHES, "branches", NULL, "write the branch stacks of samples" },
	{ OPT_OFFSET, "offset", "time", "add to all times" },
	{ OPT_PRINT, "print-fmt", NULL, "write the text of tracepoints, not their fields" },
	{ OPT_STACKS, "stacks", "how", "inline: in each record; once: as records of their own" },
	{ OPT_USER_STACKS, "user-stacks", NULL, "write the user stacks of samples, for recunwind" },
	FILTER_SPOOL_MAX,
	{ 0 },
};

static void
get_options(struct filter *f, struct perfrec_options *o, bool *count)
{
	int id;

	while ((id = filter_option(f)) != -1)
		if (id == 'e')
			o->events = optarg;
		else if (id == 'm')
			o->machine = filter_machine(f);
		else if (id == 's')
			*count = true;
		else if (id == OPT_BRANCHES)
			o->branches = true;
		else if (id == OPT_OFFSET)
			o->offset = filter_time(f, optarg);
		else if (id == OPT_PRINT)
			o->printer.put = printfmt_put;
		else if (id == OPT_STACKS)
			o->once = filter_stacks(f);
		else if (id == OPT_USER_STACKS)
			o->user_stacks = true;
	if (o->events != NULL && *o->events == '\0')
		filter_usage(f, "-e: no events are named");
}

/* Report what was left out or changed, and how often. */
static void
warn_counts(struct filter *f, const struct perf *perf, const struct perfrec_counts *n)
{
	const struct {
		uint64_t n;
		const char *what;
	} notes[] = {
		{ n->late, "records are out of time order: LC_ALL=C sort -s -k2,2n" },
		{ perf->unmatched, "samples of no event in the header are left out" },
		{ n->outside,
		    "records of processes outside the recorder's pid namespace are left out" },
		{ n->aux_lost, "AUX records say that trace was lost" },
		{ n->cut_stacks, "samples of groups have only the ip as their stack" },
		{ n->cut_fields,
		    "tracepoint records lack some of their fields: these repeat the same bytes" },
		{ n->cut_names,
		    "names are cut: they are longer than 4096 bytes, or 512 of an event" },
		{ n->ignored_fields,
		    "fields of event formats are ignored: these have more than 512, or longer "
		    "names than 512 bytes" },
	};
	size_t i;

	for (i = 0; i < sizeof notes / sizeof *notes; i++)
		if (notes[i].n > 0)
			filter_note(f, NULL, "%s: %llu %s", f->in.name,
			    (unsigned long long)notes[i].n, notes[i].what);
}

/* Report the parts of samples that nothing is made from. */
static void
warn_parts(struct filter *f, const struct perf_tally *tally)
{
	static const char *const notes[PERF_PARTS] = {
		[PERF_PART_READ] = "the value of their counter: it is left out",
		[PERF_PART_PERIOD] = "a period that their kind of record has no field for",
		[PERF_PART_BRANCH_STACK] = "a branch stack that is left out (--branches)",
		[PERF_PART_REGS_USER] = "registers: they are left out",
		[PERF_PART_STACK_USER] =
		    "a user stack to be unwound, which is left out (--user-stacks)",
		[PERF_PART_REGS_INTR] = "registers of what was interrupted: they are left out",
		[PERF_PART_AUX] = "a part of an AUX trace: it is left out",
	};
	unsigned part;

	for (part = 0; part < PERF_PARTS; part++)
		if (tally->dropped[part] > 0 && perf_part_name(part) != NULL)
			filter_note(f, NULL, "%s: %llu samples have %s%s", f->in.name,
			    (unsigned long long)tally->dropped[part],
			    notes[part] != NULL ? notes[part] : perf_part_name(part),
			    notes[part] != NULL ? "" : ", which is left out");
}

/* Report the records that nothing is made from, though they say something about what was recorded.
 */
static void
warn_types(struct filter *f, const struct perf *perf, const struct perf_tally *tally)
{
	char text[1024];
	unsigned type;
	uint64_t skipped;
	size_t n = 0;

	for (type = 0; type < PERF_R_COUNT && n < sizeof text; type++)
		if ((skipped = perf_tally_skipped(tally, perf, type)) > 0)
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%llu %s",
			    n == 0 ? "" : ", ", (unsigned long long)skipped,
			    type == 0 ? "of unknown types" : perf_type_name(type));
	if (n > 0)
		filter_note(f, NULL, "%s: these records are left out: %s", f->in.name, text);
}

/* Report what does not end the program. */
static void
warn(struct filter *f, const struct perf *perf, const struct perfrec_counts *n)
{
	const char *why = NULL;

	if (perf->killed)
		why = "the recorder was killed: no header, no formats, read to its end";
	else if (perf->torn && n->formatless > 0)
		why = "the event formats after the data are missing: tracepoints have numbers for "
		      "names";
	if (n->sampled_switches)
		why = n->context_switches
			  ? "sched:sched_switch is sampled: switches are those of --switch-events"
			  : "sched:sched_switch is sampled: switches are missing";
	if (why != NULL)
		filter_note(f, NULL, "%s: %s", f->in.name, why);
	if (n->namespaced)
		filter_note(f, NULL,
		    "%s: recorded in a pid namespace: tasks outside have 1000000000 + their tid",
		    f->in.name);
	if (n->auxtrace > 0)
		filter_note(f, NULL, "%s: %llu bytes of %s trace are left out", f->in.name,
		    (unsigned long long)n->auxtrace, n->tracer == NULL ? "unknown" : n->tracer);
	warn_counts(f, perf, n);
	warn_parts(f, &n->tally);
	warn_types(f, perf, &n->tally);
}

/* Report what the file contains, and what became of it. */
static void
summarise(struct filter *f, const struct perf *perf, const struct perfrec_counts *n)
{
	char text[PERF_TALLY_LINE];
	unsigned i = 0;

	filter_note(f, NULL, "%s: %s mode, %s-endian, %zu events", f->in.name,
	    perf->pipe ? "pipe" : "file", perf->big ? "big" : "little", perf_event_count(perf));
	while (perf_tally_line(&n->tally, perf, &i, text))
		filter_note(f, NULL, "%s", text);
	if (n->filtered > 0)
		filter_note(
		    f, NULL, "%12llu  samples left out by -e", (unsigned long long)n->filtered);
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
			warn(f, &perf, &counts);
			printfmt_note(o->printer.printfmt, filter_note_text, f);
		}
		if (f->verbose || count)
			summarise(f, &perf, &counts);
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
	const char *why;
	bool parts, count = false;

	get_options(&f, &o, &count);
	if (o.printer.put != NULL)
		o.printer.printfmt = printfmt_new(sizeof(uint64_t));
	parts = filter_enter(&f, "data"); /* as perf record --threads makes it */
	if (filter_open(&f)) {
		if ((why = input_compression(&f.in)) != NULL)
			fault_set(&f.fault, "%s: %s | perf2rec", f.in.name, why);
		else
			convert(&f, &o, parts, count);
	}
	printfmt_free(o.printer.printfmt);
	return filter_close(&f);
}
