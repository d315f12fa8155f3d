/* SPDX-License-Identifier: MIT */
/* states2json - turn states into Chrome trace JSON, for Perfetto and others */

#include <getopt.h>

#include "export/tracejson.h"
#include "filter.h"

static const struct filter_option options[] = {
	{ 't', NULL, "from,to", "only between these times: +20ms,+30ms" },
	FILTER_SPOOL_MAX,
	{ 0 },
};

/* Report what is not in the output as it was in the records. */
static void
warn(struct filter *f, const struct tracejson *j)
{
	filter_note_undefined(f, j->stacks.undefined);
	if (j->backward > 0)
		filter_note(f, NULL, "%llu intervals end before they start: of length 0",
		    (unsigned long long)j->backward);
	if (j->cut)
		filter_note(f, NULL,
		    "the stacks have more than %d different frames: the others are in args alone",
		    TRACEJSON_FRAMES);
}

int
main(int argc, char *argv[])
{
	struct filter f = { "states2json", "turn states into Chrome trace JSON, for Perfetto",
		.options = options, .argc = argc, .argv = argv };
	struct tracejson json = { .out = &f.out, .time = WINDOW_ALL };
	struct rec r;

	while (filter_option(&f) != -1)
		filter_window(&f, &json.time);
	if (filter_open(&f) && filter_scan(&f, &json.time)) {
		tracejson_begin(&json);
		while (filter_next(&f, &r)) {
			select_add_time(&json.time, &r);
			tracejson_add(&json, &r);
		}
		tracejson_end(&json);
		if (json.used == 0 && !filter_missed_window(&f, &json.time))
			filter_lacks(&f, "no states; sched2states makes them");
	}
	warn(&f, &json);
	tracejson_free(&json);
	return filter_close(&f);
}
