/* SPDX-License-Identifier: MIT */
/*
 * intern - number texts: equal texts get the same number, counted from 0 in the order of their
 * first intern_put()
 *
 * A text is any bytes, so a struct without padding can be one. Keep what belongs to the texts in an
 * array of your own, indexed by their numbers:
 *
 *	id = intern_put(&names, name);
 *	if (id == n)
 *		... add element n to the array ...
 *
 * A table starts as { 0 }.
 */

#ifndef INTERN_H
#define INTERN_H

#include "arena.h"
#include "hashkey.h"

#define INTERN_NONE UINT32_MAX

enum { INTERN_RECENT = 16 };

struct intern {
	size_t n; /* the number of texts */
	/* private */
	struct str *text;
	struct intern_slot *slot;
	size_t cap_text, cap_slot;
	struct arena bytes;
	struct hash_key key;
	/* the number that intern_put() returned last for some of the texts, or 0 */
	uint32_t recent[INTERN_RECENT];
};

/* Return the number of a text, INTERN_NONE if it was never put. */
uint32_t intern_find(const struct intern *, struct str);

/* intern_put() for a text that is not a recent one; only intern_put() calls it. */
uint32_t intern_put_other(struct intern *, struct str, uint32_t *recent);

/* Return the number of a text. A new text is copied and gets the number n. */
static inline uint32_t
intern_put(struct intern *t, struct str s)
{
	unsigned char last = 0;
	uint32_t *recent;

	if (s.n > 0)
		memcpy(&last, s.p + s.n - 1, 1);
	recent = &t->recent[(s.n + last) % INTERN_RECENT];
	if (*recent < t->n && str_eq(t->text[*recent], s))
		return *recent;
	return intern_put_other(t, s, recent);
}

/* Return the text of a number less than n, with a NUL byte after it; valid until intern_free(). */
static inline struct str
intern_str(const struct intern *t, uint32_t id)
{
	return t->text[id];
}

/* Free all texts. The table is empty, and can be used again. */
void intern_free(struct intern *);

#endif
