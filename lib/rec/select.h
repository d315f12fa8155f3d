/* SPDX-License-Identifier: MIT */
/*
 * select - which records somebody asks for: by time, machine, CPU, task, event and function
 *
 * A record is picked if it satisfies each list that is given, and it satisfies a list by one entry.
 * Names are patterns as the shell has them, of the texts meant, not of the escaped ones. The
 * strings of a command line that are given must outlive the pick, and are cut at their commas.
 */

#ifndef SELECT_H
#define SELECT_H

#include "base/hash.h"
#include "rec.h"

struct select_range {
	int32_t first, last;
};

struct select {
	int64_t from, to;               /* both included; all: INT64_MIN, INT64_MAX */
	const char *machine, *function; /* all: NULL */
	struct select_range *cpu, *id;  /* CPUs; pids and tids */
	char **comm, **event;
	size_t ncpu, nid, ncomm, nevent;
	struct hash known; /* tids: of which pid, and whether by a name that is asked for */
	uint64_t gone;     /* the one that ended with the last record, or 0 */
};

/* Add lists: CPUs such as 0,4-7, false where it is none; pids, tids and names; kinds of records and
 * names of events. */
bool select_cpus(struct select *, const char *list);
void select_tasks(struct select *, char *list);
void select_events(struct select *, char *list);

/* Is a CPU in one of the lists? */
bool select_has_cpu(const struct select *, int32_t cpu);

void select_free(struct select *);

/* Learn who is called how: told of every record, in order, before it is asked for. */
void select_note(struct select *, const struct rec *);

/* Is it picked? frames are those of its stack, which may be an @HASH itself. */
bool select_matches(const struct select *, const struct rec *, struct str frames);

/* For what is no event: a loss, if it touches the machine, the times and the CPUs asked for, all
 * else if it is of the machine and not behind the end. */
bool select_touches(const struct select *, const struct rec *);

#endif
