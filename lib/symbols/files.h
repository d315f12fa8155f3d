/* SPDX-License-Identifier: MIT */
/*
 * files - where the programs, libraries and debug files of a recording are looked for
 *
 * They are opened by base/sysroot: below the sysroot, the folder of debug files or perf's cache of
 * files by build id (perf-buildid-cache(1)), and no path leads out of these.
 */

#ifndef FILES_H
#define FILES_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

struct files_from {
	const char *sysroot;     /* the folder that paths start in; NULL for / */
	const char *debug_dir;   /* NULL for /usr/lib/debug below the sysroot */
	const char *buildid_dir; /* the cache; NULL for none */
	const char *home;        /* without a sysroot, the cache is its .debug; NULL for none */
	const char **vdso;       /* copies of the vdso, which may be anywhere */
	size_t n_vdso;
	const char *jit_maps; /* folder of the files of JIT compilers; NULL: as recorded */
	bool live;            /* take this machine's vdso, too */
};

struct files;

/* NULL with the fault set if one of the folders cannot be opened. */
struct files *files_new(const struct files_from *, struct fault *);
void files_free(struct files *);

/* Out of descriptors or memory: no answer about any file is reliable. NULL if there is no fault. */
const char *files_fault(const struct files *);

enum files_what { FILES_PROGRAM, FILES_VDSO, FILES_DEBUG, FILES_KALLSYMS };

struct files_wanted {
	const char *path;  /* of the program; NULL if it has none that can be opened */
	const char *build; /* its build id in hex, "" if it is unknown */
	const char *link;  /* FILES_DEBUG: the name in its .gnu_debuglink; NULL if it has none */
};

enum { FILES_ABSENT = -1, FILES_END = -2 };

/*
 * Open the file at place i, counted from 0 in the order of cs2text(1): the caller checks what it
 * is and closes it. Returns FILES_ABSENT with the reason in why if it cannot be opened, FILES_END
 * if there are no more places.
 */
int files_open(
    struct files *, enum files_what, const struct files_wanted *, size_t i, struct fault *why);

/* The recorded machine has this release of the kernel: uname -r. */
void files_set_release(struct files *, const char *release, size_t n);

/* Open a file that a JIT compiler wrote, whose path is below the sysroot: in the folder for these,
 * if there is one, by its name. Without folder and sysroot it must belong to this user or root. */
int files_open_jit(struct files *, const char *path, struct fault *why);

/*
 * How much compressed parts of files may inflate to, in bytes: all of them together to 16 MB and 4
 * times the size of the files that were read. files_inflated() counts what was used.
 */
size_t files_room(const struct files *);
void files_inflated(struct files *, uint64_t);

/* Count an open file that is about to be read, which takes times its size of memory. If it
 * was read before, as the debug file of another program or by another path, this counts as
 * inflated; false if there is no room for that. */
bool files_read(struct files *, int fd, unsigned times);

#endif
