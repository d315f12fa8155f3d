/* SPDX-License-Identifier: MIT */
/*
 * stack - the frames of a call stack, as the addr and stack fields of records hold them; stack(5)
 *
 * Frames stand innermost first with ; between them. A token k u h gk gu sets the mode of those
 * behind it. A frame is ADDRESS or ADDRESS<NOTE>.
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

/* The token of a mode ("-" for none), and the mode of a token, MODE_NONE where it is no token. */
struct str stack_mode_name(enum stack_mode);
enum stack_mode stack_mode_named(struct str);

struct stack_frame {
	enum stack_mode mode;
	uint64_t addr;
	bool innermost;   /* the first of its mode's run: an address, not a return address */
	struct str token; /* the whole of it */
	struct str note;  /* what stands between < and >, empty where nothing does */
};

struct stack_walk {
	const char *p, *end;
	enum stack_mode mode;
	bool innermost;
};

struct stack_walk stack_walk(struct str stack);

/* The next frame; false at the end, or at a token that is no frame (p then is not at end). */
bool stack_next(struct stack_walk *, struct stack_frame *);

/* Cut the last frame off a stack: its address and its note, without its mode. False if there is
 * none. A token that is no frame is taken as one: it is its own note. */
bool stack_take_last(struct str *stack, struct stack_frame *);

/*
 * A stack in binary: a word a token, its address, or one of these for a mode's, which no frame's
 * address can be (they are perf's PERF_CONTEXT_* of linux/perf_event.h).
 */
#define STACK_HV ((uint64_t)-32)
#define STACK_KERNEL ((uint64_t)-128)
#define STACK_USER ((uint64_t)-512)
#define STACK_GUEST_KERNEL ((uint64_t)-2176)
#define STACK_GUEST_USER ((uint64_t)-2560)

enum { STACK_WORD_TEXT = 17 }; /* the most text of a word: an address and its ; */

/* The words of a stack; stack_text() gives it back, but for its notes. How many, 0 where it is no
 * stack, has more than max, or an address that would read as a mode. */
size_t stack_words(struct str stack, uint64_t *word, size_t max);

/* The text of n words at d, which has room for n * STACK_WORD_TEXT bytes: how many bytes. */
size_t stack_text(char *d, const uint64_t *word, size_t n);

/* Is one of the frames a user's, a guest's user's included? */
bool stack_has_user(const uint64_t *word, size_t n);

/* @HASH: a stack defined elsewhere. */
bool stack_is_ref(struct str, uint64_t *hash);

/* Is it a frame, is it a stack or an @HASH, to the last byte? */
bool stack_valid_frame(struct str);
bool stack_valid(struct str);

#endif
