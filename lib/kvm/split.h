/* SPDX-License-Identifier: MIT */
/*
 * split - the records of guests and of their host, apart
 *
 * A record belongs to the machine of its third field; that machine is a guest if it is named vm or
 * vmPID, or if the record's mode is a guest's. Each part is a stream of its own: meta records go
 * into all of them, and a stack that a part refers to and does not define is defined there again.
 *
 * Guests of processes that had one pid in turn have one name. If a fork or an exec shows when the
 * later process began, its guest is a part of its own. Two guests of one process are not told
 * apart, but noted.
 */

#ifndef SPLIT_H
#define SPLIT_H

#include "base/hash.h"
#include "base/intern.h"
#include "base/patterns.h"
#include "base/strbuf.h"
#include "rec/rec.h"
#include "rec/stackdefs.h"

enum { SPLIT_PARTS = 256 }; /* machines that split_open_dir() can write files for */

struct split {
	bool guest, host;         /* write only these; both or none: all */
	bool kernel, user;        /* write only records of this mode; both or none: all */
	struct patterns machines; /* write only these of them; none: all */
	bool count;               /* keep statistics */

	/* Called with arg if a guest's name is that of several guests. */
	void (*note)(void *arg, const char *kind, const char *text);
	void *arg;

	uint64_t read, written, copied; /* records; copied are those written again or once more */

	/* private */
	struct out *out;
	const char *dir;
	struct split_part **part; /* by machine; with one output, they share it */
	size_t nparts, cap_parts, nfiles;
	struct hash vcpus;   /* guest and number of a vCPU -> its thread */
	struct hash threads; /* those of vCPUs that live */
	struct intern names, classes;
	struct strbuf meta; /* the meta records so far, which a part begins with */
	size_t nmeta;
	struct stackdefs stacks;
	struct hash defined; /* stacks that the one output has */
	struct split_class {
		uint64_t samples, period;
	} * class;
	size_t cap_class;
	struct strbuf text;
};

/* Is a machine a guest by its name: vm or vmPID? */
bool split_is_guest(struct str machine);

/* Write everything to one output. */
void split_open(struct split *, struct out *);

/* Write a file MACHINE.rec for each machine into a folder, which is made if it is not there.
 * The second guest of a name goes to MACHINE.2.rec. Returns false with the fault set if it cannot
 * be, or has such files. */
bool split_open_dir(struct split *, const char *dir, struct fault *);

/* Write a record if it is wanted. Returns false with the fault set if its file cannot be opened. */
bool split_add(struct split *, struct rec *, struct fault *);

/* Call say for each line of the statistics: the samples and period of each machine, vCPU (the
 * host's thread), mode and event, as pairs. Kind is NULL. Call it after the last record. */
void split_report(
    struct split *, void (*say)(void *arg, const char *kind, const char *line), void *arg);

/* Finish the files. Returns false with the fault set if something could not be written. */
bool split_close(struct split *, struct fault *);

void split_free(struct split *);

#endif
