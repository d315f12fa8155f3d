/* SPDX-License-Identifier: MIT */
/*
 * tracedat - a trace.dat file of trace-cmd, versions 6 and 7
 *
 * Facts: trace-cmd.dat.v6.5, trace-cmd.dat.v7.5 of trace-cmd 3.1 (but a section's size is a u64, as
 * the program writes it), and sluice-tracedat(5).
 */

#ifndef TRACEDAT_H
#define TRACEDAT_H

#include "base/input.h"
#include "base/strbuf.h"
#include "ftracerec.h"
#include "tracedesc.h"

/* The pages of one CPU in one buffer. */
struct tracedat_cpu {
	uint32_t cpu;
	uint64_t offset, size; /* in the file */
};

/* The top-level buffer, or that of an instance. */
struct tracedat_buffer {
	char *name; /* "" for the top-level one */
	size_t page;
	bool packed; /* its pages come in compressed chunks */
	struct tracedat_cpu *cpu;
	size_t n;
};

struct tracedat {
	struct fault fault;
	struct tracedat_buffer *buffer;
	size_t nbuffers;
	struct strbuf maps; /* lines of PROCMAPS options: PID, count and NAME, then the maps */
	size_t unread;      /* options of an unknown kind */
	/* Called with arg for each damaged part of a page. */
	void (*note)(void *arg, const char *kind, const char *text);
	void *arg;

	/* private */
	struct input *in;
	struct tracedesc *desc;
	int version;
	bool zstd; /* how it is compressed */
	size_t cap_buffers, nsources;
	struct tracedat_source *source;
	struct tracedat_clock *clock;
};

/* Is this the start of a trace.dat? */
bool tracedat_is(const void *p, size_t n);

/* Read the description from a file, which is made seekable; desc must outlive the tracedat. Returns
 * false with the fault set if it cannot be read; what was read before the damage stays. */
bool tracedat_open(struct tracedat *, struct input *, struct tracedesc *desc);

/* Have the pages of all buffers read by a ftracerec. */
void tracedat_add(struct tracedat *, struct ftracerec *);

/* Write what the file says of the machine: its processes' maps. */
void tracedat_write(const struct tracedat *, struct out *, struct str machine);

/* Set the clock of a ftracerec: the file's own corrections (OFFSET, TSC2NSEC), and with shift those
 * that put a guest on its host's time (TIME_SHIFT). */
void tracedat_clock(const struct tracedat *, struct ftracerec_options *, bool shift);

void tracedat_close(struct tracedat *);

#endif
