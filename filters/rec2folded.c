/* SPDX-License-Identifier: MIT */
/* rec2folded - samples to FlameGraph's folded stacks */

#include <getopt.h>

#include "filter.h"
#include "rec/folded.h"

enum { OPT_OFFWAKE = FILTER_LONG, OPT_PERIOD };

static const struct filter_option options[] = {
	{ 'e', NULL, "events", "only these events: names, patterns or kinds, a,b,..." },
	{ 't', NULL, "from,to", "only between these times: +20ms,+30ms" },
	{ OPT_OFFWAKE, "offwake", NULL,
	    "count the time that tasks waited, by their stack and the stack that woke them" },
	{ OPT_PERIOD, "period", NULL, "count the periods of samples, not samples" },
	FILTER_SPOOL_MAX,
	{ 0 },
};

/* Returns whether -e was given. */
static bool
get_options(struct filter *f, struct folded *folded)
{
	struct patterns *events = &folded->counted.events;
	int id;

	while ((id = filter_option(f)) != -1)
		if (id == 'e')
			patterns_add_list(events, optarg);
		else if (id == 't')
			filter_window(f, &folded->time);
		else if (id == OPT_PERIOD)
			folded->period = true;
		else if (id == OPT_OFFWAKE)
			folded->offwake = true;
	if (!folded->offwake || events->n > 0)
		return events->n > 0;
	patterns_add(events, STR("sleeping"));
	patterns_add(events, STR("uninterruptible"));
	return false;
}

/* Report what is not in the counts as it was in the records. */
static void
warn(struct filter *f, const struct folded *folded)
{
	filter_note_undefined(f, folded->defs.undefined);
	if (folded->counted.mixed)
		filter_note(f, NULL, "samples of several events are added up: choose one with -e");
	filter_note_cut_names(f, folded->comms.cut, COMMS_NAME);
	if (folded->cut_lines > 0)
		filter_note(f, NULL,
		    "%llu lines are longer than %d bytes: cut, because together they are more than "
		    "256 times as long as the input",
		    (unsigned long long)folded->cut_lines, FOLDED_LINE);
	if (folded->counted.backward > 0)
		filter_note(f, NULL, "%llu states end before they start: counted as 0",
		    (unsigned long long)folded->counted.backward);
	filter_note_overflows(f, folded->overflows, "2^64-1");
}

/* The reason why nothing was counted. */
static const char *
nothing(const struct folded *folded)
{
	if (folded->offwake)
		return "no states that -e names; sched2states makes them";
	return folded->counted.events.n == 0
		   ? "no samples: -e names other records with stacks, such as switch or sleeping"
		   : "no records with stacks that -e names";
}

int
main(int argc, char *argv[])
{
	struct filter f = { "rec2folded", "fold records with stacks into the lines of flame graphs",
		.options = options, .argc = argc, .argv = argv };
	struct folded folded = { .time = WINDOW_ALL };
	struct rec r;
	bool chosen = get_options(&f, &folded);

	if (filter_open(&f) && filter_scan(&f, &folded.time)) {
		while (filter_next(&f, &r)) {
			select_add_time(&folded.time, &r);
			folded_add(&folded, &r);
		}
		folded_end(&folded);
		folded_write(&folded, &f.out, f.in.offset);
		if (folded.n == 0 && !filter_missed_window(&f, &folded.time))
			filter_lacks(&f, "%s", nothing(&folded));
		if (chosen)
			filter_missed(&f, "-e", &folded.counted.events);
	}
	warn(&f, &folded);
	folded_free(&folded);
	return filter_close(&f);
}
