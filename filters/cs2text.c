/* SPDX-License-Identifier: MIT */
/* cs2text - put names beside the addresses of records */

#include <getopt.h>

#include "filter.h"
#include "symbols/annotate.h"

enum { LIVE = FILTER_LONG, SYSROOT };

static const struct filter_option options[] = {
	{ 'k', NULL, "kallsyms", "name kernel addresses by this copy of /proc/kallsyms" },
	{ 'm', NULL, "name", "name this machine's addresses only" },
	{ LIVE, "live", NULL, "name kernel addresses by this machine's own symbols" },
	{ SYSROOT, "sysroot", "folder", "look for programs and libraries below this folder" },
	{ 0 },
};

static void
say(void *arg, const char *line)
{
	filter_note(arg, "%s", line);
}

/* Where each stack stands once, most lines have no address in them. */
static bool
put(struct filter *f, struct annotate *names, struct rec *r)
{
	if (!annotate_wanted(names, &f->rec, r)) {
		rec_copy(&f->out, r);
		return true;
	}
	return rec_read(&f->rec, r) && annotate_put(names, &f->out, r, &f->fault);
}

int
main(int argc, char *argv[])
{
	struct filter f = { "cs2text", "put names beside the addresses of records",
		.options = options, .argc = argc, .argv = argv };
	struct symbolize_sources sources = { 0 };
	struct str machine = { "", 0 };
	struct annotate *names;
	struct symbolize *name;
	struct rec r;
	int id, status;

	while ((id = filter_option(&f)) != -1) {
		if (id == 'k')
			sources.kallsyms = optarg;
		else if (id == 'm')
			machine = filter_machine(&f);
		else if (id == LIVE)
			sources.live = true;
		else
			sources.sysroot = optarg;
	}
	if (sources.kallsyms != NULL && strcmp(sources.kallsyms, "-") == 0 &&
	    (optind == argc || strcmp(argv[optind], "-") == 0))
		filter_usage(&f, "-k -: the records are on standard input already");
	if (sources.live && sources.kallsyms != NULL)
		filter_usage(&f, "-k and --live: one source of kernel symbols only");
	name = filter_open(&f) ? symbolize_new(&sources, &f.fault) : NULL;
	names = name == NULL ? NULL : annotate_new(name, machine, f.verbose);
	while (names != NULL && filter_line(&f, &r) && put(&f, names, &r))
		;
	if (name != NULL && f.verbose)
		symbolize_report(name, say, &f);
	status = filter_close(&f);
	annotate_free(names);
	symbolize_free(name);
	return status;
}
