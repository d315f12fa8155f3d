/* SPDX-License-Identifier: MIT */
/*
 * names - put names beside the addresses of records: each frame of a field of type addr or stack
 * gets its note, all else is copied byte for byte
 *
 * Frames that have a note keep it. State records are copied: what stands in them is another task's.
 */

#ifndef NAMES_H
#define NAMES_H

#include "name.h"

struct names;

/* machine: the only one whose lines get names, empty for all. exact: each frame is counted for the
 * report, which takes longer. */
struct names *names_new(struct name *, struct str machine, bool exact);
void names_free(struct names *);

/* Is there an address in the line just read, its fields read or not, or what names depend on? */
bool names_wanted(const struct names *, const struct recin *, const struct rec *);

/* Write a record; false with the fault set when a source of names turns out to be the wrong one. */
bool names_put(struct names *, struct out *, const struct rec *, struct fault *);

#endif
