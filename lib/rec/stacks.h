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

struct stacks_key {
	uint64_t hash;  /* what stands for it */
	uint64_t check; /* 64 bits more: that two stacks agree in both does not happen by chance */
	size_t size;    /* of its definition, or a bit more */
};

/*
 * The key of a record's stack, of whose fields machine and pid count; it will be looked up soon.
 * Its n words are as stack_words() makes them. text is how its definition is written, empty where
 * that follows from the words, that is where no frame has a note.
 */
struct stacks_key stacks_key(
    struct stacks *, const struct rec *, const uint64_t *word, size_t n, struct str text);

/* Look a stack up, and remember it. */
enum stacks_answer stacks_find(struct stacks *, struct stacks_key);

/* The definition of a stack that is new: a stack record at the time of the record that has it. */
struct rec stacks_define(
    const struct rec *, const uint64_t *word, size_t n, struct str text, uint64_t hash);

#endif
