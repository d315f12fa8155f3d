/* SPDX-License-Identifier: MIT */
/*
 * stacks - each stack once: which stacks a stream has defined, and under which hash
 *
 * The hash covers the frames without their notes, the machine and the generation of its kernel's
 * maps. If one of the frames is a user's it covers the pid and the generation of the process's
 * maps, too: equal addresses of two programs are two stacks. What is remembered is bounded; a stack
 * that was forgotten is defined again, alike.
 */

#ifndef STACKS_H
#define STACKS_H

#include "rec.h"
#include "stack.h"

struct stacks;

enum stacks_answer {
	STACKS_NEW,   /* define it now */
	STACKS_KNOWN, /* it was defined like this */
	STACKS_CLASH  /* its hash stands for another one: it must be written inline */
};

struct stacks *stacks_new(void);
void stacks_free(struct stacks *);

/* Maps, ksyms, execs, forks and exits change what an address means: told of every record, it looks
 * at those. */
void stacks_note(struct stacks *, const struct rec *);

/*
 * Look a stack of n words (stack_words() says what they are) up, and remember it. text is how its
 * definition is written, empty where that follows from the words.
 */
enum stacks_answer stacks_find(struct stacks *, struct str machine, int32_t pid,
    const uint64_t *word, size_t n, struct str text, uint64_t *hash);

#endif
