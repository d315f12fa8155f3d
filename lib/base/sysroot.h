/* SPDX-License-Identifier: MIT */
/*
 * sysroot - open files that an input names
 *
 * No path leads out of the folder, neither by .. nor by a symbolic link (openat2(2), Linux 5.6).
 * Only regular files are opened: a device, FIFO or terminal is never touched.
 */

#ifndef SYSROOT_H
#define SYSROOT_H

#include "fault.h"

struct sysroot {
	int folder;         /* a descriptor; AT_FDCWD: paths are taken as they are */
	struct fault fault; /* out of descriptors or memory: no answer about any file is reliable */
};

/* folder: the root of all paths; NULL for the real one. False with the fault set. */
bool sysroot_open(struct sysroot *, const char *folder);
void sysroot_close(struct sysroot *);

/*
 * Open a file for reading. Returns the descriptor, or -1 with the reason (without the path) in why;
 * if the reason is not the file's, the sysroot's fault is set as well. A file of 0 bytes, as those
 * of /proc are, is refused.
 */
int sysroot_file(struct sysroot *, const char *path, struct fault *why);

/* The same, but a file of 0 bytes is opened. */
int sysroot_empty_file(struct sysroot *, const char *path, struct fault *why);

#endif
