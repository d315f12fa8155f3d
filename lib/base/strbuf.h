/* SPDX-License-Identifier: MIT */
/* strbuf - a text that outlives its line, in a buffer that is used again */

#ifndef STRBUF_H
#define STRBUF_H

#include "text.h"

struct strbuf {
	char *p;
	size_t n, cap;
};

/* What is kept; "-" while it is empty. Valid until the next change. */
static inline struct str
strbuf_str(const struct strbuf *k)
{
	return k->n == 0 ? STR_NONE : (struct str){ k->p, k->n };
}

static inline void
strbuf_clear(struct strbuf *k)
{
	k->n = 0;
}

/* Keep s instead, nothing where it is "-". */
void strbuf_set(struct strbuf *, struct str);
void strbuf_add(struct strbuf *, struct str);

/* Add key=value as to a field of pairs, its text as it stands in a record: nothing where it is "-".
 */
void strbuf_pair(struct strbuf *, struct str key, struct str value);
/* The same of key=TID/COMM: nothing where the tid is -1, only the tid where the name is "-". */
void strbuf_pair_task(struct strbuf *, struct str key, int32_t tid, struct str comm);

void strbuf_free(struct strbuf *);

#endif
