/* SPDX-License-Identifier: MIT */
/* evinfo - the fields of a tracepoint's raw data as text: key=value pairs, escaped strings */

#ifndef EVINFO_H
#define EVINFO_H

#include "evformat.h"

/* Where text is put together; starts all zero. */
struct evinfo {
	char *p;
	size_t n, cap;
};

void evinfo_free(struct evinfo *);

/* Bytes as a text field, of n bytes those before the first NUL; what it gives lives as long as the
 * bytes, or until the next call. */
struct str evinfo_text(struct evinfo *, const void *, size_t n);

/* Append a pair to those that are there; v->n = 0 starts anew. */
void evinfo_add(struct evinfo *, const char *key, uint64_t value);
void evinfo_add_hex(struct evinfo *, const char *key, uint64_t value);
void evinfo_add_bytes(struct evinfo *, const char *key, struct bytes value);

/* The pairs appended so far, "-" where there are none. */
struct str evinfo_str(const struct evinfo *);

/* All fields but the common ones that the data are long enough for; "-" for none. */
struct str evinfo_pairs(struct evinfo *, const struct evformat *, struct bytes raw);

#endif
