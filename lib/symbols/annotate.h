/* SPDX-License-Identifier: MIT */
/*
 * annotate - put names beside the addresses of records: each frame of a field of type addr or stack
 * gets its note, all else is copied byte for byte
 *
 * Frames that have a note keep it. State records are copied: what stands in them is another task's.
 */

#ifndef ANNOTATE_H
#define ANNOTATE_H

#include "symbolize.h"

struct annotate;

/* machine: the only one whose lines get names, empty for all. exact: each frame is counted for the
 * report, which takes longer. */
struct annotate *annotate_new(struct symbolize *, struct str machine, bool exact);
void annotate_free(struct annotate *);

/* Is there an address in the line just read, its fields read or not, or what names depend on? */
bool annotate_wanted(const struct annotate *, const struct recin *, const struct rec *);

/* Write a record; false with the fault set when a source of names turns out to be the wrong one. */
bool annotate_put(struct annotate *, struct out *, const struct rec *, struct fault *);

#endif
