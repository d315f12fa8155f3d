/* SPDX-License-Identifier: MIT */
/*
 * cpulist - a list of CPUs such as 0,4-7, as options take it
 *
 * A look-up takes the logarithm of the length of the list. Starts as { 0 }.
 */

#ifndef CPULIST_H
#define CPULIST_H

#include "base/text.h"

struct cpulist {
	struct cpulist_range {
		int32_t first, last;
		struct str text;
	} * range;
	size_t n;
	size_t missed; /* 0: each CPU of the list occurs */
	/* private */
	size_t cap, nparts;
	struct cpulist_part { /* up to the next one; the same ranges have all of its CPUs */
		int64_t first;
		size_t hits; /* the number of the parts before that occur */
		bool listed, hit;
	} * part;
};

/* Add a list, which must outlive this one. False if it is malformed. Call it before the others. */
bool cpulist_add(struct cpulist *, const char *list);

/* Is a CPU in the list? Remembers that it occurs. */
bool cpulist_has(struct cpulist *, int32_t cpu);

/* The text of the next range from *i on of which no CPU occurs; false after the last one. Start
 * with *i = 0. */
bool cpulist_next_missed(struct cpulist *, size_t *i, struct str *text);

void cpulist_free(struct cpulist *);

#endif
