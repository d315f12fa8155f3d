/* SPDX-License-Identifier: MIT */
/*
 * agent - the trace agent of a guest: a process for each CPU that ships pages, and the orders of
 * the host; sluice-vtagent(5) has the protocol
 */

#ifndef AGENT_H
#define AGENT_H

#include "base/out.h"
#include "meta.h"
#include "tracefs.h"

struct agent_options {
	const char *output;  /* template of the data's names; NULL: the ports trace-path-cpu%d */
	const char *control; /* NULL: the port agent-ctl-path, if there is one */
	const char *meta;    /* file for the meta block, or NULL */
	struct out *frames;  /* NULL, or where all goes in frames instead of to output */
	struct meta_options block;
	size_t pipe_size; /* bytes, of each CPU's pipe */
	unsigned wait;    /* ms: for an output that takes nothing, and for the acknowledgement */
	/* for what a person at the guest should know */
	void (*note)(void *arg, const char *kind, const char *text);
	void *arg;
};

/* Serve until the host says q, or until SIGINT or SIGTERM. False with the fault set if something
 * could not be opened, was not sent, or was not acknowledged. */
bool agent_run(const struct tracefs *, const struct agent_options *, struct fault *);

#endif
