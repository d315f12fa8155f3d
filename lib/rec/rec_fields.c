/* SPDX-License-Identifier: MIT */
/* What the kinds have, and their fields from a line and to one. */

#include <endian.h>

#include "rec.h"

enum { MAXNAME = 32 };

/* What a line takes beside its strings, and more. */
enum { LEAST_ROOM = MAXNAME + REC_MAXFIELD * (1 + TEXT_NUMBER) + 16 };

static const struct kind {
	struct str name;
	size_t n;
	struct rec_field field[REC_MAXFIELD]; /* ends with REC_T_END */
} kinds[] = { { { "", 0 }, 2,
		  { { "t", REC_T_NS, true, offsetof(struct rec, t) },
		      { "machine", REC_T_TEXT, false, offsetof(struct rec, machine) } } },
	REC_TABLE };

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

/* The value of n digits, eight at most; bit 7 of each byte in *other that is no digit. Eight bytes
 * are read. */
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

/* As text_u64(), of n bytes in the window: UINT64_MAX where they are no number. Up to 16 digits
 * are read without waiting for each other. */
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

static void
set_none(enum rec_type type, void *to)
{
	if (type == REC_T_ID)
		*(int32_t *)to = REC_NO_ID;
	else if (type == REC_T_NS || type == REC_T_INT)
		*(int64_t *)to = REC_NO_INT;
	else
		*(uint64_t *)to = REC_NO_U64;
}

/* A number that is not just some decimal digits. */
static bool
get_odd(const char *s, size_t n, const struct rec_field *f, void *to)
{
	if (n == 1 && *s == '-') {
		set_none(f->type, to);
		return f->optional;
	}
	if (f->type == REC_T_HEX)
		return text_hex(s, s + n, to) == s + n;
	return f->type <= REC_T_INT && *s == '-' && text_s64(s, s + n, to) == s + n;
}

/* Parse one field of n bytes: false if it is not what its type says. */
static inline __attribute__((always_inline)) bool
get_field(const char *s, size_t n, const struct rec_field *f, struct rec *r)
{
	void *to = (char *)r + f->off;
	uint64_t v;

	if (f->type >= REC_T_WORD) {
		*(struct str *)to = (struct str){ s, n };
		return f->optional || n != 1 || *s != '-';
	}
	if (f->type == REC_T_HEX)
		return get_odd(s, n, f, to);
	v = get_number(s, n);
	if (f->type == REC_T_ID && v <= INT32_MAX)
		*(int32_t *)to = (int32_t)v;
	else if (f->type == REC_T_U64 ? v != REC_NO_U64 : f->type != REC_T_ID && v <= INT64_MAX)
		*(uint64_t *)to = v;
	else
		return get_odd(s, n, f, to);
	return true;
}

/*
 * For each field of a kind, one behind the other: a loop would have to find out what each one is,
 * and of the commonest kinds that can be known when this is compiled.
 */
/* clang-format off */
#define EACH_FIELD(DO) \
	DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) \
	DO(10) DO(11) DO(12) DO(13) DO(14) DO(15) DO(16) DO(17) DO(18)
/* clang-format on */

/* Do something with k, what the kind is. */
#define ONE_KIND(kind, k, DO)                                                                      \
	(k) = &kinds[kind];                                                                        \
	DO;                                                                                        \
	break;

#define OF_KIND(kind, k, DO)                                                                       \
	switch (kind) {                                                                            \
	case REC_SWITCH:                                                                           \
		ONE_KIND(REC_SWITCH, k, DO)                                                        \
	case REC_WAKEUP:                                                                           \
		ONE_KIND(REC_WAKEUP, k, DO)                                                        \
	case REC_STATE:                                                                            \
		ONE_KIND(REC_STATE, k, DO)                                                         \
	case REC_ARROW:                                                                            \
		ONE_KIND(REC_ARROW, k, DO)                                                         \
	default:                                                                                   \
		ONE_KIND(kind, k, DO)                                                              \
	}

static inline __attribute__((always_inline)) bool
read_field(struct recin *in, struct rec *r, const struct rec_field *f, size_t i)
{
	const char *s = r->line.p + in->mark[i] + 1, *next = r->line.p + in->mark[i + 1];

	if (get_field(s, (size_t)(next - s), f, r) && (*next == '\t' || *next == '\n'))
		return true;
	return rec_bad_field(in, r, f->name, s);
}

#define READ(i)                                                                                    \
	if ((i) < k->n && !read_field(in, r, &k->field[i], i))                                     \
		return false;

/* What is wrong with a line that ends too early: the first field that is, or is not there. */
static bool
missing(struct recin *in, struct rec *r, const struct kind *k)
{
	size_t i;

	for (i = 0; i + 1 < in->nmark; i++)
		if (!read_field(in, r, &k->field[i], i))
			return false;
	return rec_bad(in, "%s: no field %s", rec_called(r), k->field[i].name);
}

static inline __attribute__((always_inline)) bool
read_fields(struct recin *in, struct rec *r, const struct kind *k)
{
	const char *more;

	if (in->nmark <= k->n)
		return missing(in, r, k);
	EACH_FIELD(READ)
	more = r->line.p + in->mark[k->n];
	r->more = (struct str){ more, (size_t)(r->line.p + r->line.n - more) };
	return r->more.n == 0 || memchr(more, '\0', r->more.n) == NULL || rec_bad(in, "NUL byte");
}

bool
rec_read(struct recin *in, struct rec *r)
{
	const struct kind *k;
	bool good;

	r->cpu = r->pid = r->tid = REC_NO_ID;
	OF_KIND(r->kind, k, good = read_fields(in, r, k))
	return good;
}

bool
rec_peek(const struct recin *in, struct rec *r, size_t i)
{
	size_t from = in->mark[i] + 1;

	return i + 1 < in->nmark &&
	       get_field(r->line.p + from, in->mark[i + 1] - from, &kinds[r->kind].field[i], r);
}

bool
rec_ends_in_ref(const struct recin *in, const struct rec *r)
{
	const struct kind *k = &kinds[r->kind];

	return k->n > 0 && k->field[k->n - 1].type == REC_T_STACK && in->nmark == k->n + 1 &&
	       r->line.p[in->mark[k->n - 1] + 1] == '@';
}

static inline __attribute__((always_inline)) char *
put_number(char *d, enum rec_type type, const void *v)
{
	switch (type) {
	case REC_T_NS:
	case REC_T_INT:
		if (*(const int64_t *)v != REC_NO_INT)
			return d + text_put_s64(d, *(const int64_t *)v);
		break;
	case REC_T_ID:
		if (*(const int32_t *)v >= 0)
			return d + text_put_u64(d, (uint64_t) * (const int32_t *)v);
		break;
	case REC_T_HEX:
		return d + text_put_hex(d, *(const uint64_t *)v);
	default:
		if (*(const uint64_t *)v != REC_NO_U64)
			return d + text_put_u64(d, *(const uint64_t *)v);
	}
	*d = '-';
	return d + 1;
}

#define STRING(f) (*(const struct str *)(const void *)((const char *)r + (f)->off))

#define ROOM(i)                                                                                    \
	if ((i) < k->n && k->field[i].type >= REC_T_WORD)                                          \
		room += STRING(&k->field[i]).n;

#define PUT(i)                                                                                     \
	if ((i) < k->n) {                                                                          \
		*d++ = '\t';                                                                       \
		d = k->field[i].type >= REC_T_WORD                                                 \
			? str_put(d, STRING(&k->field[i]))                                         \
			: put_number(d, k->field[i].type, (const char *)r + k->field[i].off);      \
	}

static inline __attribute__((always_inline)) void
put_fields(struct out *o, const struct rec *r, const struct kind *k)
{
	size_t room = LEAST_ROOM + r->more.n;
	char *d;

	EACH_FIELD(ROOM)
	d = str_put(out_room(o, room), k->name);
	EACH_FIELD(PUT)
	d = str_put(d, r->more);
	*d++ = '\n';
	o->n = (size_t)(d - o->buf);
}

void
rec_put(struct out *o, const struct rec *r)
{
	const struct kind *k;

	if (r->kind == REC_OTHER)
		rec_copy(o, r);
	else
		OF_KIND(r->kind, k, put_fields(o, r, k))
}
