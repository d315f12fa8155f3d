/* SPDX-License-Identifier: MIT */
/*
 * stack - the frames of a call stack, in fields of the types addr and stack; sluice-stack(5)
 *
 * A stack is a list of tokens separated by ; with the innermost frame first. A token k u h gk gu
 * sets the mode of the frames that follow. A frame is ADDRESS or ADDRESS<NOTE>.
 */

#ifndef STACK_H
#define STACK_H

#include "base/text.h"

enum stack_mode {
	MODE_NONE,
	MODE_KERNEL,
	MODE_USER,
	MODE_HV,
	MODE_GUEST_KERNEL,
	MODE_GUEST_USER,
	MODE_COUNT
};

/* The token of a mode, "-" for MODE_NONE. The mode of a token, MODE_NONE if it is none. */
struct str stack_mode_name(enum stack_mode);
enum stack_mode stack_mode_named(struct str);

struct stack_frame {
	enum stack_mode mode;
	uint64_t addr;
	bool innermost;   /* the first after its mode: not a return address */
	struct str token; /* all of it */
	struct str note;  /* between < and >, empty if there is none */
};

/* The parts of a note; those that it lacks are empty. */
struct stack_note {
	struct str symbol; /* without its offset; empty if it is unknown */
	struct str place;  /* the symbol with its offset */
	struct str object, line;
};

struct stack_note stack_note(struct str note);

struct stack_walk {
	const char *p, *end;
	enum stack_mode mode;
	bool innermost;
};

struct stack_walk stack_walk(struct str stack);

/* Read the next frame. False at the end, and at a token that is not a frame: then p < end. */
bool stack_next(struct stack_walk *, struct stack_frame *);

/* Cut the last frame off a stack: its address and its note, without its mode. False if there is
 * none. Any other token counts as a frame that is its own note. */
bool stack_take_last(struct str *stack, struct stack_frame *);

/*
 * A stack in binary is a word for each token: an address, or one of these for a mode. They are the
 * PERF_CONTEXT_* of linux/perf_event.h; no frame can have such an address.
 */
#define STACK_HV ((uint64_t)-32)
#define STACK_KERNEL ((uint64_t)-128)
#define STACK_USER ((uint64_t)-512)
#define STACK_GUEST_KERNEL ((uint64_t)-2176)
#define STACK_GUEST_USER ((uint64_t)-2560)
/* The least that can be a mode's: no code is on the last page. */
#define STACK_MODES ((uint64_t)-4095)

enum { STACK_WORD_TEXT = 17 }; /* the longest text of a word: an address and ; */

/* Convert a stack to words, without its notes. Returns their number, 0 if it is malformed, has more
 * than max, or has an address that is the word of a mode. */
size_t stack_words(struct str stack, uint64_t *word, size_t max);

/* Write the text of n words at d, which has room for n * STACK_WORD_TEXT bytes. Returns its length.
 */
size_t stack_text(char *d, const uint64_t *word, size_t n);

/* 1 if a word is a mark of user mode, of the machine or of a guest, which differ in one bit; 0. */
static inline unsigned
stack_is_user(uint64_t word)
{
	return (word | (STACK_USER ^ STACK_GUEST_USER)) == (STACK_USER | STACK_GUEST_USER);
}

/* Does it have a frame in user mode, of the machine or of a guest? */
bool stack_has_user(const uint64_t *word, size_t n);

/* Is it @HASH, a stack defined elsewhere? */
bool stack_is_ref(struct str, uint64_t *hash);

/* Is the whole text one frame? A stack or an @HASH? */
bool stack_valid_frame(struct str);
bool stack_valid(struct str);

#endif
