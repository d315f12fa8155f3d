/* SPDX-License-Identifier: MIT */
/*
 * jit - the names of code that a process wrote while it ran
 *
 * They come from a file that its compiler wrote: /tmp/perf-PID.map, lines of "START SIZE NAME" in
 * hex, of which a later one counts where two overlap; or a jitdump (jitdump.h) that the process
 * mapped, each entry from its time on.
 */

#ifndef JIT_H
#define JIT_H

#include "files.h"
#include "space.h"
#include "spaces.h"

struct jit;

struct jit *jit_new(void);
void jit_free(struct jit *);

/* Whose code it is: a process of a machine, in one of its lives. */
struct jit_process {
	uint32_t machine;
	int32_t pid;
	uint64_t life;
};

/* Can the maps of this path hold such code? Is it the path of a jitdump? */
bool jit_is_code(struct str path);
bool jit_is_dump(struct str path);

/* The process has mapped a jitdump: read it. comparable: its times are the recording's. */
void jit_add_dump(
    struct jit *, struct files *, const struct jit_process *, struct str path, bool comparable);

/* The process has begun another program. */
void jit_drop(struct jit *, const struct jit_process *);

/* Does any process have a jitdump? */
bool jit_has_dumps(const struct jit *);

/*
 * The generation of the maps of a process at a time, which must not go back, given that of its
 * files: another one once the names of addresses that were looked up may have changed.
 */
uint64_t jit_generation(
    struct jit *, const struct jit_process *, struct spaces *, uint64_t generation, int64_t t);

struct jit_symbol {
	uint64_t start;
	struct str name; /* any bytes; valid until the next call */
};

/* Find the code at an address at the time of the last jit_generation(). If there is none, why has
 * the reason. */
bool jit_find(struct jit *, struct files *, const struct jit_process *, uint64_t addr,
    struct jit_symbol *, struct fault *why);

#endif
