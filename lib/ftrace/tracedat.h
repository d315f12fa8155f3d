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

struct tracedat {
	struct fault fault;
	struct fault symbols; /* why the section of the kernel's symbols was left out */
	size_t unread;        /* options of an unknown kind */
	/* Called with arg for each damaged part of a page, and for what is left out. */
	void (*note)(void *arg, const char *kind, const char *text);
	void *arg;

	/* private */
	struct input *in;
	uint64_t described; /* see describe() */
	struct tracedesc *desc;
	struct bytes section; /* what of a section is read next ... */
	bool in_section;      /* ... instead of the file */
	int version;
	enum { TRACEDAT_PLAIN, TRACEDAT_ZSTD, TRACEDAT_ZLIB } packing;
	struct tracedat_buffer *buffer;
	size_t nbuffers, cap_buffers, nsources;
	struct tracedat_source *source;
	struct tracedat_clock *clock;
	struct strbuf maps;  /* lines of PROCMAPS: PID, count and NAME, then the maps */
	struct strbuf facts; /* lines KEY VALUE, for meta records */
};

/* Read the description from a file, which is made seekable; desc must outlive the tracedat. Returns
 * false with the fault set if it cannot be read; what was read before the damage stays. */
bool tracedat_open(struct tracedat *, struct input *, struct tracedesc *desc);

/* Have the pages of a buffer read by a ftracerec: "" is the top-level one, NULL means all. Returns
 * false with the fault set if there is none of that name. */
bool tracedat_add(struct tracedat *, struct ftracerec *, const char *buffer);

/* Write what the file says of the machine: facts as meta records, its processes' maps. */
void tracedat_write(const struct tracedat *, struct out *, struct str machine);

/* Does the file have offsets to the time of the host? */
bool tracedat_has_shift(const struct tracedat *);

/* Set the clock of a ftracerec: the file's own corrections (OFFSET, TSC2NSEC), and with shift those
 * that put a guest on its host's time (TIME_SHIFT). */
void tracedat_clock(const struct tracedat *, struct ftracerec_options *, bool shift);

void tracedat_close(struct tracedat *);

#endif
