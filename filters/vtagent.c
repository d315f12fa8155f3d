/* SPDX-License-Identifier: MIT */
/* vtagent - send a guest's trace to its host */

#include <getopt.h>

#include "agent/agent.h"
#include "filter.h"

enum {
	OPT_ALL_FORMATS = FILTER_LONG,
	OPT_INSTANCE,
	OPT_KALLSYMS,
	OPT_META,
	OPT_PIPE_SIZE,
	OPT_WAIT
};

enum { PIPE_KB = 1024, WAIT_SECONDS = 10, MAX_PIPE_KB = 1024 * 1024, MAX_WAIT = 86400 };

static const struct filter_option options[] = {
	{ 'c', NULL, "control", "the control port, file or pair of FIFOs (agent-ctl-path)" },
	{ 'o', NULL, "template",
	    "where the data go, %d being the CPU (trace-path-cpu%d); -: standard output" },
	{ OPT_ALL_FORMATS, "all-formats", NULL, "send the formats of all events" },
	{ OPT_INSTANCE, "instance", "name", "the instance of the trace buffer" },
	{ OPT_KALLSYMS, "kallsyms", NULL, "send the kernel's symbols, too" },
	{ OPT_META, "meta", "file", "write the meta block to a file, too" },
	{ OPT_PIPE_SIZE, "pipe-size", "kb", "the size of the pipe of each CPU (1024)" },
	{ OPT_WAIT, "wait", "sec",
	    "how long to wait for a host that does not read or acknowledge (10)" },
	{ 0 },
};

struct vtagent {
	struct filter f;
	struct agent_options agent;
	const char *instance;
};

static void
set_option(struct vtagent *v, int id)
{
	if (id == 'c')
		v->agent.control = optarg;
	else if (id == 'o')
		v->agent.output = optarg;
	else if (id == OPT_ALL_FORMATS)
		v->agent.block.all_formats = true;
	else if (id == OPT_INSTANCE)
		v->instance = optarg;
	else if (id == OPT_KALLSYMS)
		v->agent.block.kallsyms = true;
	else if (id == OPT_META)
		v->agent.meta = optarg;
	else if (id == OPT_PIPE_SIZE)
		v->agent.pipe_size = 1024 * (size_t)filter_number(&v->f, 4, MAX_PIPE_KB);
	else if (id == OPT_WAIT)
		v->agent.wait = 1000 * (unsigned)filter_number(&v->f, 0, MAX_WAIT);
}

int
main(int argc, char *argv[])
{
	struct vtagent v = { .f = { "vtagent", "send a guest's trace to its host",
				 .operand = "[folder]", .options = options, .argc = argc,
				 .argv = argv },
		.agent = { .pipe_size = PIPE_KB * 1024,
		    .wait = WAIT_SECONDS * 1000,
		    .note = filter_note_text,
		    .arg = &v.f } };
	char to_stdout[] = "-o-";
	struct tracefs t;
	const char *folder;
	int id;

	/* the sample agent's -o has no argument */
	if (argc > 1 && strcmp(argv[argc - 1], "-o") == 0)
		argv[argc - 1] = to_stdout;
	while ((id = filter_option(&v.f)) != -1)
		set_option(&v, id);
	folder = filter_operand(&v.f);
	filter_open_output(&v.f);
	if (v.agent.output != NULL && strcmp(v.agent.output, "-") == 0)
		v.agent.frames = &v.f.out;
	if (tracefs_open(&t, folder, v.instance, &v.f.fault))
		agent_run(&t, &v.agent, &v.f.fault);
	tracefs_close(&t);
	return filter_close(&v.f);
}
