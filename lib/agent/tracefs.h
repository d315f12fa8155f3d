/* SPDX-License-Identifier: MIT */
/* tracefs - the tracing folder of the running kernel, or one of its instances */

#ifndef TRACEFS_H
#define TRACEFS_H

#include "base/fault.h"
#include "base/strbuf.h"

struct tracefs {
	const char *name; /* of the folder, for messages */
	int top, dir;     /* the folder; the instance's, or the same */
	size_t page;      /* bytes of a sub-buffer, its header included */
	int *cpu;         /* the CPUs that are plugged in, ascending */
	size_t ncpus, cap_cpus;
};

/* Open a tracing folder, where the kernel usually mounts it if name is NULL, and an instance unless
 * that is NULL. False with the fault set. */
bool tracefs_open(struct tracefs *, const char *name, const char *instance, struct fault *);
void tracefs_close(struct tracefs *);

/* Read a whole file of the instance, or of the folder if the instance has none; false with errno
 * set. */
bool tracefs_read(const struct tracefs *, const char *file, struct strbuf *);

/* Write a file of the instance; false with errno set. */
bool tracefs_write(const struct tracefs *, const char *file, const char *text);

/* A counter of per_cpu/cpuN/stats, given with its colon, such as "overrun:"; 0 if it is not there.
 */
uint64_t tracefs_stat(const struct strbuf *stats, const char *name);

/* Add the list of CPUs, such as 0-3,8. */
void tracefs_cpus(const struct tracefs *, struct strbuf *);

#endif
