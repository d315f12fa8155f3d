/* SPDX-License-Identifier: MIT */
/*
 * scriptevent - the name and the text of a printed event as a record
 *
 * The kinds are those of perf/evrec. What the print fmt of an event, or trace-cmd's own form of it,
 * does with the fields of a kind is undone here by patterns. An event that has no kind, or whose
 * text fits no pattern, becomes a tracepoint record with the pairs that its text has.
 */

#ifndef SCRIPTEVENT_H
#define SCRIPTEVENT_H

#include "rec/rec.h"

enum { SCRIPT_NAME = 64 };

/* The name of an event and what follows it; not to be copied. */
struct scriptevent {
	struct str name, text;
	uint64_t period;            /* of perf; REC_NO_U64 if not printed */
	char composed[SCRIPT_NAME]; /* of a name that is not in the text as it is */
};

/* Parse "[PERIOD] NAME: TEXT", as perf prints it. Returns false if there is no name. */
bool scriptevent_perf(struct str, struct scriptevent *);

/* Parse what the kernel or trace-cmd prints after the time. The names are those of the events in
 * tracefs. */
bool scriptevent_ftrace(struct str, struct scriptevent *);

/* Is it the name of a tracepoint, SYSTEM:NAME? */
bool scriptevent_is_tracepoint(struct str name);

/* Does a stack of this name's event belong to the event before it? */
enum scriptevent_stack { SCRIPT_NO_STACK, SCRIPT_KERNEL_STACK, SCRIPT_USER_STACK };
enum scriptevent_stack scriptevent_stack(const struct scriptevent *);

struct scripttypes;

struct scripttypes *scripttypes_new(void);
void scripttypes_free(struct scripttypes *);

/* Has this event a kind? */
bool scripttypes_has(struct scripttypes *, struct str name);

/*
 * Set the kind of a record and the fields that are the kind's own, and for a switch also tid.
 * context is that of a wakeup. The strings live until the next call, and as long as the arguments.
 * Returns false if the event has a kind, but its text is not known: then it is a tracepoint.
 */
bool scripttypes_fill(struct scripttypes *, const struct scriptevent *, struct str context,
    struct str stack, struct rec *);

/* What an event says of another task. */
struct scripttask {
	int32_t tid;
	struct str comm;
	bool is_new, is_thread;
};

/* Parse task_newtask and task_rename. Returns false for other events. */
bool scriptevent_task(const struct scriptevent *, struct scripttask *);

#endif
