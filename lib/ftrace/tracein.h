/* SPDX-License-Identifier: MIT */
/*
 * tracein - the input of a converter of trace pages: files of each CPU's pages and the formats to
 * read them with, or one file that has everything: a trace.dat, the agent's stream
 */

#ifndef TRACEIN_H
#define TRACEIN_H

#include "ringfiles.h"
#include "tracedat.h"
#include "tracestream.h"

struct tracein_options {
	char **names; /* FILE or CPU=FILE; they outlive the tracein */
	size_t n;
	const char *formats; /* a tracing folder, an archive of it, ...; NULL: none */
	const char
	    *buffer; /* the one of a trace.dat to read, "" for the top-level one; NULL: all */
	size_t page; /* the size of a page, if it is not what the description says; else 0 */
	bool shift;  /* put a guest's trace.dat on the time of its host */
	/* Called with arg for each damaged part of a page, and for what is left out. */
	void (*note)(void *arg, const char *kind, const char *text);
	void *arg;
};

struct tracein {
	struct fault fault;
	struct tracedesc desc;

	/* private */
	const struct tracein_options *options;
	struct ringfiles files;
	struct tracedat dat;
	struct tracestream stream;
	enum { TRACEIN_PAGES, TRACEIN_DAT, TRACEIN_STREAM } what;
};

/* Open the files and read the description of the trace. Returns false with the fault set if no
 * event can be read. The options must outlive the tracein. */
bool tracein_open(struct tracein *, const struct tracein_options *);

/* Set the clock of a ftracerec. */
void tracein_clock(const struct tracein *, struct ftracerec_options *);

/* Have the pages of all CPUs read by a ftracerec, and write what else the input says of the
 * machine. Returns false with the fault set if the files are not those of CPUs. */
bool tracein_add(struct tracein *, struct ftracerec *, struct out *, struct str machine);

/*
 * If a selection is relative to the last event, settle it: read the files for the times of their
 * events. Returns false with the fault set if one is a pipe, which cannot be read twice.
 */
bool tracein_scan(const struct tracein_options *, const struct ftracerec_options *, struct fault *);

/* Returns false with the fault set if a file could not be read to its end, or was damaged. */
bool tracein_close(struct tracein *);

#endif
