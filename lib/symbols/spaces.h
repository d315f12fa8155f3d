/* SPDX-License-Identifier: MIT */
/*
 * spaces - address spaces over time: each process's, and the kernel's of each machine
 *
 * Fed with a stream's records in its order; what it answers is true for the time of the record fed
 * last. exec forgets a process's maps, fork copies them, threads share them, a process with the pid
 * of an old one starts anew. There is no record for munmap(2): what was unmapped stays until
 * something else is mapped there. Memory goes with the processes that live, and some hundreds that
 * died lately, because their last events may come behind their exit.
 *
 * The kernel tells of an exec when the old program is gone and the new one not yet mapped: it then
 * maps the program, its loader and last [vdso]. Until it lets the new program run, the process's
 * user registers are those of the old one's call to exec(2).
 */

#ifndef SPACES_H
#define SPACES_H

#include "rec/rec.h"
#include "space.h"

struct spaces_machine {
	char *name;
	uint64_t begin;      /* the generation of its kernel while that has no maps */
	struct space kernel; /* its image and modules */
	struct space ksyms;  /* code that comes and goes: the path is the symbol's name */
	/* The image's own map, as perf records it: the symbol behind [kernel.kallsyms] in its path,
	 * and where that was. NULL and 0 where the recording does not say. */
	char *symbol;
	uint64_t symbol_at;
	char *build; /* the kernel's build id, NULL where it is not known */
};

struct spaces_process {
	struct space space;
	struct space before; /* what was mapped before an exec that is not over yet */
	uint64_t generation; /* two with the same number are the same; 0: nothing is mapped */
};

struct spaces;

struct spaces *spaces_new(void);
void spaces_free(struct spaces *);

/* Take account of a record, if it is a map, comm, fork, exit or ksym. */
void spaces_add(struct spaces *, const struct rec *);

/* Valid until the next spaces_add(). A process that is not known has nothing mapped. */
const struct spaces_machine *spaces_machine(struct spaces *, struct str name);
struct spaces_process spaces_process(struct spaces *, struct str machine, int32_t pid);

#endif
