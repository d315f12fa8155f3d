/* SPDX-License-Identifier: MIT */
/*
 * ftracerec - trace pages of several CPUs as records of the stream, merged by time
 *
 * Scheduling, power, irq and I/O events get kinds of their own through perf/evrec, all others are
 * tracepoint records. A kernel_stack or user_stack event that follows an event becomes its stack. A
 * page of each CPU is in memory, and one more for looking ahead.
 */

#ifndef FTRACEREC_H
#define FTRACEREC_H

#include "base/out.h"
#include "base/patterns.h"
#include "perf/evinfo.h"
#include "rec/rec.h"
#include "rec/select.h"
#include "ringcpu.h"
#include "tracedesc.h"

enum { FTRACEREC_CPUS = 1 << 16 }; /* the numbers of CPUs are below this */

struct ftracerec_options {
	struct str machine;      /* the name of the recorded machine; outlives the ftracerec */
	int64_t offset;          /* added to all times, ns */
	struct patterns *events; /* names and kinds, NULL: all; those that occur are hit */
	/* The times, tasks and CPUs to write, and no others' pages are read; NULL: all. */
	struct select *select;
	bool once; /* write each stack once, as a stack record */
	struct evinfo_printer printer;
	/* The nanoseconds of a time in the pages; NULL: they are nanoseconds. */
	bool (*clock)(const void *arg, uint64_t t, int32_t cpu, int64_t *ns);
	const void *clock_arg;
};

struct ftracerec;

/* The description must outlive it; it learns the pids of tasks from the events, and gives its
 * symbols away. */
struct ftracerec *ftracerec_new(struct tracedesc *, struct out *, const struct ftracerec_options *);
void ftracerec_free(struct ftracerec *);

/* Add a CPU's pages. Damage becomes gap records, and is passed to the source. */
void ftracerec_add(
    struct ftracerec *, int32_t cpu, const struct ringlayout *, const struct ringsource *);

/* Read all pages and write the records. */
void ftracerec_run(struct ftracerec *);

/* Report what was not converted, and set the fault if events are missing. */
void ftracerec_report(const struct ftracerec *,
    void (*note)(void *arg, const char *kind, const char *text), void *arg, struct fault *);

/* Give note the lines of a table: what was read, written and lost. kind is NULL. */
void ftracerec_table(const struct ftracerec *,
    void (*note)(void *arg, const char *kind, const char *text), void *arg);

/* Set the fault if the description is that of another kernel. */
void ftracerec_doubt(const struct ftracerec *, struct fault *);

#endif
