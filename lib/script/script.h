/* SPDX-License-Identifier: MIT */
/*
 * script - the text of perf script, trace-cmd report or the kernel's trace file as records
 *
 * Lines are converted one by one. Up to SCRIPT_HELD events are held back, because their stacks
 * follow in later lines: those of perf script at once, those of the kernel perhaps after events of
 * other CPUs.
 */

#ifndef SCRIPT_H
#define SCRIPT_H

#include "base/input.h"
#include "base/out.h"
#include "rec/select.h"

enum { SCRIPT_HELD = 64 };

struct script_options {
	struct str machine;    /* the name of the recorded machine; outlives the script */
	int64_t offset;        /* added to all times, ns */
	bool once;             /* write each stack once, as a stack record */
	struct select *select; /* the times, CPUs and tasks to write; NULL: all */
	/* Called for each line that cannot be parsed; kind as in filter_note(). */
	void (*note)(void *arg, const char *kind, const char *text);
	void *arg;
};

struct script_counts {
	uint64_t lines;
	uint64_t events;      /* written as records of their own */
	uint64_t stacks;      /* attached to another event */
	uint64_t bad;         /* lines that could not be parsed */
	uint64_t filtered;    /* events that are not selected */
	uint64_t unconverted; /* lines of kinds that no record has */
	uint64_t late;        /* events before their predecessor */
	uint64_t copies;      /* lines that were printed twice, and are left out */
	uint64_t timeless;    /* events without a time */
	uint64_t coarse;      /* events in the microsecond of the one before on their CPU */
	uint64_t cut_stacks;  /* frames that were left out of very long stacks */
	uint64_t no_object;   /* inlined functions whose object is left out */
	bool ticks;           /* of a clock that does not count ns */
};

struct script;

struct script *script_new(struct input *, struct out *, const struct script_options *);
void script_free(struct script *);

/* Convert the whole input. */
void script_run(struct script *);

const struct script_counts *script_counts(const struct script *);

#endif
