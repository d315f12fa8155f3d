/* SPDX-License-Identifier: MIT */
/*
 * deps - the definitions that selected records of a stream depend on
 *
 * It is given all definitions. Before a selected record, it writes the definitions that the record
 * refers to: the maps that its user addresses fall into, inherited ones included, and the
 * definition of its stack. It takes the memory of spaces and stackdefs.
 */

#ifndef DEPS_H
#define DEPS_H

#include "rec/rec.h"

struct deps;

struct deps *deps_new(void);
void deps_free(struct deps *);

/* Take a definition. True if it must be written now, false if deps_write() writes it when a record
 * needs it. */
bool deps_define(struct deps *, const struct rec *);

/* The frames of a record's stack, those of an @HASH if it is known. Valid until the next call. */
struct str deps_frames(struct deps *, struct rec *);

/* The number of calls for an @HASH that was not known. */
uint64_t deps_undefined(const struct deps *);

/* Write what an event that is about to be written needs. */
void deps_write(struct deps *, struct out *, struct rec *);

/* The number of maps that were not written because they outgrew the input. */
uint64_t deps_dropped(const struct deps *);

#endif
