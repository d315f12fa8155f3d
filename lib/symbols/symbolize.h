/* SPDX-License-Identifier: MIT */
/*
 * symbolize - what stands at an address, as the note of a frame: sym+0xOFF object
 *
 * A return address is looked up one byte before, since a call may be the last thing that a function
 * does; the offset is the address's own. Kernel code is named by ksym records, then by kallsyms,
 * moved by what lies between the kernel's place there and in the recording; modules stand elsewhere
 * after each boot, so they have names only where nothing moved.
 */

#ifndef SYMBOLIZE_H
#define SYMBOLIZE_H

#include "rec/rec.h"
#include "rec/stack.h"
#include "spaces.h"

struct symbolize_sources {
	const char *kallsyms; /* a file, NULL for none */
	bool live;            /* this machine's own, if it runs the recording's kernel */
	const char *sysroot;  /* the folder that paths start in, NULL for / */
};

struct symbolize;

/* NULL with the fault set when a source cannot be read. */
struct symbolize *symbolize_new(const struct symbolize_sources *, struct fault *);
void symbolize_free(struct symbolize *);

/* Take account of a record: frames mean what they did at its time. */
void symbolize_add(struct symbolize *, const struct rec *);

/* Where frames are to be understood. Contexts with the same generations give the same notes. */
struct symbolize_context {
	const struct spaces_machine *machine;
	struct spaces_process user;
	uint64_t kernel_generation;
};

struct symbolize_context symbolize_context(struct symbolize *, struct str machine, int32_t pid);

/*
 * The note of a frame, valid until the next call; false where it is to stay as it is, because
 * nobody was asked who could know it. A fault is set once a source turns out to be the wrong one.
 */
bool symbolize_frame(struct symbolize *, const struct symbolize_context *,
    const struct stack_frame *, struct str *note, struct fault *);

/* The number of frames whose note was cut because a name had more than 4096 bytes. */
uint64_t symbolize_cut(const struct symbolize *);

/* objects_report() for all objects. */
void symbolize_report(const struct symbolize *,
    void (*note)(void *arg, const char *kind, const char *text), void *arg);

#endif
