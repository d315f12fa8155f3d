/* SPDX-License-Identifier: MIT */
/*
 * deps - the definitions that those records still need which are left of a stream
 *
 * Told of every record, it keeps the stacks and what is mapped in each process. A record that is
 * left gets in front of it what it refers to, at its time: the maps of its process, those that
 * it has inherited, too, and its stack's definition. The memory is that of spaces and stackdefs,
 * and two words for each process that was written.
 */

#ifndef DEPS_H
#define DEPS_H

#include "base/strbuf.h"
#include "rec/stackdefs.h"
#include "spaces.h"

struct deps {
	struct spaces *spaces;
	struct stackdefs stacks;
	struct hash written; /* processes: the generation of the maps that have been written, + 1 */
	struct strbuf text;
	int64_t now; /* the latest time so far: that of what is written for a record */
};

void deps_open(struct deps *);
void deps_free(struct deps *);

/* Is it a definition: a record that others need? */
bool deps_is_definition(const struct rec *);

/* Take a definition. True if it is to be written here, false if it will be where it is needed. */
bool deps_define(struct deps *, const struct rec *);

/* The frames of a record's stack: an @HASH's if they are known. Until the next call. */
struct str deps_frames(struct deps *, struct rec *);

/* Write what an event needs that is about to be written. */
void deps_write(struct deps *, struct out *, struct rec *);

#endif
