/* SPDX-License-Identifier: MIT */
/*
 * tracestream - the agent's single stream: formats, reports and the pages of all CPUs, in frames
 *
 * Facts: sluice-vtagent(5). The whole stream is looked through before its pages are read, as the
 * formats of the last events may come last.
 */

#ifndef TRACESTREAM_H
#define TRACESTREAM_H

#include "base/input.h"
#include "ftracerec.h"
#include "tracedesc.h"

struct tracestream {
	struct fault fault;
	/* Called with arg for each damaged part of a page. */
	void (*note)(void *arg, const char *kind, const char *text);
	void *arg;

	/* private */
	struct input *in;
	struct tracestream_cpu *cpu;
	size_t n, cap;
	struct hash index; /* of a CPU, its place in cpu and one more */
};

enum { TRACESTREAM_HEADER = 16 };

/* Is this the start of such a stream? */
bool tracestream_is(const void *p, size_t n);

/* Find the frames of a file, which is made seekable, and add what they describe. Returns false with
 * the fault set if nothing can be read; if only its end is missing, just the fault is set. */
bool tracestream_open(struct tracestream *, struct input *, struct tracedesc *);

/* Have the pages of all CPUs read by a ftracerec. */
void tracestream_add(struct tracestream *, struct ftracerec *, const struct ringlayout *);

void tracestream_close(struct tracestream *);

#endif
