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
	/* all but the last eight digits of the number that out_put_near() wrote last */
	uint64_t near;
	size_t near_n;
	char near_digits[TEXT_NUMBER];
	void *cache; /* of the module that formats the lines: NULL until it allocates one */
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

/* Write a number at d, which is in the buffer. Faster than text_put_u64() if it differs from the
 * last one by little, as times do. Returns its end. */
static inline char *
out_put_near(struct out *o, char *d, uint64_t v)
{
	const uint64_t eight = 100000000;
	uint64_t near = v / eight;

	if (near == 0)
		return d + text_put_u64(d, v);
	if (near != o->near) {
		o->near = near;
		o->near_n = text_put_u64(o->near_digits, near);
	}
	memcpy(d, o->near_digits, sizeof o->near_digits);
	text_put_eight(d + o->near_n, (uint32_t)(v - eight * near));
	return d + o->near_n + 8;
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
