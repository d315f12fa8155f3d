/* SPDX-License-Identifier: MIT */
/* keep - a text that outlives its line, in a buffer that is used again */

#ifndef KEEP_H
#define KEEP_H

#include "text.h"

struct keep {
	char *p;
	size_t n, cap;
};

/* What is kept; "-" while it is empty. Valid until the next change. */
static inline struct str
keep_str(const struct keep *k)
{
	return k->n == 0 ? STR_NONE : (struct str){ k->p, k->n };
}

static inline void
keep_clear(struct keep *k)
{
	k->n = 0;
}

/* Keep s instead, nothing where it is "-". */
void keep_set(struct keep *, struct str);
void keep_add(struct keep *, struct str);

/* Add key=value as to a field of pairs, its text as it stands in a record: nothing where it is "-".
 */
void keep_pair(struct keep *, struct str key, struct str value);
/* The same of key=TID/COMM: nothing where the tid is -1, only the tid where the name is "-". */
void keep_pair_task(struct keep *, struct str key, int32_t tid, struct str comm);

void keep_free(struct keep *);

#endif
