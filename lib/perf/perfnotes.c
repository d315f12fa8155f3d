/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stdio.h>

#include "perfnotes.h"

enum { NAME = 512, NOTE = NAME + 1280 };

struct notes {
	const struct perf *perf;
	void (*note)(void *arg, const char *kind, const char *text);
	void *arg;
};

/* Give a message, after the name of the file. */
__attribute__((format(printf, 2, 3))) static void
say(const struct notes *f, const char *fmt, ...)
{
	char text[NOTE];
	size_t n = (size_t)snprintf(text, sizeof text, "%.*s: ", NAME, f->perf->in->name);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + n, sizeof text - n, fmt, ap);
	va_end(ap);
	f->note(f->arg, NULL, text);
}

/* Report what was left out or changed, and how often. */
static void
warn_counts(const struct notes *f, const struct perfrec_counts *n)
{
	uint64_t copies = 0;
	size_t i;

	for (i = 0; i < PERF_R_COUNT; i++)
		copies += f->perf->copies[i];
	const struct {
		uint64_t n;
		const char *what;
	} notes[] = {
		{ n->late, "records are out of time order: LC_ALL=C sort -s -k2,2n" },
		{ copies, "records occur twice in the file: the copies are left out" },
		{ f->perf->unmatched, "samples of no event in the header are left out" },
		{ n->outside,
		    "records of processes outside the recorder's pid namespace are left out" },
		{ n->user_symbols, "symbols of files that no map names are left out" },
		{ n->no_user,
		    "samples lack the user's part of their stack: it did not come in time" },
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

	for (i = 0; i < sizeof notes / sizeof *notes; i++)
		if (notes[i].n > 0)
			say(f, "%llu %s", (unsigned long long)notes[i].n, notes[i].what);
}

/* Report the events that the kernel dropped. */
static void
warn_lost(const struct notes *f, uint64_t lost)
{
	uint64_t all = f->perf->count[PERF_R_SAMPLE] - f->perf->copies[PERF_R_SAMPLE];

	if (__builtin_add_overflow(all, lost, &all))
		all = UINT64_MAX;
	if (lost > 0)
		say(f, "%llu of %llu events were lost: record with a larger -m, or fewer events",
		    (unsigned long long)lost, (unsigned long long)all);
}

/* The number of samples that lack a part. User registers that come with a user stack are reported
 * with it. */
static uint64_t
dropped(const struct perf_tally *tally, unsigned part)
{
	uint64_t n = tally->dropped[part], stacks = tally->dropped[PERF_PART_STACK_USER];

	if (part != PERF_PART_REGS_USER)
		return n;
	return n > stacks ? n - stacks : 0;
}

/* Report the parts of samples that nothing is made from. */
static void
warn_parts(const struct notes *f, const struct perf_tally *tally)
{
	static const char *const notes[PERF_PARTS] = {
		[PERF_PART_READ] = "the value of their counter: it is left out",
		[PERF_PART_PERIOD] =
		    "a period above 1: events between them are missing: perf record -c 1",
		[PERF_PART_BRANCH_STACK] = "a branch stack that is left out (--branches)",
		[PERF_PART_REGS_USER] = "registers: they are left out",
		[PERF_PART_STACK_USER] =
		    "a user stack, which is left out: perf2rec --user-stacks FILE | recunwind",
		[PERF_PART_REGS_INTR] = "registers of what was interrupted: they are left out",
		[PERF_PART_AUX] = "a part of an AUX trace: it is left out",
	};
	unsigned part;

	for (part = 0; part < PERF_PARTS; part++)
		if (dropped(tally, part) > 0 && perf_part_name(part) != NULL)
			say(f, "%llu samples have %s%s", (unsigned long long)dropped(tally, part),
			    notes[part] != NULL ? notes[part] : perf_part_name(part),
			    notes[part] != NULL ? "" : ", which is left out");
}

/* Report the records that nothing is made from, though they say something about what was recorded.
 */
static void
warn_types(const struct notes *f, const struct perf_tally *tally)
{
	char text[1024];
	unsigned type;
	uint64_t skipped;
	size_t n = 0;

	for (type = 0; type < PERF_R_COUNT && n < sizeof text; type++)
		if ((skipped = perf_tally_skipped(tally, f->perf, type)) > 0)
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%llu %s",
			    n == 0 ? "" : ", ", (unsigned long long)skipped,
			    type == 0 ? "of unknown types" : perf_type_name(type));
	if (n > 0)
		say(f, "these records are left out: %s", text);
}

void
perfnotes(const struct perf *perf, const struct perfrec_counts *n,
    void (*note)(void *arg, const char *kind, const char *text), void *arg)
{
	const struct notes to = { perf, note, arg }, *f = &to;
	const char *why = NULL;

	if (perf->killed)
		why = n->formatless > 0
			  ? "the recorder was killed: no header, no formats (--tracefs), read to "
			    "its end"
			  : "the recorder was killed: no header, no formats, read to its end";
	else if (perf->torn && n->formatless > 0)
		why = "the event formats after the data are missing (--tracefs): tracepoints have "
		      "numbers for names";
	if (n->sampled_switches)
		why = n->context_switches
			  ? "sched:sched_switch is sampled: switches are those of --switch-events"
			  : "sched:sched_switch is sampled: switches are missing: record with "
			    "perf record -c 1";
	if (why != NULL)
		say(f, "%s", why);
	if (n->namespaced)
		say(f, "recorded in a pid namespace: tasks outside have 1000000000 + their tid");
	if (n->auxtrace > 0)
		say(f, "%llu bytes of %s trace are left out", (unsigned long long)n->auxtrace,
		    n->tracer == NULL ? "unknown" : n->tracer);
	warn_lost(f, n->lost);
	warn_counts(f, n);
	warn_parts(f, &n->tally);
	warn_types(f, &n->tally);
}

void
perfnotes_table(const struct perf *perf, const struct perfrec_counts *n,
    void (*note)(void *arg, const char *kind, const char *text), void *arg)
{
	const struct notes to = { perf, note, arg }, *f = &to;
	char text[PERF_TALLY_LINE];
	unsigned i = 0;

	say(f, "%s mode, %s-endian, %zu events", perf->pipe ? "pipe" : "file",
	    perf->big ? "big" : "little", perf_event_count(perf));
	while (perf_tally_line(&n->tally, perf, &i, text))
		note(arg, NULL, text);
	if (n->filtered > 0)
		say(f, "%llu samples were left out by -e, -C, -p or -t",
		    (unsigned long long)n->filtered);
}
