/* SPDX-License-Identifier: MIT */
/* perfrec - the records of a perf.data file as records of the stream */

#ifndef PERFREC_H
#define PERFREC_H

#include "base/out.h"
#include "base/patterns.h"
#include "evinfo.h"
#include "perf.h"
#include "perftally.h"
#include "rec/rec.h"
#include "rec/select.h"

struct perfrec;

struct perfrec_options {
	struct str machine; /* the name of the recorded machine; outlives the perfrec */
	int64_t offset;     /* added to all times, ns; above INT64_MIN */
	const char *events; /* the samples to write: names, patterns and kinds, separated by commas;
			       NULL: all, "": none */
	const struct evformats *formats; /* of tracepoints, if the file has none; or NULL */
	bool auxtrace;                   /* describe AUX trace that the caller does not convert */
	bool branches;                   /* write the branch stacks of samples */
	bool user_stacks;                /* write the user stacks of samples */
	bool header;                     /* write more of what the header says */
	bool wall;                       /* write times of the wall clock */
	bool once;                       /* write each stack once, as a stack record */
	struct select *select;           /* the times, CPUs and tasks to write; NULL: all */
	struct evinfo_printer printer;   /* of the text of tracepoints */
	struct hash *tasks; /* ids of tasks in a pid namespace, which are added to it and, if they
			       are not known otherwise, taken from it; or NULL */
	/*
	 * Called with arg for each comm, fork, exit, map and ksym record, in the order of the
	 * stream and before it is written. Its strings are escaped, as in the stream, and live
	 * until it returns. NULL: not called.
	 */
	void (*process)(void *arg, const struct rec *);
	void *arg;
};

/* What became of the records that were not written as they are. */
struct perfrec_counts {
	uint64_t filtered;       /* samples not asked for */
	uint64_t damaged;        /* records cut short */
	uint64_t formatless;     /* samples of tracepoints whose format is not in the file */
	uint64_t late;           /* records with a time before their predecessor's */
	bool namespaced;         /* the recorder was in a pid namespace, not the root */
	uint64_t outside;        /* records of processes outside its namespace, left out */
	bool sampled_switches;   /* the scheduler's switch event was not recorded each time */
	bool context_switches;   /* and context switch records are used instead */
	uint64_t no_user;        /* samples whose user part did not come in time */
	uint64_t lost;           /* events that the kernel dropped */
	uint64_t aux_lost;       /* AUX records that report a loss of trace */
	uint64_t user_symbols;   /* symbols that simpleperf wrote of files that were not mapped */
	uint64_t auxtrace;       /* bytes of AUX trace that are in the file */
	const char *tracer;      /* what made it; NULL: unknown */
	uint64_t cut_stacks;     /* samples of a group that have only the ip as their stack */
	uint64_t cut_names;      /* texts longer than 4096 bytes, event names longer than 512 */
	uint64_t cut_fields;     /* tracepoints written without some of their fields */
	uint64_t ignored_fields; /* fields of formats that are too many or have too long names */
	struct perf_tally tally;
};

/* Convert the records of a perf that was just opened. If out is NULL nothing is written, but
 * options->process is called. If options->once, nothing else may write to out before perfrec_end():
 * the definition of a stack may still be put before the last line. */
struct perfrec *perfrec_new(struct perf *, struct out *, const struct perfrec_options *);
void perfrec_free(struct perfrec *);

/* Convert the records of a perf that was just opened without writing them, for the times in
 * options->select if there is any, and for options->tasks. If not all, then only until it is known
 * that there is no pid namespace. */
void perfrec_scan(struct perf *, const struct perfrec_options *, bool all);

/* Write what the header says of the events. */
void perfrec_header(struct perfrec *);

/* Write what a record says, if anything. Returns false with the perf's fault set if none of the
 * events that were asked for exists. */
bool perfrec_add(struct perfrec *, const struct perf_record *);

/* Write what remains to be said at the end of the file. */
void perfrec_end(struct perfrec *);

struct perfrec_counts perfrec_counts(const struct perfrec *);

/* The names and patterns of options->events. */
const struct patterns *perfrec_events(const struct perfrec *);

#endif
