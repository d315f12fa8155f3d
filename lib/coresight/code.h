/* SPDX-License-Identifier: MIT */
/*
 * code - the code bytes at an address, for a full decode: those of the files that processes mapped,
 * of a kernel, and of memory images
 */

#ifndef CODE_H
#define CODE_H

#include "csd.h"
#include "rec/rec.h"

struct code;

/* sysroot: where the files of maps and images are, NULL for /. machine: whose processes code_read()
 * is about; it outlives the code. NULL with the fault set if sysroot is not a folder. */
struct code *code_new(const char *sysroot, struct str machine, struct fault *);
void code_free(struct code *);

/* Called with the path of each file that cannot be used, once, and why. */
void code_set_note(
    struct code *, void (*note)(void *arg, struct str path, const char *why), void *arg);

/* Map the segments of an ELF file, such as a vmlinux or a copy of /proc/kcore, where it says. False
 * with the fault set if it cannot be read. */
bool code_add_kernel(struct code *, const char *path, struct fault *);

/* Map a file, whose path is escaped, for all processes; spaces are enum csd_space, or'ed. It hides
 * what was added before. */
void code_add_image(
    struct code *, uint64_t addr, uint64_t len, uint64_t off, unsigned spaces, struct str path);

/* Learn from a record about a process, in the order of time. */
void code_add(struct code *, const struct rec *);

/* Read up to n bytes at an address as a process sees it from one of the spaces. Returns how many
 * there are. */
size_t code_read(struct code *, int32_t pid, unsigned spaces, uint64_t addr, uint8_t *, size_t n);

#endif
