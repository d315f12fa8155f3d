/* SPDX-License-Identifier: MIT */
/*
 * stackdefs - the last definition of each @HASH, in bounded memory; starts as { 0 }
 *
 * A definition that is not used is forgotten after others of 128 MB, or up to twice that, have been
 * put. Writers (stacks.h) forget much earlier than readers, and define a stack again
 * before they use it again, so that no reader misses a definition.
 */

#ifndef STACKDEFS_H
#define STACKDEFS_H

#include "base/hash.h"
#include "base/strbuf.h"

enum {
	STACKDEFS_LEAST = 128 * 1024 * 1024,
	STACKDEFS_SLOT = 64 /* bytes that count besides those of a text: its entry in the table */
};

struct stackdefs {
	uint64_t undefined; /* calls of stackdefs_get() that found nothing */
	/* private */
	struct stackdefs_half {
		struct hash at; /* places in text, plus 1 */
		struct strbuf text;
		size_t size;
		size_t indexed; /* bytes of text */
	} young, old;
};

/* Put the definition of a stack, replacing an older one that is different. It is only copied until
 * the first definition is asked for: most streams can be folded without the stacks. */
void stackdefs_put(struct stackdefs *, uint64_t hash, struct str text);

/* The same, at once. False if there was a different one. */
bool stackdefs_agree(struct stackdefs *, uint64_t hash, struct str text);

/* The text of a definition, empty if it is unknown; valid until the next call. *first, if it is not
 * NULL, becomes true for the first such call since the definition was put, and false for others.
 * Putting the same definition again changes nothing. */
struct str stackdefs_get(struct stackdefs *, uint64_t hash, bool *first);

void stackdefs_free(struct stackdefs *);

#endif
