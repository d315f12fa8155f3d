/* SPDX-License-Identifier: MIT */
/*
 * stackdefs - what @HASH stands for: the definitions that a stream has given so far
 *
 * Writers forget what they have defined, and define it again before they use it again; see stacks.
 * So a reader may forget, too, as long as it remembers more than they do: what it was not asked for
 * while 128 MB of others came goes.
 */

#ifndef STACKDEFS_H
#define STACKDEFS_H

#include "base/hash.h"
#include "base/text.h"

struct stackdefs {
	struct stackdefs_half {
		struct hash at; /* where in text; 0 stands for nowhere */
		char *text;
		size_t n, cap;
	} young, old;
};

/* Remember a definition in place of an older one; false where that was another text. */
bool stackdefs_put(struct stackdefs *, uint64_t hash, struct str text);

/*
 * The text of a definition, no bytes where it is not known; it lives until the next call. Whoever
 * passes a place for first is told whether he is the first to do so since it was put. What is put
 * again alike is not new.
 */
struct str stackdefs_get(struct stackdefs *, uint64_t hash, bool *first);

void stackdefs_free(struct stackdefs *);

#endif
