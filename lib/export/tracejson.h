/* SPDX-License-Identifier: MIT */
/*
 * tracejson - states, wakes and counters as the JSON that chrome://tracing, Perfetto and others
 * read
 *
 * Sources: "Trace Event Format" of the Chromium project, for all but the phase T; for that one,
 * google/perfetto pull request 4228: {"ph":"T","name":STATE,"ts","dur","pid","tid","args"} with
 * cpu, io_wait and blocked_function in args, and Running or the letters of the kernel as states.
 *
 * Viewers take numbers of processes and tasks for those of one machine. The first machine keeps its
 * own, that of index i adds i * TRACEJSON_MACHINE; larger numbers are assigned in turn.
 *
 * Memory: what the tasks, the names and the different stacks need.
 */

#ifndef TRACEJSON_H
#define TRACEJSON_H

#include "base/hash.h"
#include "base/intern.h"
#include "base/out.h"
#include "base/strbuf.h"
#include "rec/cut.h"
#include "rec/rec.h"
#include "rec/stackdefs.h"

enum { TRACEJSON_MACHINE = 10000000, TRACEJSON_FRAMES = 1000000 /* in stackFrames, at most */ };

struct tracejson {
	struct out *out;
	struct window time; /* intervals are cut as rec/cut.h does it */

	uint64_t used;           /* the number of records that are in the output */
	uint64_t backward;       /* intervals that end before they start: of length 0 */
	bool cut;                /* frames are missing in stackFrames, see TRACEJSON_FRAMES */
	struct stackdefs stacks; /* .undefined is to be reported */

	/* private */
	bool any; /* an event was written */
	struct intern machines, ids;
	struct hash at;               /* machine and tid -> index of the track + 1 */
	struct hash processes;        /* pid of the output -> its name + 1 */
	struct tracejson_task *track; /* of tasks */
	size_t ntrack, cap_track;
	struct intern lanes;           /* machine, CPU and name of each track of a CPU */
	struct intern names;           /* of tasks */
	struct intern texts;           /* of stacks and functions, as JSON */
	struct intern inlined;         /* stacks that are not defined elsewhere */
	struct hash refs;              /* @HASH -> index of the stack + 1 */
	uint32_t *inline_at;           /* the same by number in inlined */
	struct tracejson_stack *stack; /* as they are written */
	size_t nstack, cap_stack, cap_inline;
	struct hash frame_at; /* frame that called it, and text -> number of the frame */
	struct tracejson_frame *frame;
	size_t nframe, cap_frame;
	uint64_t flows; /* the number of flows and of asynchronous slices */
	int64_t last;   /* time of the last event */
	struct strbuf text;
};

/* Start with out and time set, and all else 0. */
void tracejson_begin(struct tracejson *);

/* Take in a record of any kind. */
void tracejson_add(struct tracejson *, const struct rec *);

void tracejson_end(struct tracejson *);
void tracejson_free(struct tracejson *);

#endif
