/* SPDX-License-Identifier: MIT */
/* perfproc - perf's records about processes as ours: comm, fork, exit, map, ksym, lost, switch */

#ifndef PERFPROC_H
#define PERFPROC_H

#include "evinfo.h"
#include "perf.h"
#include "perfbuild.h"
#include "rec/rec.h"

struct perf_proc {
	struct perf_builds builds;
	struct evinfo text;
	char build[2 * PERF_BUILD_ID], prot[4];
};

void perf_proc_free(struct perf_proc *);

/*
 * Fill in kind, pid, tid and own fields from a record's body, its trailer cut off. Strings live
 * until the next call. False where it says nothing (kind is REC_OTHER then) or is cut short.
 */
bool perf_proc_fill(struct perf_proc *, const struct perf_record *, struct bytes, struct rec *);

#endif
