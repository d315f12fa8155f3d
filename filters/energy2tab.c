/* SPDX-License-Identifier: MIT */
/* energy2tab - divide measured energy among the tasks that ran */

#include <getopt.h>

#include "base/units.h"
#include "energy/shares.h"
#include "filter.h"

enum { OPT_BY = FILTER_LONG };

#define YEAR_2000 INT64_C(946684800000000000) /* ns since 1970: no other clock runs so long */

static const struct filter_option options[] = {
	{ OPT_BY, "by", "what", "a row for each task (default), process, name" },
	{ 0 },
};

static void
note_left_out(struct filter *f, uint64_t n, const char *why)
{
	if (n > 0)
		filter_note(
		    f, NULL, "%s: %llu energy records %s", f->in.name, (unsigned long long)n, why);
}

/* Report what was not shared out. */
static void
report(struct filter *f, const struct shares *s)
{
	note_left_out(
	    f, s->own_clock, "left out: not on the clock of the states (rapl2csv --start)");
	if (s->own_clock > 0 && s->first_state > YEAR_2000)
		filter_note(f, NULL,
		    "the states' times count from 1970: so do those of polls with rapl2csv "
		    "--start=0");
	note_left_out(f, s->incomplete, "left out: no energy, or no times");
	note_left_out(f, s->overlapping, "left out: they overlap others of the same counter");
	note_left_out(f, s->without_cpus,
	    "of counters whose CPUs are not known: put down to unknown (perf2rec -H has the CPUs)");
	note_left_out(f, s->unshared, "put down to unknown: the work would outgrow the input");
	if (fault_is(&f->in.fault) || fault_is(&f->rec.fault))
		return;
	if (s->intervals == 0)
		fault_set(&f->fault,
		    "%s: no energy records to share out; rapl2csv --records makes them",
		    f->in.name);
	else if (s->states == 0)
		fault_set(&f->fault,
		    "%s: no states of running tasks; sched2states makes them from switches: "
		    "record sched:sched_switch",
		    f->in.name);
	else if (s->met == 0 && s->without_cpus + s->unshared < s->intervals)
		fault_set(&f->fault,
		    "%s: no energy record meets a state: the first is at %s, the first state at "
		    "%s: are they on one clock (rapl2csv --start, perf2rec --wall)?",
		    f->in.name, units_stamp(s->first_interval).s, units_stamp(s->first_state).s);
}

int
main(int argc, char *argv[])
{
	struct filter f = { "energy2tab", "divide measured energy among the tasks that ran",
		.options = options, .argc = argc, .argv = argv };
	struct shares s = { 0 };
	struct rec r;
	int by = SHARES_TASK;

	while (filter_option(&f) != -1)
		if ((by = shares_by_named(optarg)) < 0)
			filter_usage(&f, "--by: \"%s\": not task, process or name", optarg);
	s.by = (enum shares_by)by;
	if (filter_open(&f)) {
		while (filter_next(&f, &r))
			shares_add(&s, &r);
		shares_write(&s, &f.out);
		report(&f, &s);
	}
	shares_free(&s);
	return filter_close(&f);
}
