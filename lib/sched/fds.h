/* SPDX-License-Identifier: MIT */
/*
 * fds - what the descriptors of a process are of
 *
 * Tables are shared until one of those that have them changes it, so that a fork costs nothing.
 * NULL is an empty one. Names are numbers of an intern; INTERN_NONE: not known, or not open.
 */

#ifndef FDS_H
#define FDS_H

#include "base/intern.h"

enum { FDS_MAX = 1024 /* greater descriptors have no names */ };

struct fds;

uint32_t fds_get(const struct fds *, int64_t fd);

/* Set the name of a descriptor, and whether exec closes it. */
void fds_put(struct fds **, int64_t fd, uint32_t name, bool cloexec);

/* Close what exec closes. */
void fds_exec(struct fds **);

/* The same table once more; each is dropped on its own. */
struct fds *fds_share(struct fds *);
void fds_drop(struct fds *);

#endif
