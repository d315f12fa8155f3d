/* SPDX-License-Identifier: MIT */
/* kvmsplit - write the records of guests and of their host apart */

#include <getopt.h>

#include "filter.h"
#include "kvm/split.h"

enum { OPT_DIR = FILTER_LONG, OPT_GUEST, OPT_HOST, OPT_KERNEL, OPT_USER };

static const struct filter_option options[] = {
	{ 'm', NULL, "name", "only the records of this machine" },
	{ 's', NULL, NULL, "count samples by machine, vCPU, mode and event on standard error" },
	{ OPT_DIR, "dir", "folder", "write a file for each machine into this folder" },
	{ OPT_GUEST, "guest", NULL, "only the records of guests" },
	{ OPT_HOST, "host", NULL, "only the records of the host" },
	{ OPT_KERNEL, "kernel", NULL, "only records of kernel mode, and definitions" },
	{ OPT_USER, "user", NULL, "only records of user mode, and definitions" },
	{ 0 },
};

static const char *
get_options(struct filter *f, struct split *s)
{
	const char *dir = NULL;
	int id;

	while ((id = filter_option(f)) != -1) {
		if (id == 'm')
			s->machine = filter_machine(f).p;
		else if (id == OPT_DIR)
			dir = optarg;
		s->count = s->count || id == 's';
		s->guest = s->guest || id == OPT_GUEST;
		s->host = s->host || id == OPT_HOST;
		s->kernel = s->kernel || id == OPT_KERNEL;
		s->user = s->user || id == OPT_USER;
	}
	return dir;
}

int
main(int argc, char *argv[])
{
	struct filter f = { "kvmsplit", "write the records of guests and of their host apart",
		.options = options, .argc = argc, .argv = argv };
	struct split s = { 0 };
	const char *dir = get_options(&f, &s);
	bool missed = false;
	struct rec r;

	if (filter_open(&f) && (dir == NULL || split_open_dir(&s, dir, &f.fault))) {
		split_open(&s, &f.out);
		while (filter_next(&f, &r) && split_add(&s, &r, &f.fault))
			;
		split_close(&s, &f.fault);
		missed = s.machine != NULL && !split_has_machine(&s, str_of(s.machine));
		if (missed)
			filter_missed_name(&f, "-m", str_of(s.machine));
		if (s.count)
			split_report(&s, filter_note_text, &f);
		if (s.count || f.verbose)
			filter_note(&f, NULL,
			    "%llu records read, %llu written, %llu left out; %llu definitions "
			    "copied",
			    (unsigned long long)s.read, (unsigned long long)s.written,
			    (unsigned long long)(s.read - s.written), (unsigned long long)s.copied);
	}
	split_free(&s);
	return filter_close(&f) != 0 || missed;
}
