/* SPDX-License-Identifier: MIT */
/*
 * shares - share the energy of counters out over the tasks that ran on their CPUs
 *
 * The energy of an interval is divided by time: each task gets the part that its running time is of
 * the time of all CPUs of the counter, and so do idle CPUs, and the time about which no state says
 * anything. Shares are whole nanojoules, except that one of them has the rest of each interval, so
 * that they add up to the counter exactly. The counter's error is divided alike.
 *
 * Which CPUs a counter has follows from the meta records cpu (cpu=0 core=0 package=0 die=0). They
 * are not needed for the counters of a package or die if no other one of the machine has counters.
 *
 * Memory: 24 bytes for each run and idle interval, 64 for each of a counter, and the rows.
 */

#ifndef SHARES_H
#define SHARES_H

#include "base/intern.h"
#include "base/out.h"
#include "energy.h"
#include "rec/rec.h"

enum shares_by { SHARES_TASK, SHARES_PROCESS, SHARES_NAME, SHARES_BYS };

enum { SHARES_CPUS = 8192 /* CPUs that are told apart */ };

struct shares_cpu;
struct shares_interval;
struct shares_row;
struct shares_who;

struct shares {
	enum shares_by by;
	uint64_t states;    /* the number of running states */
	uint64_t intervals; /* those of counters */
	uint64_t met;       /* intervals in which a task ran or a CPU was idle; after the table */
	int64_t first_state, first_interval; /* when the first one began */
	/* Intervals that are left out: without energy or times, or beyond reason; on a clock of
	 * their own; overlapping another one of the same place. */
	uint64_t incomplete, own_clock, overlapping;
	/* Intervals that are put down to unknown: of counters whose CPUs are not known; of too
	 * many CPUs for the size of the input. */
	uint64_t without_cpus, unshared;
	/* private */
	struct intern machines, comms, cpu_keys, who_keys, places, row_keys;
	struct shares_cpu *cpu;
	struct shares_who *who;
	struct shares_interval *interval;
	struct shares_row *row;
	size_t cap_cpu, cap_who, cap_interval, cap_row;
	uint64_t *ns;      /* of each who in the interval that is being shared out */
	uint32_t *present; /* those with any */
	size_t cap_present, npresent;
	uint64_t walked;
};

/* The value of a name; -1 if there is none. */
int shares_by_named(const char *);

/* Start with by set, and all else 0. Take in a record of any kind. */
void shares_add(struct shares *, const struct rec *);

/* Write the table. Call it once, after the last record. */
void shares_write(struct shares *, struct out *);
void shares_free(struct shares *);

#endif
