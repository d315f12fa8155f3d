/* SPDX-License-Identifier: MIT */
/*
 * recorded - the symbols of files that the stream itself has, in usym records
 *
 * A file is known by its machine and path. A later symbol takes the place of what it overlaps.
 */

#ifndef RECORDED_H
#define RECORDED_H

#include "rec/rec.h"

struct recorded;

struct recorded *recorded_new(void);
void recorded_free(struct recorded *);

/* Account for a usym record of the machine with that number. */
void recorded_add(struct recorded *, uint32_t machine, const struct rec *);

struct recorded_symbol {
	uint64_t start;  /* its offset in the file */
	struct str name; /* escaped; valid until the next recorded_add() */
};

/* Find the symbol that the byte at an offset of a file belongs to. */
bool recorded_find(
    struct recorded *, uint32_t machine, struct str path, uint64_t off, struct recorded_symbol *);

#endif
