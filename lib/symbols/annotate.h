/* SPDX-License-Identifier: MIT */
/*
 * annotate - symbols for the addresses of records: each frame of a field of type addr or stack gets
 * its note; everything else is copied byte for byte
 *
 * A frame that has a note keeps it, unless that has no name and a source has one. State records are
 * copied: their stacks are those of other tasks. Once notes have made the output 256 times as long
 * as the input, no more are added.
 */

#ifndef ANNOTATE_H
#define ANNOTATE_H

#include "base/patterns.h"
#include "symbolize.h"

struct annotate;

/* machines: those whose records are annotated; none: all. exact: count each frame for the report,
 * which takes longer. */
struct annotate *annotate_new(struct symbolize *, struct patterns *machines, bool exact);
void annotate_free(struct annotate *);

/* Write the line just read, if that takes none of its fields but what was met before. If it is
 * false, nothing was written. */
bool annotate_line(struct annotate *, const struct recin *, struct rec *, struct out *);

/* Write a record; false with the fault set if a source of symbols turns out to be unusable. */
bool annotate_put(struct annotate *, struct out *, const struct rec *, struct fault *);

/* The number of records whose @HASH was not defined before them. It is too low if there are a
 * hundred thousand definitions: they share a million bits. */
uint64_t annotate_undefined(const struct annotate *);

/* Report fields that were not annotated because the output had outgrown the input, and states that
 * came without names. */
void annotate_report(const struct annotate *,
    void (*note)(void *arg, const char *kind, const char *text), void *arg);

#endif
