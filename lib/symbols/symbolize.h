/* SPDX-License-Identifier: MIT */
/*
 * symbolize - what is at an address, as the note of a frame: sym+0xOFF object
 *
 * A return address is looked up one byte before, since a call may be the last thing that a function
 * does; the offset is the address's own. Kernel code is named by ksym records, then by the kernel's
 * symbols (kernels.h); user code by the files that are mapped.
 */

#ifndef SYMBOLIZE_H
#define SYMBOLIZE_H

#include "demangle.h"
#include "files.h"
#include "kernels.h"

struct symbolize;

/* The sysroot of a guest is its folder below guest_mount, if there is one. The texts in both
 * arguments must outlive the result. Returns NULL with the fault set if a source cannot be read. */
struct symbolize *symbolize_new(
    const struct kernels_sources *, const struct files_from *, struct fault *);
void symbolize_free(struct symbolize *);

/* Write names of C++, Rust and D in this way; without a call, in full. */
void symbolize_demangle(struct symbolize *, enum demangle_how);

/* Write the source lines of addresses, too, and the functions that are inlined there. */
void symbolize_lines(struct symbolize *, bool lines, bool inlines);
bool symbolize_has_inlines(const struct symbolize *);

/* Account for a record: frames mean what they did at its time. */
void symbolize_add(struct symbolize *, const struct rec *);

/* Where frames are looked up. Contexts with the same generations give the same notes. */
struct symbolize_context {
	const struct spaces_machine *machine;
	struct kernel *kernel;
	int32_t pid;
	struct spaces_process user;
	uint64_t kernel_generation;
};

/* The context of a process; valid until the next call or record. */
const struct symbolize_context *symbolize_context(
    struct symbolize *, struct str machine, int32_t pid);

/* Are all notes the same until a record of another kind than events comes? If not, the times of
 * events matter: symbolize_add() needs each of them. */
bool symbolize_timeless(const struct symbolize *);

/* The number of the space that a frame is looked up in: in one space an address has one note. With
 * MODE_NONE it may have others. */
static inline uint64_t
symbolize_space(const struct symbolize_context *c, enum stack_mode mode, bool innermost)
{
	bool kernel = mode == MODE_KERNEL || mode == MODE_GUEST_KERNEL;
	uint64_t generation = kernel ? c->kernel_generation : c->user.generation;

	return generation << 4 | (uint64_t)mode << 1 | innermost;
}

/*
 * Make the note of a frame, valid until the next call. False if it has to stay as it is: there was
 * no source that could know it, or the fault is set because a source is unusable.
 * If functions are inlined there, it is as many notes, innermost first, with newlines between them.
 */
bool symbolize_frame(struct symbolize *, const struct symbolize_context *,
    const struct stack_frame *, struct str *note, struct fault *);

/* Was any frame looked up of the guest that a source vmPID=FILE is for? If it is for all: was any
 * of a guest? */
bool symbolize_has_guest(const struct symbolize *, const char *source);

/* Count the frames that are looked up from now on and get no name, or do not: a record may have one
 * place in two fields. They count at first. */
void symbolize_count(struct symbolize *, bool);

/* The number of names that were cut because they had more than 4096 bytes. */
uint64_t symbolize_cut(const struct symbolize *);

/* Report what is wrong with guests' symbols, and what was not read of debug information; if all,
 * the objects with unnamed frames, too. */
void symbolize_report(const struct symbolize *, bool all,
    void (*note)(void *arg, const char *kind, const char *text), void *arg);

#endif
