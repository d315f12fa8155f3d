/* SPDX-License-Identifier: MIT */
/* etm2pkt - CoreSight trace to records, one packet a line */

#include <getopt.h>

#include "base/workers.h"
#include "coresight/etm.h"
#include "filter.h"

enum {
	OPT_BRANCHES = FILTER_LONG,
	OPT_DECODE,
	OPT_FRAMES,
	OPT_ID,
	OPT_KERNEL,
	OPT_LAYOUT,
	OPT_LISTER,
	OPT_OUTSIDE,
	OPT_PACKETS,
	OPT_PROTOCOL,
	OPT_SYSROOT,
	OPT_TIMES
};

static const struct filter_option options[] = {
	{ 'b', NULL, "buffer", "only the trace buffer of this name" },
	{ 'j', NULL, "jobs", "decode the pieces of trace in this many processes" },
	{ 'm', NULL, "name", "the name of the machine in the records (host)" },
	{ 's', NULL, NULL, "report counts on standard error: the contents of each buffer" },
	{ 'x', NULL, NULL, "write the bytes of each packet, too" },
	{ OPT_BRANCHES, "branches", NULL, "with --decode, write samples with call stacks" },
	{ OPT_DECODE, "decode", NULL, "write what ran, instead of packets" },
	{ OPT_FRAMES, "frames", NULL,
	    "write the CoreSight frames, as they are and unpacked, instead of packets" },
	{ OPT_ID, "id", "id", "only the source with this trace id; may be repeated" },
	{ OPT_KERNEL, "kernel", "file",
	    "read the kernel's code here: a vmlinux or a copy of /proc/kcore" },
	{ OPT_LAYOUT, "layout", "how",
	    "the layout of a raw dump or snapshot: single, frames, fsync, hsync or dstream" },
	{ OPT_LISTER, "lister", NULL,
	    "write the lines of OpenCSD's trc_pkt_lister instead of records" },
	{ OPT_OUTSIDE, "outside", NULL, "let a snapshot name files outside its folder" },
	{ OPT_PACKETS, "packets", NULL, "with --decode, write packets, too" },
	{ OPT_PROTOCOL, "protocol", "source",
	    "a source in a raw dump: etmv4,id=0x10,TRCIDR0=0x28000ea1,..." },
	{ OPT_SYSROOT, "sysroot", "folder", "look for programs and libraries below this folder" },
	FILTER_SPOOL_MAX,
	{ OPT_TIMES, "times", NULL,
	    "write the trace's timestamps as times, on the clock of the other records" },
	{ 0 },
};

static void
set_option(struct filter *f, struct etm_options *o, int id)
{
	const char *wrong = NULL;

	if (id == 'b')
		o->only = optarg;
	else if (id == 'j')
		o->jobs = (int)filter_number(f, 1, WORKERS_MAX);
	else if (id == 'm')
		o->machine = filter_machine(f);
	else if (id == 's')
		o->stats = true;
	else if (id == 'x')
		o->raw = true;
	else if (id == OPT_BRANCHES)
		o->branches = true;
	else if (id == OPT_DECODE)
		o->decode = true;
	else if (id == OPT_FRAMES)
		o->frames = true;
	else if (id == OPT_ID)
		wrong = etm_add_id(o, optarg);
	else if (id == OPT_KERNEL)
		o->kernel = optarg;
	else if (id == OPT_LAYOUT && !etm_set_layout(o, optarg))
		wrong = "not single, frames, fsync, hsync or dstream";
	else if (id == OPT_LISTER)
		o->lister = true;
	else if (id == OPT_OUTSIDE)
		o->outside = true;
	else if (id == OPT_PACKETS)
		o->packets = true;
	else if (id == OPT_PROTOCOL)
		wrong = etm_add_source(o, optarg);
	else if (id == OPT_SYSROOT)
		o->sysroot = optarg;
	else if (id == OPT_TIMES)
		o->times = true;
	if (wrong != NULL)
		filter_usage(f, "\"%s\": %s", optarg, wrong);
}

static void
get_options(struct filter *f, struct etm_options *o)
{
	int id;

	while ((id = filter_option(f)) != -1)
		set_option(f, o, id);
	if (o->branches && !o->decode)
		filter_usage(f, "--branches goes with --decode");
	if (o->packets && (!o->decode || o->branches))
		filter_usage(f, "--packets goes with --decode, without --branches");
}

int
main(int argc, char *argv[])
{
	struct filter f = { "etm2pkt", "write a CoreSight trace as records, one packet a line",
		.operand = "[file|folder]", .library = csd_library(), .options = options,
		.argc = argc, .argv = argv };
	struct etm_options o = { .machine = STR("host"), .arg = &f, .note = filter_note_text };
	int status, forked = ETM_FIRST; /* the exit status of a process that etm_run() forked */

	get_options(&f, &o);
	o.verbose = f.verbose;
	filter_enter(&f, "snapshot.ini");
	if (filter_open(&f))
		forked = etm_run(&o, &f.in, &f.out, &f.fault);
	f.quiet = forked != ETM_FIRST;
	status = filter_close(&f);
	etm_options_free(&o);
	return forked == ETM_FIRST ? status : forked;
}
