/* SPDX-License-Identifier: MIT */

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>

#include "rec.h"

enum { MAXFIELD = 20, MAXNAME = 32, MAXLINE = 64 * 1024 * 1024, LOOKAHEAD = 64 * 1024, SHOWN = 40 };

/* What a line takes beside its strings, and more. */
enum { LEAST_ROOM = MAXNAME + MAXFIELD * (1 + TEXT_NUMBER) + 16 };

static const struct kind {
	struct str name;
	struct rec_field field[MAXFIELD]; /* ends with REC_T_END */
} kinds[] = { { { "", 0 }, { { "t", REC_T_NS, true, offsetof(struct rec, t) },
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

/* Find the next line in the window, reading on where it is not whole. */
static bool
get_line(struct recin *in, struct str *line)
{
	size_t have, seen = 0, want = LOOKAHEAD;
	const char *nl;

	if (fault_is(&in->fault))
		return false;
	input_take(in->in, in->taken);
	in->taken = 0;
	in->line++;
	for (;;) {
		have = in->in->end - in->in->begin;
		line->p = (const char *)input_at(in->in);
		if (have > seen && (nl = memchr(line->p + seen, '\n', have - seen)) != NULL)
			break;
		seen = have;
		if (have > MAXLINE)
			return rec_bad(in, "line is longer than %d bytes", MAXLINE);
		want = want > have ? want : 2 * have;
		if (input_fill(in->in, want) == have) {
			in->fault = in->in->fault;
			in->line -= have == 0;
			return have > 0 ? rec_bad(in, "line is cut short") : false;
		}
	}
	line->n = (size_t)(nl - line->p);
	in->taken = line->n + 1;
	return true;
}

/*
 * Where the field at s ends: at a tab or the line's newline, or at another control byte, which is
 * wrong. Eight bytes at a time; the lowest high bit of low is the first byte below a blank.
 */
static const char *
field_end(const char *s)
{
	const uint64_t ones = 0x0101010101010101, high = ones << 7;
	uint64_t w, low;

	for (;; s += sizeof w) {
		memcpy(&w, s, sizeof w);
		w = le64toh(w);
		low = (w - ones * ' ') & ~w & high;
		if (low != 0)
			return s + __builtin_ctzll(low) / 8;
	}
}

static const char *
get_string(const char *s, struct str *to)
{
	const char *end = field_end(s);

	*to = (struct str){ s, (size_t)(end - s) };
	return end;
}

/* The digits at s, eight at most: how many, and their value. Eight bytes are read. */
static inline unsigned
eight_digits(const char *s, uint64_t *v)
{
	const uint64_t ones = 0x0101010101010101, high = ones << 7;
	uint64_t w, other;
	unsigned n;

	memcpy(&w, s, sizeof w);
	w = le64toh(w) ^ ones * '0';
	other = ((w + ones * (0x80 - 10)) | w) & high; /* right up to the first that is no digit */
	if (other & 0x80)
		return 0;
	n = other == 0 ? 8 : (unsigned)__builtin_ctzll(other) / 8;
	w <<= 64 - 8 * n;
	w = (w * 10 + (w >> 8)) & 0x00ff00ff00ff00ff;
	w = (w * 100 + (w >> 16)) & 0x0000ffff0000ffff;
	*v = (w * 10000 + (w >> 32)) & 0xffffffff;
	return n;
}

/* As text_u64(), for a number within the window: one of 15 digits at most takes two steps. */
static const char *
get_number(const char *s, const char *end, uint64_t *v)
{
	static const uint64_t tens[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000 };
	unsigned n = eight_digits(s, v), more;
	uint64_t low = 0;

	if (n == 0 || (*s == '0' && n > 1))
		return NULL;
	if (n < 8)
		return s + n;
	more = eight_digits(s + 8, &low);
	if (more == 8)
		return text_u64(s, end, v);
	*v = *v * tens[more] + low;
	return s + 8 + more;
}

static const char *
get_signed(const char *s, const char *end, int64_t *to)
{
	uint64_t v;

	if (*s == '-')
		return text_s64(s, end, to);
	if ((s = get_number(s, end, &v)) == NULL || v > INT64_MAX)
		return NULL;
	*to = (int64_t)v;
	return s;
}

static const char *
get_id(const char *s, const char *end, int32_t *to)
{
	uint64_t v;

	if ((s = get_number(s, end, &v)) == NULL || v > INT32_MAX)
		return NULL;
	*to = (int32_t)v;
	return s;
}

static const char *
get_u64(const char *s, const char *end, uint64_t *to)
{
	s = get_number(s, end, to);
	return s == NULL || *to == REC_NO_U64 ? NULL : s;
}

static void
set_none(enum rec_type type, void *to)
{
	if (type == REC_T_ID)
		*(int32_t *)to = REC_NO_ID;
	else if (type == REC_T_U64 || type == REC_T_HEX)
		*(uint64_t *)to = REC_NO_U64;
	else if (type == REC_T_NS || type == REC_T_INT)
		*(int64_t *)to = REC_NO_INT;
	else
		*(struct str *)to = STR_NONE;
}

/* Parse one field: where it ends, NULL if it is not what its type says. */
static const char *
get_field(const char *s, const char *end, const struct rec_field *f, struct rec *r)
{
	void *to = (char *)r + f->off;

	if (*s == '-' && (s[1] == '\t' || s[1] == '\n')) {
		set_none(f->type, to);
		return f->optional ? s + 1 : NULL;
	}
	switch (f->type) {
	case REC_T_NS:
	case REC_T_INT:
		return get_signed(s, end, to);
	case REC_T_ID:
		return get_id(s, end, to);
	case REC_T_U64:
		return get_u64(s, end, to);
	case REC_T_HEX:
		return text_hex(s, end, to);
	default:
		return get_string(s, to);
	}
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
	const char *s = r->line.p, *tab = field_end(s);

	r->kind = rec_kind_named(s, (size_t)(tab - s));
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

bool
rec_read(struct recin *in, struct rec *r)
{
	const char *s = field_end(r->line.p), *end = r->line.p + r->line.n, *next;
	const struct rec_field *f;

	r->cpu = r->pid = r->tid = REC_NO_ID;
	for (f = rec_fields(r->kind); f->type != REC_T_END; f++) {
		if (s == end)
			return rec_bad(in, "%s: no field %s", called(r), f->name);
		s++;
		next = get_field(s, end, f, r);
		if (next == NULL || (*next != '\t' && *next != '\n'))
			return rec_bad_field(in, r, f->name, s);
		s = next;
	}
	r->more = (struct str){ s, (size_t)(end - s) };
	return s == end || memchr(s, '\0', r->more.n) == NULL || rec_bad(in, "NUL byte");
}

bool
rec_next(struct recin *in, struct rec *r)
{
	return rec_line(in, r) && rec_read(in, r);
}

bool
rec_ends_in_ref(const struct rec *r)
{
	const struct rec_field *f = rec_fields(r->kind);
	const char *s = field_end(r->line.p);

	for (; f->type != REC_T_END && f->type != REC_T_STACK && *s == '\t'; f++)
		s = field_end(s + 1);
	return f->type == REC_T_STACK && *s == '\t' && s[1] == '@' && *field_end(s + 1) == '\n';
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
