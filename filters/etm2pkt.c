/* SPDX-License-Identifier: MIT */
/* etm2pkt - CoreSight trace to records, one packet a line */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "coresight/etm.h"
#include "filter.h"

enum { BRANCHES = FILTER_LONG, DECODE, FRAMES, KERNEL, LAYOUT, LISTER, PROTOCOL, SYSROOT };

static const struct filter_option options[] = {
	{ 'b', NULL, "buffer", "only the trace buffer of this name" },
	{ 'j', NULL, "jobs", "decode the buffers in so many processes at a time" },
	{ 'm', NULL, "name", "what the records call the machine (host)" },
	{ 's', NULL, NULL, "say in numbers what each buffer holds" },
	{ 'x', NULL, NULL, "with the bytes of each packet" },
	{ BRANCHES, "branches", NULL, "with --decode: samples of what ran, with call stacks" },
	{ DECODE, "decode", NULL, "what ran, from the code, instead of packets" },
	{ FRAMES, "frames", NULL, "the CoreSight frames, as they are and unpacked, not packets" },
	{ KERNEL, "kernel", "file", "the kernel's code: a vmlinux, a copy of /proc/kcore" },
	{ LAYOUT, "layout", "how", "of a raw dump: single, frames, fsync, hsync or dstream" },
	{ LISTER, "lister", NULL, "the lines of OpenCSD's trc_pkt_lister instead of records" },
	{ PROTOCOL, "protocol", "source",
	    "a source in a raw dump: etmv4,id=0x10,TRCIDR0=0x28000ea1,..." },
	{ SYSROOT, "sysroot", "folder", "where the recorded machine's files are" },
	{ 0 },
};

static void
note(void *arg, const char *text)
{
	filter_note(arg, "%s", text);
}

static void
set_text(struct filter *f, struct etm *e, int id)
{
	const char *wrong = NULL;

	if (id == 'b')
		e->only = optarg;
	else if (id == 'j')
		e->jobs.n = (int)filter_number(f, 1, JOBS_MAX);
	else if (id == 'm')
		e->rec.machine = filter_machine(f);
	else if (id == KERNEL)
		e->kernel = optarg;
	else if (id == SYSROOT)
		e->sysroot = optarg;
	else if (id == PROTOCOL)
		wrong = etm_add_source(e, optarg);
	else if (id == LAYOUT && !etm_set_layout(e, optarg))
		wrong = "not single, frames, fsync, hsync or dstream";
	if (wrong != NULL)
		filter_usage(f, "\"%s\": %s", optarg, wrong);
}

static void
set_option(struct filter *f, struct etm *e, int id)
{
	if (id == 's')
		e->stats = true;
	else if (id == 'x')
		e->rec.raw = true;
	else if (id == LISTER)
		e->rec.lister = true;
	else if (id == DECODE)
		e->rec.decode = true;
	else if (id == BRANCHES)
		e->rec.branches = true;
	else if (id == FRAMES)
		e->rec.frames = true;
	else
		set_text(f, e, id);
}

/* A folder stands for the snapshot.ini in it. */
static char *
in_folder(struct filter *f)
{
	const char *name = optind < f->argc ? f->argv[optind] : "-";
	struct stat st;
	char *path;

	if (stat(name, &st) != 0 || !S_ISDIR(st.st_mode))
		return NULL;
	path = mem_alloc(strlen(name) + sizeof "/snapshot.ini");
	snprintf(path, strlen(name) + sizeof "/snapshot.ini", "%s/snapshot.ini", name);
	return f->argv[optind] = path;
}

int
main(int argc, char *argv[])
{
	struct filter f = { "etm2pkt", "write a CoreSight trace as records, one packet a line",
		.operand = "[file|folder]", .options = options, .argc = argc, .argv = argv };
	struct etm e = { .rec = { .out = &f.out, .machine = STR("host") },
		.arg = &f,
		.note = note,
		.layout = CSD_FRAMES };
	char *path;
	int id;

	while ((id = filter_option(&f)) != -1)
		set_option(&f, &e, id);
	if (e.laid_out && e.n_sources == 0)
		filter_usage(&f, "--layout goes with --protocol");
	if (e.rec.branches && !e.rec.decode)
		filter_usage(&f, "--branches goes with --decode");
	path = in_folder(&f);
	if (filter_open(&f) && etm_begin(&e, &f.in))
		etm_decode(&e, &f.in);
	if (!etm_end(&e))
		f.fault = e.fault;
	id = jobs_status(&e.jobs, filter_close(&f));
	free(path);
	return id;
}
