/* SPDX-License-Identifier: MIT */
/* recunwind - unwind the user stacks of records */

#include <getopt.h>
#include <stdlib.h>

#include "base/mem.h"
#include "filter.h"
#include "unwind/ustacks.h"

enum { OPT_BUILDID_DIR = FILTER_LONG, OPT_DEBUG_DIR, OPT_SYSROOT, OPT_VDSO };

static const struct filter_option options[] = {
	{ OPT_BUILDID_DIR, "buildid-dir", "folder", "look for files by build id in this cache" },
	{ OPT_DEBUG_DIR, "debug-dir", "folder", "look for debug files in this folder" },
	{ OPT_SYSROOT, "sysroot", "folder", "look for programs and libraries below this folder" },
	{ OPT_VDSO, "vdso", "file", "unwind the vdso's frames by this copy of it" },
	{ 0 },
};

/* Report the stacks that could not be unwound to their end; with -v, all. */
static void
report(struct filter *f, const struct ustacks_counts *n)
{
	const struct {
		uint64_t n;
		bool always;
		const char *what;
	} notes[] = {
		{ n->ends[UNWIND_OUTERMOST], false, "are whole" },
		{ n->ends[UNWIND_CUT], true,
		    "end where the recorded bytes end (perf record --call-graph dwarf,SIZE)" },
		{ n->ends[UNWIND_UNKNOWN], true,
		    "end at code without unwind information or frame pointer (-v)" },
		{ n->ends[UNWIND_BAD], true, "end where they do not fit the unwind information" },
		{ n->ends[UNWIND_IDLE], true,
		    "end where frames are found without reading the stack: a loop" },
		{ n->ends[UNWIND_LONG], true, "end at their frame 8192" },
		{ n->ends[UNWIND_WORK], true, "end early: the unwind information takes too long" },
		{ n->unsupported, true,
		    "are left out: their instruction set is not supported, or they are damaged" },
		{ n->left, true, "are left out: no event of theirs follows" },
		{ n->outgrown, true, "are left out of events: they would outgrow the input" },
	};
	size_t i;

	for (i = 0; i < sizeof notes / sizeof *notes; i++)
		if (notes[i].n > 0 && (notes[i].always || f->verbose))
			filter_note(f, NULL, "%s: %llu user stacks %s", f->in.name,
			    (unsigned long long)notes[i].n, notes[i].what);
}

static void
add_vdso(struct files_from *from, size_t *cap, const char *file)
{
	from->vdso = mem_grow(from->vdso, from->n_vdso, cap, sizeof(char *));
	from->vdso[from->n_vdso++] = file;
}

static void
take_options(struct filter *f, struct files_from *from, size_t *cap)
{
	int id;

	while ((id = filter_option(f)) != -1)
		if (id == OPT_BUILDID_DIR)
			from->buildid_dir = optarg;
		else if (id == OPT_DEBUG_DIR)
			from->debug_dir = optarg;
		else if (id == OPT_SYSROOT)
			from->sysroot = optarg;
		else
			add_vdso(from, cap, optarg);
}

int
main(int argc, char *argv[])
{
	struct filter f = { "recunwind", "unwind the user stacks of records", .options = options,
		.argc = argc, .argv = argv };
	struct files_from from = { .home = getenv("HOME") };
	size_t cap_vdso = 0;
	struct ustacks_counts counts;
	struct ustacks *stacks;
	struct rec r;
	int status;

	take_options(&f, &from, &cap_vdso);
	stacks = filter_open(&f) ? ustacks_new(&from, &f.fault) : NULL;
	while (stacks != NULL && filter_line(&f, &r) &&
	       ustacks_put(stacks, &f.rec, &f.out, &r, &f.fault))
		;
	if (stacks != NULL) {
		counts = ustacks_end(stacks);
		report(&f, &counts);
		if (f.verbose)
			ustacks_report(stacks, filter_note_text, &f);
	}
	status = filter_close(&f);
	ustacks_free(stacks);
	free(from.vdso);
	return status;
}
