/* SPDX-License-Identifier: MIT */
/*
 * name - what stands at an address, as the note of a frame: sym+0xOFF object
 *
 * A return address is looked up one byte before, since a call may be the last thing that a function
 * does; the offset is the address's own. Kernel code is named by ksym records, then by kallsyms,
 * moved by what lies between the kernel's place there and in the recording; modules stand elsewhere
 * after each boot, so they have names only where nothing moved.
 */

#ifndef NAME_H
#define NAME_H

#include "rec/rec.h"
#include "rec/stack.h"
#include "spaces.h"

struct name_sources {
	const char *kallsyms; /* a file, NULL for none */
	bool live;            /* this machine's own, if it runs the recording's kernel */
	const char *sysroot;  /* the folder that paths start in, NULL for / */
};

struct name;

/* NULL with the fault set when a source cannot be read. */
struct name *name_new(const struct name_sources *, struct fault *);
void name_free(struct name *);

/* Take account of a record: frames mean what they did at its time. */
void name_add(struct name *, const struct rec *);

/* Where frames are to be understood. Contexts with the same generations give the same notes. */
struct name_context {
	const struct spaces_machine *machine;
	struct spaces_process user;
	uint64_t kernel_generation;
};

struct name_context name_context(struct name *, struct str machine, int32_t pid);

/*
 * The note of a frame, valid until the next call; false where it is to stay as it is, because
 * nobody was asked who could know it. A fault is set once a source turns out to be the wrong one.
 */
bool name_frame(struct name *, const struct name_context *, const struct stack_frame *,
    struct str *note, struct fault *);

/* What objects_report() says. */
void name_report(const struct name *, void (*say)(void *arg, const char *line), void *arg);

#endif
