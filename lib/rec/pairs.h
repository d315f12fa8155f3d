/* SPDX-License-Identifier: MIT */
/* pairs - build and read a field of key=value pairs with blanks between them */

#ifndef PAIRS_H
#define PAIRS_H

#include "base/strbuf.h"

/* Add key=value, where value is the text of a field; nothing if it is "-". */
void pairs_add(struct strbuf *, struct str key, struct str value);

/* Add key=TID/COMM: nothing if tid is -1, no name if comm is "-". */
void pairs_add_task(struct strbuf *, struct str key, int32_t tid, struct str comm);

/* The value of a key, still escaped; p is NULL if there is none. */
struct str pairs_get(struct str pairs, struct str key);

#endif
