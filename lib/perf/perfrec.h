/* SPDX-License-Identifier: MIT */
/* perfrec - the records of a perf.data file as records of ours */

#ifndef PERFREC_H
#define PERFREC_H

#include "base/out.h"
#include "perf.h"
#include "rec/rec.h"

struct perfrec;

struct perfrec_options {
	struct str machine; /* what records call the recorded machine; outlives the perfrec */
	int64_t offset;     /* added to all times, ns */
	const char *events; /* patterns as perfname.h has them; NULL for all, "" for none */
	bool once;          /* each stack once, as a stack record */
	/*
	 * Called with arg for each comm, fork, exit, map and ksym record, in the order of the
	 * stream and before it is written. Its strings are escaped, as in the stream, and live
	 * until it returns. NULL: not called.
	 */
	void (*process)(void *arg, const struct rec *);
	void *arg;
};

/* What came of the samples. */
struct perfrec_counts {
	uint64_t filtered;   /* not asked for */
	uint64_t damaged;    /* cut short */
	uint64_t formatless; /* of tracepoints whose format is not in the file */
	uint64_t late;       /* records before whose time a later one stands */
	uint64_t compressed; /* records that hold others compressed: left out */
};

/* Convert the records of a perf that was just opened. Without out (NULL) nothing is written: only
 * options->process learns of them. */
struct perfrec *perfrec_new(struct perf *, struct out *, const struct perfrec_options *);
void perfrec_free(struct perfrec *);

/* Write what a record of perf's says: nothing for those that say nothing to us. False, with perf's
 * fault set, when no event is one that was asked for. */
bool perfrec_add(struct perfrec *, const struct perf_record *);

/* The file ended; a damaged one is told of. */
void perfrec_end(struct perfrec *);

const struct perfrec_counts *perfrec_counts(struct perfrec *);

#endif
