/* SPDX-License-Identifier: MIT */
/* Parse and write the fields of a line. */

#include <endian.h>

#include "rec_int.h"

enum { OPTIONAL = true, REQUIRED = false };

/* What the generated functions call must become part of them: a call for each field costs 15% of
 * reccheck's speed. */
#define INLINE static inline __attribute__((always_inline))

/* The value of n digits, 1 to 8. Sets bit 7 of the bytes of *other that are no digits. Reads eight
 * bytes. */
static inline uint64_t
few_digits(const char *s, size_t n, uint64_t *other)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t w;

	memcpy(&w, s, sizeof w);
	w = (le64toh(w) ^ ones * '0') << (64 - 8 * n);
	*other |= (w + ones * (0x80 - 10)) | w;
	w = (w * 10 + (w >> 8)) & 0x00ff00ff00ff00ff;
	w = (w * 100 + (w >> 16)) & 0x0000ffff0000ffff;
	return (w * 10000 + (w >> 32)) & 0xffffffff;
}

/* Parse a number of n digits in the window, as text_u64() does, but up to 16 of them in parallel.
 * Returns UINT64_MAX if it is malformed. */
static uint64_t
get_number(const char *s, size_t n)
{
	const uint64_t high = 0x8080808080808080;
	uint64_t v, other = 0;

	if (n == 0 || n > 16)
		return text_u64(s, s + n, &v) == s + n ? v : UINT64_MAX;
	if (n <= 8)
		v = few_digits(s, n, &other);
	else
		v = few_digits(s, n - 8, &other) * 100000000 + few_digits(s + n - 8, 8, &other);
	return (other & high) == 0 && (*s != '0' || n == 1) ? v : UINT64_MAX;
}

/* Field i of the line, up to the next control byte. */
INLINE struct str
field(const struct recin *in, const struct rec *r, size_t i)
{
	size_t from = in->mark[i] + 1;

	return (struct str){ r->line.p + from, in->mark[i + 1] - from };
}

/* Is the next control byte one that may end a field? */
INLINE bool
ends_well(struct str s)
{
	return s.p[s.n] == '\t' || s.p[s.n] == '\n';
}

/* Parse field i. False if it is malformed. */
INLINE bool
read_str(const struct recin *in, const struct rec *r, size_t i, bool optional, struct str *to)
{
	*to = field(in, r, i);
	return ends_well(*to) && (optional || !str_none(*to));
}

static bool
get_negative(struct str s, bool optional, int64_t *to)
{
	*to = REC_NO_INT;
	return str_none(s) ? optional : *s.p == '-' && text_s64(s.p, s.p + s.n, to) == s.p + s.n;
}

INLINE bool
read_s64(const struct recin *in, const struct rec *r, size_t i, bool optional, int64_t *to)
{
	struct str s = field(in, r, i);
	uint64_t v = get_number(s.p, s.n);

	*to = (int64_t)v;
	return ends_well(s) && (v <= INT64_MAX || get_negative(s, optional, to));
}

INLINE bool
read_id(const struct recin *in, const struct rec *r, size_t i, bool optional, int32_t *to)
{
	struct str s = field(in, r, i);
	uint64_t v = get_number(s.p, s.n);

	*to = v <= INT32_MAX ? (int32_t)v : REC_NO_ID;
	return ends_well(s) && (v <= INT32_MAX || (optional && str_none(s)));
}

INLINE bool
read_u64(const struct recin *in, const struct rec *r, size_t i, bool optional, uint64_t *to)
{
	struct str s = field(in, r, i);

	*to = get_number(s.p, s.n);
	return ends_well(s) && (*to != REC_NO_U64 || (optional && str_none(s)));
}

INLINE bool
read_hex(const struct recin *in, const struct rec *r, size_t i, bool optional, uint64_t *to)
{
	struct str s = field(in, r, i);

	if (text_hex(s.p, s.p + s.n, to) == s.p + s.n)
		return ends_well(s);
	*to = REC_NO_U64;
	return ends_well(s) && optional && str_none(s);
}

/* The space for tabs, numbers and the newline of a line. */
enum { LEAST_ROOM = REC_MAXFIELD * (1 + TEXT_NUMBER) + 1 };

INLINE char *
begin_line(struct out *o, const struct rec *r, struct str name, size_t strings)
{
	return str_put(out_room(o, LEAST_ROOM + name.n + strings + r->more.n), name);
}

static inline void
end_line(struct out *o, const struct rec *r, char *d)
{
	d = str_put(d, r->more);
	*d++ = '\n';
	o->n = (size_t)(d - o->buf);
}

/* Write a field with its tab at d. Returns where it ends. */
INLINE char *
put_str(char *d, struct str s)
{
	*d++ = '\t';
	return str_put(d, s);
}

INLINE char *
put_s64(char *d, int64_t v)
{
	*d++ = '\t';
	return v == REC_NO_INT ? str_put(d, STR_NONE) : d + text_put_s64(d, v);
}

INLINE char *
put_id(char *d, int32_t v)
{
	*d++ = '\t';
	return v < 0 ? str_put(d, STR_NONE) : d + text_put_u64(d, (uint64_t)v);
}

INLINE char *
put_u64(char *d, uint64_t v)
{
	*d++ = '\t';
	return v == REC_NO_U64 ? str_put(d, STR_NONE) : d + text_put_u64(d, v);
}

INLINE char *
put_hex(char *d, uint64_t v)
{
	*d++ = '\t';
	return d + text_put_hex(d, v);
}

struct kind {
	struct str name;
	size_t n;
	bool (*read)(const struct recin *, struct rec *);
	void (*put)(struct out *, const struct rec *);
	struct rec_field field[REC_MAXFIELD + 1]; /* ends with REC_T_END */
};

static bool
read_other(const struct recin *in, struct rec *r)
{
	return read_s64(in, r, 0, OPTIONAL, &r->t) && read_str(in, r, 1, REQUIRED, &r->machine);
}

#include "record_lines.h"

const struct rec_field *
rec_fields(enum rec_kind kind)
{
	return kinds[kind].field;
}

const char *
rec_name(enum rec_kind kind)
{
	return kinds[kind].name.p;
}

struct str *
rec_stack(struct rec *r)
{
	const struct rec_field *f = rec_fields(r->kind);

	while (f->type != REC_T_END && f->type != REC_T_STACK)
		f++;
	return f->type == REC_T_END ? NULL : (struct str *)(void *)((char *)r + f->off);
}

const char *
rec_called(const struct rec *r)
{
	return r->kind == REC_OTHER ? "not a record" : rec_name(r->kind);
}

/* Parse one field of any kind; the line must have it. */
static bool
read_field(const struct recin *in, struct rec *r, size_t i)
{
	const struct rec_field *f = &kinds[r->kind].field[i];
	void *to = (char *)r + f->off;

	switch (f->type) {
	case REC_T_NS:
	case REC_T_INT:
		return read_s64(in, r, i, f->optional, to);
	case REC_T_ID:
		return read_id(in, r, i, f->optional, to);
	case REC_T_U64:
		return read_u64(in, r, i, f->optional, to);
	case REC_T_HEX:
		return read_hex(in, r, i, f->optional, to);
	default:
		return read_str(in, r, i, f->optional, to);
	}
}

bool
rec_peek(const struct recin *in, struct rec *r, size_t i)
{
	return i + 1 < in->nmark && read_field(in, r, i);
}

/* Report the first field of the line that is malformed or missing. */
static bool
bad_line(struct recin *in, struct rec *r)
{
	const struct kind *k = &kinds[r->kind];
	size_t i;

	for (i = 0; i < k->n && i + 1 < in->nmark; i++)
		if (!read_field(in, r, i))
			return rec_bad_field(in, r, k->field[i].name, field(in, r, i).p);
	return rec_bad(in, "%s: no field %s", rec_called(r), k->field[i].name);
}

bool
rec_read(struct recin *in, struct rec *r)
{
	const struct kind *k = &kinds[r->kind];
	const char *more;

	r->cpu = r->pid = r->tid = REC_NO_ID;
	if (in->nmark <= k->n || !k->read(in, r))
		return bad_line(in, r);
	more = r->line.p + in->mark[k->n];
	r->more = (struct str){ more, (size_t)(r->line.p + r->line.n - more) };
	return r->more.n == 0 || memchr(more, '\0', r->more.n) == NULL || rec_bad(in, "NUL byte");
}

bool
rec_ends_in_ref(const struct recin *in, const struct rec *r)
{
	const struct kind *k = &kinds[r->kind];

	return k->n > 0 && k->field[k->n - 1].type == REC_T_STACK && in->nmark == k->n + 1 &&
	       r->line.p[in->mark[k->n - 1] + 1] == '@';
}

void
rec_put(struct out *o, const struct rec *r)
{
	kinds[r->kind].put(o, r);
}
