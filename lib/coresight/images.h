/* SPDX-License-Identifier: MIT */
/*
 * images - the code bytes at an address: files, and where they are mapped
 *
 * A later mapping hides an earlier one. Files are opened when they are read first; one that cannot
 * be is as if it were not there.
 */

#ifndef IMAGES_H
#define IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/buildid.h"

struct image {
	uint64_t addr, len, off;
	int32_t pid;    /* -1: every process, the kernel */
	unsigned space; /* enum csd_space, or'ed */
	size_t file;
};

struct image_file {
	char *path;
	char build[BUILDID]; /* the build id that it must have, "" for any */
	int fd;              /* -1: not opened yet; -2: cannot be */
	bool wrong;          /* it has another build id */
};

struct images {
	struct image *image;
	struct image_file *file;
	size_t n, cap, n_files, cap_files;
};

/* build: the file's build id in hex; NULL or "" where that is not known. A file that has another
 * one is not read. */
void images_add(struct images *, const struct image *where, const char *path, const char *build);

/* Map the segments of an ELF file where it says: a vmlinux, a copy of /proc/kcore. False where it
 * is none. */
bool images_add_elf(struct images *, const char *path);

/* A new process has what its parent has; one that starts another program has nothing. */
void images_fork(struct images *, int32_t parent, int32_t child);
void images_exec(struct images *, int32_t pid);

/* Read up to n bytes at an address: how many there are. */
size_t images_read(
    struct images *, int32_t pid, unsigned space, uint64_t addr, uint8_t *, size_t n);

void images_free(struct images *);

#endif
