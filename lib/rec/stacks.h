/* SPDX-License-Identifier: MIT */
/*
 * stacks - write each stack once: the hash of a stack, and whether it is defined already
 *
 * The hash covers the frames without their notes, the machine and its kernel's maps. If a frame is
 * in user mode, it also covers the pid and the process's maps: equal addresses in two programs are
 * two stacks. A stack that was not used for long is forgotten and defined again; see stackdefs.h.
 */

#ifndef STACKS_H
#define STACKS_H

#include "rec.h"
#include "stack.h"

struct stacks;

enum stacks_answer {
	STACKS_NEW,   /* define it now */
	STACKS_KNOWN, /* it is defined */
	STACKS_CLASH  /* its hash is that of another stack: write it inline */
};

struct stacks *stacks_new(void);
void stacks_free(struct stacks *);

/* Keep track of maps. Call it with every record. */
void stacks_note(struct stacks *, const struct rec *);

/* What the key of a stack takes from its words, whoever has them. */
struct stacks_sum {
	uint64_t hash, check;
	size_t size; /* of the definition, or a little more */
	bool user;   /* a frame is in user mode */
};

struct stacks_sum stacks_sum(const uint64_t *word, size_t n);

struct stacks_key {
	uint64_t hash;
	/* Differs between two stacks with one hash, but for 1 in 2^63 by chance. There is no secret
	 * in it: whoever makes a recording can make two of its stacks equal in both. */
	uint64_t check;
	size_t size; /* of the definition, or a little more */
};

/*
 * The key of a stack of n words, as stack_words() makes them, for the machine and the pid of a
 * record. text is its definition, or empty if no frame has a note, so that the words say it all.
 */
struct stacks_key stacks_key(
    struct stacks *, const struct rec *, const uint64_t *word, size_t n, struct str text);

/* The same without notes, from the sum of the words. */
struct stacks_key stacks_sum_key(struct stacks *, const struct rec *, const struct stacks_sum *);

/* Look up a stack. If it is new, the caller defines it. */
enum stacks_answer stacks_find(struct stacks *, struct stacks_key);

/* The record that defines a stack, at the time of the record that has it. */
struct rec stacks_define(
    const struct rec *, const uint64_t *word, size_t n, struct str text, uint64_t hash);

/* A use of a stack: what its definition needs besides the machine and the frames. */
struct stacks_use {
	struct stacks_key key;
	int64_t t;
	int32_t pid; /* REC_NO_ID if no frame is in user mode */
};

/* The most words of a stack that is read as text: a longer one stays inline. */
enum { STACKS_WORDS = 65536 };

/* The sum of frames. False if they are malformed, or more than max words. */
bool stacks_text_sum(struct stacks *, struct str frames, size_t max, struct stacks_sum *);

/* Note the use of frames with this sum by a record, with the maps of now. */
struct stacks_use stacks_use_sum(struct stacks *, const struct rec *, const struct stacks_sum *);

/* Note the use of frames by a record, with the maps of now. False if they are malformed, or more
 * than max words. */
bool stacks_use(
    struct stacks *, const struct rec *, struct str frames, size_t max, struct stacks_use *);

/*
 * The @HASH of frames that were used, on the same machine, by this record or an earlier one. They
 * are defined in the output first if they are new; valid until the next call. The frames as they
 * are if their hash is another stack's. Adds to *defined, which may be NULL, if it defined them.
 */
struct str stacks_put(struct stacks *, struct out *, const struct rec *, const struct stacks_use *,
    struct str frames, uint64_t *defined);

/* Both. The frames as they are if stacks_use() is false. */
struct str stacks_refer(struct stacks *, struct out *, const struct rec *, struct str frames,
    size_t max, uint64_t *defined);

#endif
