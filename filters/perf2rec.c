/* SPDX-License-Identifier: MIT */
/* perf2rec - turn a perf.data file into records */

#include <getopt.h>

#include "filter.h"
#include "perfrec.h"

enum { OFFSET = FILTER_LONG, STACKS };

static const struct filter_option options[] = {
	{ 'e', NULL, "events", "only these events, by names or patterns with commas between them" },
	{ 'm', NULL, "name", "what to call the recorded machine (host)" },
	{ OFFSET, "offset", "time", "add to all times" },
	{ STACKS, "stacks", "how", "inline: in each record; once: as records of their own" },
	{ 0 },
};

static bool
once(struct filter *f, const char *how)
{
	if (strcmp(how, "once") != 0 && strcmp(how, "inline") != 0)
		filter_usage(f, "\"%s\": stacks are written inline or once", how);
	return *how == 'o';
}

static struct perfrec_options
parse(struct filter *f)
{
	struct perfrec_options o = { .machine = "host" };
	int id;

	while ((id = filter_option(f)) != -1) {
		if (id == 'e')
			o.events = optarg;
		else if (id == 'm')
			o.machine = optarg;
		else if (id == OFFSET)
			o.offset = filter_time(f, optarg);
		else
			o.once = once(f, optarg);
	}
	return o;
}

int
main(int argc, char *argv[])
{
	struct filter f = { "perf2rec", "turn a perf.data file into records", .options = options,
		.argc = argc, .argv = argv };
	struct perfrec_options o = parse(&f);
	struct perf_record r;
	struct perfrec *rec;
	struct perf perf;

	if (!filter_open(&f))
		return filter_close(&f);
	if (perf_open(&perf, &f.in)) {
		rec = perfrec_new(&perf, &f.out, &o);
		while (f.out.error == 0 && perf_next(&perf, &r))
			perfrec_add(rec, &r);
		perfrec_end(rec);
		perfrec_free(rec);
	}
	f.fault = perf.fault;
	perf_close(&perf);
	return filter_close(&f);
}
