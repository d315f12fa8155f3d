/* SPDX-License-Identifier: MIT */

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>

#include "marks.h"
#include "rec.h"

enum { MAXNAME = 32, MAXLINE = 64 * 1024 * 1024, LOOKAHEAD = 64 * 1024, SHOWN = 40 };

/* What a line takes beside its strings, and more. */
enum { LEAST_ROOM = MAXNAME + REC_MAXFIELD * (1 + TEXT_NUMBER) + 16 };

static const struct kind {
	struct str name;
	size_t n;
	struct rec_field field[REC_MAXFIELD]; /* ends with REC_T_END */
} kinds[] = { { { "", 0 }, 2, { { "t", REC_T_NS, true, offsetof(struct rec, t) },
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

bool
rec_bad(struct recin *in, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	return fault_set(
	    &in->fault, "%s:%llu: %s", in->in->name, (unsigned long long)in->line, what);
}

/* Find the marks of the line at s, of which have bytes are there: its length, or SIZE_MAX where
 * its end is not among them. */
static size_t
find_marks(struct recin *in, const char *s, size_t have)
{
	struct marks m;
	uint64_t end;
	size_t at, n = 0;

	for (at = 0; at < have; at += REC_BLOCK) {
		m = marks_of(s + at);
		end = m.newline & -m.newline; /* what is behind its first is of other lines */
		if (have - at < REC_BLOCK && (end == 0 || end >> (have - at) != 0))
			break;
		m.control &= end | (end - 1);
		if (n < REC_MAXFIELD)
			for (; m.control != 0; m.control &= m.control - 1)
				in->mark[n++] = (uint32_t)at + (uint32_t)__builtin_ctzll(m.control);
		if (end != 0) {
			in->nmark = n;
			return at + (unsigned)__builtin_ctzll(end);
		}
	}
	return SIZE_MAX;
}

/* Find the next line in the window, reading on where it is not whole. */
static bool
get_line(struct recin *in, struct str *line)
{
	size_t have, want = LOOKAHEAD;

	if (fault_is(&in->fault))
		return false;
	input_take(in->in, in->taken);
	in->taken = 0;
	in->line++;
	for (;;) {
		have = in->in->end - in->in->begin;
		line->p = (const char *)input_at(in->in);
		line->n = find_marks(in, line->p, have);
		if (line->n != SIZE_MAX)
			break;
		if (have > MAXLINE)
			return rec_bad(in, "line is longer than %d bytes", MAXLINE);
		want = want > have ? want : 2 * have;
		if (input_fill(in->in, want) == have) {
			in->fault = in->in->fault;
			in->line -= have == 0;
			return have > 0 ? rec_bad(in, "line is cut short") : false;
		}
	}
	in->taken = line->n + 1;
	return true;
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

static const char *
called(const struct rec *r)
{
	return r->kind == REC_OTHER ? "not a record" : rec_name(r->kind);
}

bool
rec_bad_field(struct recin *in, const struct rec *r, const char *name, const char *s)
{
	char shown[4 * SHOWN];
	size_t n = 0;

	while (n < SHOWN && s[n] != '\t' && s[n] != '\n')
		n++;
	if (n == 1 && *s == '-')
		return rec_bad(in, "%s: bad %s \"-\"", called(r), name);
	n = text_escape(shown, s, n, "");
	return rec_bad(in, "%s: bad %s \"%.*s\"", called(r), name, (int)n, shown);
}

/* A kind's name is letters, digits, - and _: text that is no record stream does not start so. */
static bool
is_name(const char *s, const char *end)
{
	if (s == end || *s < 'a' || *s > 'z')
		return false;
	for (; s < end; s++)
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= '0' && *s <= '9') && *s != '_' &&
		    *s != '-')
			return false;
	return true;
}

/* The magic of a perf.data file: what is most often given for a record stream by mistake. */
static bool
is_perf_data(struct str line)
{
	return line.n >= 8 &&
	       (memcmp(line.p, "PERFILE2", 8) == 0 || memcmp(line.p, "2ELIFREP", 8) == 0);
}

/* The line's kind; false with the fault set where the line is no record. */
static bool
get_kind(struct recin *in, struct rec *r)
{
	const char *s = r->line.p, *tab = s + in->mark[0];

	r->kind = rec_kind_named(s, in->mark[0]);
	if (*tab == '\t' && (r->kind != REC_OTHER || is_name(s, tab)))
		return true;
	r->kind = REC_OTHER;
	if (in->line == 1 && is_perf_data(r->line))
		rec_bad(in, "a perf.data file, not records: run perf2rec first");
	else
		rec_bad_field(in, r, "kind", s);
	return false;
}

bool
rec_line(struct recin *in, struct rec *r)
{
	return get_line(in, &r->line) && get_kind(in, r);
}

/* Read field i; what a field is can be known when this is compiled. */
static inline __attribute__((always_inline)) bool
read_field(struct recin *in, struct rec *r, const struct rec_field *f, size_t i)
{
	const char *s = r->line.p + in->mark[i] + 1, *next = r->line.p + in->mark[i + 1];

	if (get_field(s, (size_t)(next - s), f, r) && (*next == '\t' || *next == '\n'))
		return true;
	return rec_bad_field(in, r, f->name, s);
}

#define READ(i)                                                                                    \
	if (i < k->n && !read_field(in, r, &k->field[i], i))                                       \
		return false;

/* All of them, one behind the other: a loop would have to find out what each one is. */
static inline __attribute__((always_inline)) bool
read_fields(struct recin *in, struct rec *r, const struct kind *k)
{
	const char *more;

	if (in->nmark <= k->n)
		return rec_bad(in, "%s: no field %s", called(r), k->field[in->nmark - 1].name);
	READ(0) READ(1) READ(2) READ(3) READ(4) READ(5) READ(6) READ(7) READ(8) READ(9)
	READ(10) READ(11) READ(12) READ(13) READ(14) READ(15) READ(16) READ(17) READ(18)
	more = r->line.p + in->mark[k->n];
	r->more = (struct str){ more, (size_t)(r->line.p + r->line.n - more) };
	return r->more.n == 0 || memchr(more, '\0', r->more.n) == NULL || rec_bad(in, "NUL byte");
}

/* The commonest kinds are compiled apart. */
bool
rec_read(struct recin *in, struct rec *r)
{
	r->cpu = r->pid = r->tid = REC_NO_ID;
	switch (r->kind) {
	case REC_SWITCH:
		return read_fields(in, r, &kinds[REC_SWITCH]);
	case REC_WAKEUP:
		return read_fields(in, r, &kinds[REC_WAKEUP]);
	case REC_STATE:
		return read_fields(in, r, &kinds[REC_STATE]);
	case REC_ARROW:
		return read_fields(in, r, &kinds[REC_ARROW]);
	default:
		return read_fields(in, r, &kinds[r->kind]);
	}
}

bool
rec_next(struct recin *in, struct rec *r)
{
	return rec_line(in, r) && rec_read(in, r);
}

bool
rec_ends_in_ref(const struct recin *in, const struct rec *r)
{
	const struct kind *k = &kinds[r->kind];

	return k->n > 0 && k->field[k->n - 1].type == REC_T_STACK && in->nmark == k->n + 1 &&
	       r->line.p[in->mark[k->n - 1] + 1] == '@';
}

static char *
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

/* Put a string at d, with as much room behind it as all else takes. */
static char *
put_string(struct out *o, char *d, struct str s)
{
	o->n = (size_t)(d - o->buf);
	return str_put(out_room(o, s.n + LEAST_ROOM), s);
}

void
rec_put(struct out *o, const struct rec *r)
{
	const struct kind *kind = &kinds[r->kind];
	const struct rec_field *f;
	const void *v;
	char *d;

	if (r->kind == REC_OTHER) {
		rec_copy(o, r);
		return;
	}
	d = str_put(out_room(o, LEAST_ROOM), kind->name);
	for (f = kind->field; f->type != REC_T_END; f++) {
		v = (const char *)r + f->off;
		*d++ = '\t';
		d = f->type < REC_T_WORD ? put_number(d, f->type, v)
					 : put_string(o, d, *(const struct str *)v);
	}
	d = put_string(o, d, r->more);
	*d++ = '\n';
	o->n = (size_t)(d - o->buf);
}

void
rec_copy(struct out *o, const struct rec *r)
{
	char *d = out_room(o, r->line.n + 1);

	memcpy(d, r->line.p, r->line.n);
	d[r->line.n] = '\n';
	o->n += r->line.n + 1;
}
