/* SPDX-License-Identifier: MIT */
/*
 * intern - number texts: equal texts get the same number, counted from 0 in the order of their
 * first intern_put()
 *
 * A text is any bytes, so a struct without padding can be one. What belongs to a text is kept in an
 * array indexed by its number:
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

struct intern {
	size_t n; /* the number of texts */
	/* private */
	struct str *text;
	struct intern_slot *slot;
	size_t cap_text, cap_slot;
	struct arena bytes;
	struct hash_key key;
	uint32_t last; /* the number that intern_put() returned last */
};

/* The number of a text; INTERN_NONE if it was never put. */
uint32_t intern_find(const struct intern *, struct str);

/* The same when the text is not the one put last. */
uint32_t intern_put_other(struct intern *, struct str);

/* The number of a text, which is copied when it is new. */
static inline uint32_t
intern_put(struct intern *t, struct str s)
{
	if (t->last < t->n && str_eq(t->text[t->last], s))
		return t->last;
	return intern_put_other(t, s);
}

/* The text of a number, followed by a NUL byte; valid until intern_free(). */
static inline struct str
intern_str(const struct intern *t, uint32_t id)
{
	return t->text[id];
}

void intern_free(struct intern *);

#endif
