/* SPDX-License-Identifier: MIT */
/* kvmsplit - separate the records of guests and of their host */

#include <getopt.h>

#include "filter.h"
#include "kvm/split.h"

enum { OPT_DIR = FILTER_LONG, OPT_GUEST, OPT_HOST, OPT_KERNEL, OPT_USER };

static const struct filter_option options[] = {
	{ 'm', NULL, "name", "only records of this machine: a name or pattern" },
	{ 's', NULL, NULL,
	    "report counts on standard error: samples by machine, vCPU, mode and event" },
	{ OPT_DIR, "dir", "folder", "write a file for each machine into this folder" },
	{ OPT_GUEST, "guest", NULL, "only records of guests" },
	{ OPT_HOST, "host", NULL, "only records of the host" },
	{ OPT_KERNEL, "kernel", NULL, "only records of kernel mode, and definitions" },
	{ OPT_USER, "user", NULL, "only records of user mode, and definitions" },
	{ 0 },
};

/* A name that says it is of the other side selects nothing. */
static void
check_sides(struct filter *f, const struct split *s)
{
	struct str name;
	size_t i;

	for (i = 0; i < s->machines.n && s->guest != s->host; i++) {
		name = s->machines.one[i].text;
		if (s->guest ? str_eq(name, STR("host")) : split_is_guest(name))
			filter_usage(f, "--%s and -m %.*s exclude each other",
			    s->guest ? "guest" : "host", (int)name.n, name.p);
	}
}

static const char *
get_options(struct filter *f, struct split *s)
{
	const char *dir = NULL;
	int id;

	while ((id = filter_option(f)) != -1) {
		if (id == 'm')
			filter_machines(f, &s->machines);
		else if (id == OPT_DIR)
			dir = optarg;
		s->count = s->count || id == 's';
		s->guest = s->guest || id == OPT_GUEST;
		s->host = s->host || id == OPT_HOST;
		s->kernel = s->kernel || id == OPT_KERNEL;
		s->user = s->user || id == OPT_USER;
	}
	check_sides(f, s);
	return dir;
}

int
main(int argc, char *argv[])
{
	struct filter f = { "kvmsplit", "separate the records of guests and of their host",
		.options = options, .argc = argc, .argv = argv };
	struct split s = { .note = filter_note_text, .arg = &f };
	const char *dir = get_options(&f, &s);
	bool missed = false;
	struct rec r;

	if (filter_open(&f) && (dir == NULL || split_open_dir(&s, dir, &f.fault))) {
		split_open(&s, &f.out);
		while (filter_next(&f, &r) && split_add(&s, &r, &f.fault))
			;
		missed = s.machines.missed > 0;
		filter_missed(&f, "-m", &s.machines);
		if (s.count)
			split_report(&s, filter_note_text, &f);
		split_close(&s, &f.fault);
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
