/* SPDX-License-Identifier: MIT */
/*
 * kernels - the kernel symbols of machines: which table is whose, and how far the kernel moved
 *
 * The symbols given for the host name the first kernel that has an address to be named, or that of
 * the one machine that is named at all, and other hosts that run the same build. A guest (vmPID)
 * has a file of its own, or the one below the folder where guests' /proc are, or that for all
 * guests.
 *
 * If a pid is that of several guests in turn, its first file is that of the first of them that has
 * an address to be named, and so on. Which guest it is depends on the life of the host's process.
 *
 * The kernel's place in the recording, if its map says it, and in the table may differ by whole
 * pages (KASLR). Modules are elsewhere after each boot, so their symbols count only if nothing
 * moved.
 */

#ifndef KERNELS_H
#define KERNELS_H

#include "base/input.h"
#include "rec/stack.h"
#include "spaces.h"

struct kernels_sources {
	const char *kallsyms;       /* the host's: a file, NULL for none */
	const struct input *stream; /* of the records, to check the symbols by; NULL: none */
	const char *vmlinux;        /* the host's kernel image, NULL for none */
	bool live;                  /* this machine's own, if it runs the recording's kernel */
	bool chosen;                /* only machines that were asked for are named */
	const char **guest_kallsyms, **guest_modules; /* [vmPID=]FILE, as on the command line */
	size_t n_guest_kallsyms, n_guest_modules;
	const char *guest_mount; /* a folder with PID/proc/kallsyms and PID/proc/modules */
};

/* Are there symbols that the first records of the stream can show to be another kernel's? Then
 * they should be in its window. */
bool kernels_need_stacks(const struct kernels_sources *);

struct files;
struct kernels;
struct kernel;

/* NULL with the fault set if a source cannot be read. */
struct kernels *kernels_new(
    const struct kernels_sources *, struct spaces *, struct files *, struct fault *);
void kernels_free(struct kernels *);

/* A machine's kernel at the time of the last record. */
struct kernel *kernels_get(struct kernels *, struct str machine);

/* Kernels with the same number have the same names. */
uint64_t kernel_generation(const struct kernel *);

enum kernels_answer {
	KERNELS_NAMED,   /* object: [MODULE], "" for the kernel itself */
	KERNELS_UNNAMED, /* object: where the address is, escaped; "" if nothing is there */
	KERNELS_UNASKED  /* there are no symbols for this kernel: why says why */
};

struct kernels_symbol {
	struct str name, object;
	bool escaped; /* name and object are, as the field of a record */
	uint64_t offset;
	uint64_t place; /* the address in the kernel image that was looked up; 0: not by an image */
	const char *why;
};

/* Find what is at the address of a frame, or before it if it is a return address. The fault is set
 * if the host's symbols turn out to be unusable. */
enum kernels_answer kernels_find(struct kernels *, struct kernel *, const struct stack_frame *,
    struct kernels_symbol *, struct fault *);

/* Open the kernel image; -1 if there is none. */
int kernels_open_image(const struct kernels *);

/* Was a kernel asked for of the guest that a source [vmPID=]FILE is for? If it is for all: was any
 * of a guest? */
bool kernels_has_guest(const struct kernels *, const char *source);

/* Report the symbols that were found to be unusable, and that there were none for the host. */
void kernels_report(
    const struct kernels *, void (*note)(void *arg, const char *kind, const char *text), void *arg);

#endif
