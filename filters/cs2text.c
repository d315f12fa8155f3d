/* SPDX-License-Identifier: MIT */
/* cs2text - annotate the addresses of records with symbols */

#include <getopt.h>
#include <stdlib.h>

#include "base/mem.h"
#include "filter.h"
#include "symbols/annotate.h"

enum {
	OPT_BUILDID_DIR = FILTER_LONG,
	OPT_DEBUG_DIR,
	OPT_GUEST_KALLSYMS,
	OPT_GUEST_MODULES,
	OPT_GUEST_MOUNT,
	OPT_JIT_MAPS,
	OPT_LIVE,
	OPT_NO_DEMANGLE,
	OPT_STRIP_ARGS,
	OPT_SYSROOT,
	OPT_VDSO,
	OPT_VMLINUX
};

enum { LOOK_AHEAD = 1 << 20 }; /* bytes of records that kernel symbols are checked by */

static const struct filter_option options[] = {
	{ 'k', NULL, "kallsyms", "name kernel addresses by this copy of /proc/kallsyms" },
	{ 'i', NULL, NULL, "write the functions that are inlined at addresses" },
	{ 'l', NULL, NULL, "write the source lines of addresses" },
	{ 'm', NULL, "name", "only addresses of this machine: a name or pattern" },
	{ OPT_BUILDID_DIR, "buildid-dir", "folder", "look for files by build id in this cache" },
	{ OPT_DEBUG_DIR, "debug-dir", "folder", "look for debug files in this folder" },
	{ OPT_GUEST_KALLSYMS, "guest-kallsyms", "[vmPID=]file",
	    "name kernel addresses of this guest, or of all guests" },
	{ OPT_GUEST_MODULES, "guest-modules", "[vmPID=]file",
	    "find the modules of this guest, or of all guests" },
	{ OPT_GUEST_MOUNT, "guest-mount", "folder",
	    "look for the files of the guest of PID below folder/PID" },
	{ OPT_JIT_MAPS, "jit-maps", "folder",
	    "look for the files of JIT compilers in this folder" },
	{ OPT_LIVE, "live", NULL, "name the kernel and the vdso by this machine's own" },
	{ OPT_NO_DEMANGLE, "no-demangle", NULL, "do not demangle names of C++, Rust and D" },
	{ OPT_STRIP_ARGS, "strip-args", NULL,
	    "leave out the types of arguments in names of C++, Rust and D" },
	{ OPT_SYSROOT, "sysroot", "folder", "look for programs and libraries below this folder" },
	{ OPT_VDSO, "vdso", "file", "name addresses of the vdso by this copy of it" },
	{ OPT_VMLINUX, "vmlinux", "file", "name kernel addresses by this kernel image" },
	{ 0 },
};

struct names {
	struct kernels_sources kernels;
	struct patterns machines;
	struct files_from files;
	enum demangle_how demangle;
	bool lines, inlines;
	size_t cap_kallsyms, cap_modules, cap_vdso;
};

static void
add_file(const char ***files, size_t *n, size_t *cap)
{
	*files = mem_grow(*files, *n, cap, sizeof **files);
	(*files)[(*n)++] = optarg;
}

static void
set_files(struct names *n, int id)
{
	if (id == OPT_BUILDID_DIR)
		n->files.buildid_dir = optarg;
	else if (id == OPT_DEBUG_DIR)
		n->files.debug_dir = optarg;
	else if (id == OPT_JIT_MAPS)
		n->files.jit_maps = optarg;
	else if (id == OPT_SYSROOT)
		n->files.sysroot = optarg;
	else if (id == OPT_VDSO)
		add_file(&n->files.vdso, &n->files.n_vdso, &n->cap_vdso);
}

static void
get_options(struct filter *f, struct names *n)
{
	struct kernels_sources *k = &n->kernels;
	int id;

	while ((id = filter_option(f)) != -1)
		if (id == 'i')
			n->inlines = true;
		else if (id == 'k')
			k->kallsyms = optarg;
		else if (id == 'l')
			n->lines = true;
		else if (id == 'm')
			filter_machines(f, &n->machines);
		else if (id == OPT_GUEST_KALLSYMS)
			add_file(&k->guest_kallsyms, &k->n_guest_kallsyms, &n->cap_kallsyms);
		else if (id == OPT_GUEST_MODULES)
			add_file(&k->guest_modules, &k->n_guest_modules, &n->cap_modules);
		else if (id == OPT_GUEST_MOUNT)
			k->guest_mount = optarg;
		else if (id == OPT_LIVE)
			k->live = n->files.live = true;
		else if (id == OPT_VMLINUX)
			k->vmlinux = optarg;
		else if (id == OPT_NO_DEMANGLE)
			n->demangle = DEMANGLE_NOT;
		else if (id == OPT_STRIP_ARGS)
			n->demangle = DEMANGLE_NO_ARGS;
		else
			set_files(n, id);
	if (k->kallsyms != NULL && strcmp(k->kallsyms, "-") == 0 &&
	    (optind == f->argc || strcmp(f->argv[optind], "-") == 0))
		filter_usage(f, "-k -: the records are on standard input already");
	if (k->live + (k->kallsyms != NULL) + (k->vmlinux != NULL) > 1)
		filter_usage(f, "-k, --live, --vmlinux: one source of kernel symbols only");
}

static bool
put(struct filter *f, struct annotate *names, struct rec *r)
{
	return annotate_line(names, &f->rec, r, &f->out) ||
	       (rec_read(&f->rec, r) && annotate_put(names, &f->out, r, &f->fault));
}

static void
report(struct filter *f, const struct symbolize *symbols, const struct annotate *annotate)
{
	uint64_t cut = symbolize_cut(symbols);

	symbolize_report(symbols, f->verbose, filter_note_text, f);
	filter_note_undefined(f, annotate_undefined(annotate));
	if (cut > 0)
		filter_note(f, NULL, "names of more than 4096 bytes are cut");
	annotate_report(annotate, filter_note_text, f);
}

/* Report the machines of options that nothing in the input is of. */
static void
report_missed(struct filter *f, const struct names *n, const struct symbolize *symbols)
{
	const struct kernels_sources *k = &n->kernels;
	size_t i;

	filter_missed(f, "-m", &n->machines);
	for (i = 0; i < k->n_guest_kallsyms; i++)
		if (!symbolize_has_guest(symbols, k->guest_kallsyms[i]))
			filter_missed_name(f, "--guest-kallsyms", str_of(k->guest_kallsyms[i]));
	for (i = 0; i < k->n_guest_modules; i++)
		if (!symbolize_has_guest(symbols, k->guest_modules[i]))
			filter_missed_name(f, "--guest-modules", str_of(k->guest_modules[i]));
	if (k->guest_mount != NULL && !symbolize_has_guest(symbols, ""))
		filter_missed_name(f, "--guest-mount", str_of(k->guest_mount));
}

int
main(int argc, char *argv[])
{
	struct filter f = { "cs2text", "name the addresses in records", .options = options,
		.argc = argc, .argv = argv };
	struct names n = { .files.home = getenv("HOME") };
	struct annotate *annotate;
	struct symbolize *symbols;
	struct rec r;
	int status;

	get_options(&f, &n);
	n.kernels.chosen = n.machines.n > 0;
	n.kernels.stream = &f.in;
	symbols = filter_open(&f) ? symbolize_new(&n.kernels, &n.files, &f.fault) : NULL;
	if (symbols != NULL) {
		symbolize_demangle(symbols, n.demangle);
		symbolize_lines(symbols, n.lines, n.inlines);
	}
	if (kernels_need_stacks(&n.kernels) && symbols != NULL)
		input_fill(&f.in, LOOK_AHEAD);
	annotate = symbols == NULL ? NULL : annotate_new(symbols, &n.machines, f.verbose);
	while (annotate != NULL && filter_line(&f, &r) && put(&f, annotate, &r))
		;
	if (symbols != NULL) {
		report(&f, symbols, annotate);
		report_missed(&f, &n, symbols);
	}
	status = filter_close(&f);
	annotate_free(annotate);
	symbolize_free(symbols);
	patterns_free(&n.machines);
	free(n.kernels.guest_kallsyms);
	free(n.kernels.guest_modules);
	free(n.files.vdso);
	return status;
}
