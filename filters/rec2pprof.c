/* SPDX-License-Identifier: MIT */
/* rec2pprof - turn records with stacks into a profile for pprof */

#include <getopt.h>

#include "export/pprof.h"
#include "filter.h"

static const struct filter_option options[] = {
	{ 'e', NULL, "events", "only these events: names, patterns or kinds, a,b,..." },
	{ 0 },
};

/* Report what is not in the profile as it was in the records. */
static void
warn(struct filter *f, const struct pprof *p)
{
	filter_note_undefined(f, p->defs.undefined);
	filter_note_cut_names(f, p->comms.cut, COMMS_NAME);
	if (p->left_out > 0)
		filter_note(f, NULL,
		    "there are %zu events more than %d: of their samples only the number is "
		    "written; choose with -e",
		    p->left_out, PPROF_TYPES - 1);
	if (p->cut > 0)
		filter_note(f, NULL,
		    "%llu stacks are deeper than %d: cut, because together they are out of "
		    "proportion to the input",
		    (unsigned long long)p->cut, PPROF_DEPTH);
	if (p->counted.backward > 0)
		filter_note(f, NULL, "%llu states end before they start: counted as 0",
		    (unsigned long long)p->counted.backward);
	filter_note_overflows(f, p->overflows, "2^63-1");
}

int
main(int argc, char *argv[])
{
	struct filter f = { "rec2pprof", "turn records with stacks into a profile for pprof",
		.options = options, .argc = argc, .argv = argv };
	struct pprof p = { 0 };
	struct rec r;
	int id;

	while ((id = filter_option(&f)) != -1)
		if (id == 'e')
			patterns_add_list(&p.counted.events, optarg);
	pprof_open(&p);
	if (filter_open(&f)) {
		while (filter_next(&f, &r))
			pprof_add(&p, &r);
		pprof_write(&p, &f.out, f.in.offset);
		if (p.n == 0)
			filter_lacks(&f, "%s",
			    p.counted.events.n == 0 ? "no samples: -e names other records with "
						      "stacks, such as switch or sleeping"
						    : "no records with stacks that -e names");
		filter_missed(&f, "-e", &p.counted.events);
	}
	warn(&f, &p);
	pprof_free(&p);
	return filter_close(&f);
}
