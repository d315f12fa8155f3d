/* SPDX-License-Identifier: MIT */
/*
 * spaces - address spaces over time: those of the processes, and each machine's kernel
 *
 * Given the records of a stream in their order; the answers are those for the time of the last
 * record. exec clears a process's maps, fork copies them, threads share them, a process that reuses
 * a pid starts anew. No record reports munmap(2): a file stays mapped until another one takes its
 * place. Memory grows with the processes that live, and some hundreds that died last, because their
 * last events may follow their exit.
 *
 * The kernel reports an exec when the old program is gone and the new one is not mapped yet: it
 * then maps the program, its loader and last [vdso]. Until the new program runs, the process's user
 * registers are those of the old program's call to exec(2).
 */

#ifndef SPACES_H
#define SPACES_H

#include "rec/rec.h"
#include "space.h"

struct spaces_machine {
	uint32_t id; /* counts from 0 */
	struct str name;
	bool guest;          /* called vm or vmPID: the guest of a process of the host */
	int32_t pid;         /* of that process, -1 if it is unknown */
	struct space kernel; /* its image and modules; generation 0: nothing known */
	struct space ksyms;  /* code that comes and goes: the path is the symbol's name */
	uint64_t begin;      /* a generation of its own, for a kernel without maps */
	/* The image's map as perf records it: the symbol after [kernel.kallsyms], or after
	 * [guest.kernel.kallsyms.PID], in its path, and where that was. NULL and 0 if the recording
	 * does not say. */
	char *symbol;
	uint64_t symbol_at;
	char *build; /* the kernel's build id, NULL if it is unknown */
};

struct spaces_process {
	struct space space;
	struct space before; /* what was mapped before an exec that is not over yet */
	uint64_t generation; /* processes with the same one are equal; 0: nothing is mapped */
	uint64_t life;       /* differs for processes that had one pid in turn */
	int32_t parent;      /* that it got its maps from, -1 if there is none */
};

struct spaces;

struct spaces *spaces_new(void);
void spaces_free(struct spaces *);

/* Account for a record. Only map, comm, fork, exit and ksym matter: false if it is none of them. */
bool spaces_add(struct spaces *, const struct rec *);

/* Valid until the next spaces_add(). An unknown process has nothing mapped. */
const struct spaces_machine *spaces_machine(struct spaces *, struct str name);
struct spaces_process spaces_process(struct spaces *, struct str machine, int32_t pid);

/* The same by the machine's id, for a process that records have named. */
struct spaces_process spaces_process_of(struct spaces *, uint32_t machine, int32_t pid);

/* The first machine in the stream that is not a guest; NULL if there is none yet. */
const struct spaces_machine *spaces_host(const struct spaces *);

/* A number that tells processes of the host apart that had one pid in turn; 0 if it is unknown. */
uint64_t spaces_life(struct spaces *, int32_t pid);

/* The next generation, for what depends on spaces and changes by itself. */
uint64_t spaces_next_generation(struct spaces *);

#endif
