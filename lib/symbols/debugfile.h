/* SPDX-License-Identifier: MIT */
/* debugfile - where the separate debug file of a program may be, as gdb(1) looks for it */

#ifndef DEBUGFILE_H
#define DEBUGFILE_H

#include "base/bytes.h"

enum { DEBUGFILE_PLACES = 4, DEBUGFILE_PATH = 4096 };

/*
 * What a program says of its debug file. It is the right one if it has the same build id, or if the
 * program has none, if its checksum is the one of the link.
 */
struct debugfile {
	const char *program; /* its path */
	const char *build;   /* its build id in hex, or "" */
	const char *link;    /* the name in its .gnu_debuglink, or NULL */
	uint32_t checksum;   /* beside it */
};

/* Take the link from the contents of a .gnu_debuglink section, which must outlive it. */
void debugfile_link(struct debugfile *, struct bytes section);

/* Place i of DEBUGFILE_PLACES at path; false where there is none. */
bool debugfile_place(const struct debugfile *, int i, char path[DEBUGFILE_PATH]);

/* The checksum of an open file. */
uint32_t debugfile_checksum(int fd);

#endif
