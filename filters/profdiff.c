/* SPDX-License-Identifier: MIT */
/* profdiff - compare two profiles */

#include <getopt.h>

#include "filter.h"
#include "prof/profdiff.h"

enum { OPT_BY = FILTER_LONG, OPT_KEYS, OPT_TABLE };

static const struct filter_option options[] = {
	{ 'e', NULL, "events", "only these events: names, patterns or kinds, a,b,..." },
	{ OPT_BY, "by", "value",
	    "sort by delta-abs (default), delta, ratio, wdiff or wdiff:W1,W2" },
	{ OPT_KEYS, "keys", "keys", "what makes a row: sym (default),object,mode,event,..." },
	{ OPT_TABLE, "table", NULL, "write columns for a terminal" },
	{ 0 },
};

/* Read the profile to compare with, "-" or NULL being standard input, up to its end or to where it
 * is damaged: that sets the fault. Returns false if it cannot be opened. */
static bool
read_other(struct prof *p, const char *name, struct fault *fault)
{
	struct input in = { 0 };
	struct recin rec = { .in = &in };
	struct rec r;
	bool opened = input_open(&in, name);

	while (opened && rec_next(&rec, &r))
		prof_add(p, &r);
	if (fault_is(&in.fault) || fault_is(&rec.fault))
		fault_set(fault, "%s", fault_is(&in.fault) ? in.fault.text : rec.fault.text);
	input_close(&in);
	return opened;
}

static void
compare(struct filter *f, struct profdiff *d, bool table)
{
	struct rec r;

	while (filter_next(f, &r))
		prof_add(d->old, &r);
	prof_sort(d->old);
	prof_sort(d->new);
	profdiff_match(d);
	if (d->old->n == 0 && d->new->n == 0)
		fault_set(&f->fault,
		    "%s: no samples in this profile, nor in the second one: -e names other records "
		    "with stacks",
		    f->in.name);
	else if (d->old->n == 0 || d->new->n == 0)
		filter_note(
		    f, NULL, "the %s profile is empty", d->old->n == 0 ? "first" : "second");
	if (d->old->mixed || d->new->mixed)
		filter_note(f, NULL,
		    "samples of several events are added up: choose one with -e, or use --keys "
		    "event,...");
	if (d->old->patterns != NULL)
		filter_missed(f, "-e", d->old->patterns);
	filter_note_undefined(f, d->old->stacks.undefined + d->new->stacks.undefined);
	filter_note_cut_names(f, d->old->cut_names + d->new->cut_names, PROF_NAME);
	filter_note_overflows(f, d->old->overflows + d->new->overflows, "2^64-2");
	if (d->old->brief)
		filter_note(f, NULL, "names are cut: the rows would outgrow the input");
	if (table)
		profdiff_table(d, &f->out);
	else
		profdiff_write(d, &f->out);
}

int
main(int argc, char *argv[])
{
	struct filter f = { "profdiff", "compare two profiles", .operand = "file [other]",
		.options = options, .argc = argc, .argv = argv };
	struct patterns events = { 0 };
	struct prof old = { .keys = 1 << PROF_SYM }, new;
	struct profdiff d = { .old = &old, .new = &new, .w1 = 1, .w2 = 1 };
	struct fault damage = { "" }; /* of the other profile */
	const char *other = NULL;
	bool table = false;
	int id;

	while ((id = filter_option(&f)) != -1) {
		if (id == 'e')
			patterns_add_list(old.patterns = &events, optarg);
		else if (id == OPT_TABLE)
			table = true;
		else if (id == OPT_KEYS && !prof_keys(optarg, &old.keys))
			filter_usage(&f, "--keys: \"%s\": not a list of " PROF_KEY_NAMES, optarg);
		else if (id == OPT_BY && !profdiff_by(&d, optarg))
			filter_usage(
			    &f, "--by: \"%s\": not delta-abs, delta, ratio or wdiff", optarg);
	}
	if (argc - optind == 0)
		filter_usage(&f, "no file given");
	if (argc - optind > 2)
		filter_usage(&f, "\"%s\": two operands only", argv[optind + 2]);
	if (argc - optind > 1)
		other = argv[--f.argc];
	new = old;
	prof_open(&old);
	prof_open(&new);
	if (filter_open(&f) && read_other(&new, other, &damage))
		compare(&f, &d, table);
	if (fault_is(&damage))
		fault_set(&f.fault, "%s", damage.text);
	profdiff_free(&d);
	prof_free(&old);
	prof_free(&new);
	patterns_free(&events);
	return filter_close(&f);
}
