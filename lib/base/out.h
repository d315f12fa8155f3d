/* SPDX-License-Identifier: MIT */
/* out - write to a descriptor through one big buffer; after the first error output is dropped */

#ifndef OUT_H
#define OUT_H

#include "text.h"

struct out {
	int fd;    /* -1: what is written is dropped */
	int error; /* errno of the first failed write, or 0 */
	char *buf;
	size_t n, cap;
	bool lent; /* buf is the caller's: not freed, and replaced if it is too small */
};

void out_open(struct out *, int fd);
void out_flush(struct out *);
void out_free(struct out *);

void out_make_room(struct out *, size_t n);

/* Room for n bytes, any number; the caller adds the bytes it wrote to o->n. */
static inline char *
out_room(struct out *o, size_t n)
{
	if (o->cap - o->n < n)
		out_make_room(o, n);
	return o->buf + o->n;
}

void out_bytes(struct out *, const void *, size_t n);
void out_u64(struct out *, uint64_t);
void out_s64(struct out *, int64_t);
void out_hex(struct out *, uint64_t);

static inline void
out_char(struct out *o, char c)
{
	*out_room(o, 1) = c;
	o->n++;
}

static inline void
out_str(struct out *o, struct str s)
{
	out_bytes(o, s.p, s.n);
}

#endif
