/* SPDX-License-Identifier: MIT */
/* rec2prof - turn records with stacks into a profile */

#include <getopt.h>

#include "filter.h"
#include "prof/proftable.h"

enum { OPT_CHILDREN = FILTER_LONG, OPT_KEYS, OPT_TABLE };

static const struct filter_option options[] = {
	{ 'e', NULL, "events", "only these events: names, patterns or kinds, a,b,..." },
	{ OPT_CHILDREN, "children", NULL, "count each sample for every place in its stack, too" },
	{ OPT_KEYS, "keys", "keys",
	    "what makes a row: sym,object,line,caller,mode,event,comm,pid,..." },
	{ OPT_TABLE, "table", NULL, "write columns for a terminal" },
	{ 0 },
};

/* Say what the profile does not show as the stream has it. */
static void
note_limits(struct filter *f, const struct prof *p)
{
	filter_note_undefined(f, p->stacks.undefined);
	filter_note_cut_names(f, p->cut_names, PROF_NAME);
	filter_note_overflows(f, p->overflows, "2^64-2");
	if (p->left_out > 0)
		filter_note(f, NULL, "%llu places in stacks left out: they would outgrow the input",
		    (unsigned long long)p->left_out);
	if (p->brief)
		filter_note(f, NULL, "names are cut: the rows would outgrow the input");
	if (p->mixed)
		filter_note(f, NULL,
		    "samples of several events are added up: choose one with -e, or use --keys "
		    "event,...");
}

int
main(int argc, char *argv[])
{
	struct filter f = { "rec2prof", "turn records with stacks into a profile",
		.options = options, .argc = argc, .argv = argv };
	struct patterns events = { 0 };
	struct prof p = { .keys = PROF_KEYS_DEFAULT };
	bool table = false;
	struct rec r;
	int id;

	while ((id = filter_option(&f)) != -1) {
		if (id == 'e')
			patterns_add_list(p.patterns = &events, optarg);
		else if (id == OPT_CHILDREN)
			p.children = true;
		else if (id == OPT_TABLE)
			table = true;
		else if (!prof_keys(optarg, &p.keys))
			filter_usage(&f, "--keys: \"%s\": not a list of " PROF_KEY_NAMES, optarg);
	}
	prof_open(&p);
	if (filter_open(&f)) {
		while (filter_next(&f, &r))
			prof_add(&p, &r);
		prof_sort(&p);
		prof_fit(&p, NULL);
		if (table)
			proftable_write(&p, &f.out);
		else
			prof_write(&p, &f.out);
		if (p.n == 0)
			filter_lacks(&f, "%s",
			    p.patterns == NULL ? "no samples: -e names other records with stacks, "
						 "such as switch or sleeping"
					       : "no records with stacks that -e names");
		filter_missed(&f, "-e", &events);
	}
	note_limits(&f, &p);
	prof_free(&p);
	patterns_free(&events);
	return filter_close(&f);
}
