/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stdio.h>

#include "rec.h"
#include "stack.h"

enum { MAXFIELD = 20, MAXNAME = 32, MAXLINE = 64 * 1024 * 1024, LOOKAHEAD = 64 * 1024 };

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
			return have > 0 ? rec_bad(in, "line is cut short") : false;
		}
	}
	line->n = (size_t)(nl - line->p);
	in->taken = line->n + 1;
	if (memchr(line->p, '\0', line->n) != NULL)
		return rec_bad(in, "NUL byte");
	return true;
}

/* Where the field at s ends: at a tab, or at the line's newline. */
static const char *
field_end(const char *s)
{
	while (*s != '\t' && *s != '\n')
		s++;
	return s;
}

static const char *
get_string(const char *s, const char *end, enum rec_type type, void *to)
{
	struct str *v = to;

	v->p = s;
	if (type == REC_T_STACK || type == REC_T_KV) {
		s = memchr(s, '\t', (size_t)(end - s));
		s = s == NULL ? end : s;
	} else {
		s = field_end(s);
	}
	v->n = (size_t)(s - v->p);
	return s;
}

static const char *
get_id(const char *s, const char *end, int32_t *to)
{
	uint64_t v;

	if ((s = text_u64(s, end, &v)) == NULL || v > INT32_MAX)
		return NULL;
	*to = (int32_t)v;
	return s;
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
		return text_s64(s, end, to);
	case REC_T_ID:
		return get_id(s, end, to);
	case REC_T_U64:
		return text_u64(s, end, to);
	case REC_T_HEX:
		return text_hex(s, end, to);
	default:
		return get_string(s, end, f->type, to);
	}
}

static const char *
called(const struct rec *r)
{
	return r->kind == REC_OTHER ? "not a record" : rec_name(r->kind);
}

static bool
bad_field(struct recin *in, const struct rec *r, const struct rec_field *f, const char *s)
{
	int n = (int)(field_end(s) - s);

	n = n < 80 ? n : 80;
	return rec_bad(in, "%s: bad %s \"%.*s\"", called(r), f->name, n, s);
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

static const char *
get_kind(struct recin *in, struct rec *r)
{
	const char *s = r->line.p, *tab = field_end(s);

	if (tab - s == (ptrdiff_t)r->line.n || !is_name(s, tab)) {
		rec_bad(in, "not a record: \"%.*s\"", (int)(tab - s < 80 ? tab - s : 80), s);
		return NULL;
	}
	r->kind = rec_kind_named(s, (size_t)(tab - s));
	return tab;
}

bool
rec_next(struct recin *in, struct rec *r)
{
	const struct rec_field *f;
	const char *s, *end, *next;

	if (!get_line(in, &r->line) || (s = get_kind(in, r)) == NULL)
		return false;
	end = r->line.p + r->line.n;
	r->cpu = r->pid = r->tid = REC_NO_ID;
	for (f = rec_fields(r->kind); f->type != REC_T_END; f++) {
		if (s == end)
			return rec_bad(in, "%s: no field %s", called(r), f->name);
		s++;
		next = get_field(s, end, f, r);
		if (next == NULL || (*next != '\t' && *next != '\n'))
			return bad_field(in, r, f, s);
		s = next;
	}
	r->more = (struct str){ s, (size_t)(end - s) };
	return true;
}

static bool
valid_word(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] == 0x7f || s.p[i] == '\\')
			return false;
	return s.n > 0;
}

/* Pairs with one blank between two, a key before each first =. */
static bool
valid_pairs(struct str s)
{
	const char *p = s.p, *end = s.p + s.n, *blank, *eq;

	while (p < end) {
		blank = memchr(p, ' ', (size_t)(end - p));
		blank = blank == NULL ? end : blank;
		eq = memchr(p, '=', (size_t)(blank - p));
		if (eq == NULL || eq == p)
			return false;
		p = blank + (blank < end);
	}
	return s.n > 0 && s.p[s.n - 1] != ' ';
}

static bool
valid(enum rec_type type, struct str s)
{
	switch (type) {
	case REC_T_WORD:
		return valid_word(s);
	case REC_T_KV:
		return valid_pairs(s);
	case REC_T_ADDR:
		return stack_valid_frame(s);
	case REC_T_STACK:
		return stack_valid(s);
	default:
		return true;
	}
}

/* Fields whose types this version does not know. */
static bool
valid_rest(struct str s)
{
	const char *p = s.p, *end = s.p + s.n, *tab;

	for (; p < end; p = tab) {
		p++;
		tab = memchr(p, '\t', (size_t)(end - p));
		tab = tab == NULL ? end : tab;
		if (!text_valid((struct str){ p, (size_t)(tab - p) }))
			return false;
	}
	return true;
}

bool
rec_check(struct recin *in, const struct rec *r)
{
	const struct rec_field *f;
	const struct str *s;
	bool plain = text_plain(r->line);

	for (f = rec_fields(r->kind); f->type != REC_T_END; f++) {
		if (f->type < REC_T_WORD)
			continue;
		s = (const void *)((const char *)r + f->off);
		if ((!plain && !text_valid(*s)) || (!str_none(*s) && !valid(f->type, *s)))
			return bad_field(in, r, f, s->p);
	}
	return plain || valid_rest(r->more) ||
	       rec_bad(in, "%s: a field has control bytes or a broken escape", called(r));
}

static char *
put_str(char *d, struct str s)
{
	if (s.n > 0) /* a record made by hand has no more fields, and no pointer to them */
		memcpy(d, s.p, s.n);
	return d + s.n;
}

/* A bound for the length of a record's line. */
static size_t
longest(const struct rec *r)
{
	const struct rec_field *f;
	size_t n = MAXNAME + 1 + r->more.n;

	for (f = rec_fields(r->kind); f->type != REC_T_END; f++)
		n += 1 + (f->type < REC_T_WORD
				 ? TEXT_NUMBER
				 : ((const struct str *)((const char *)r + f->off))->n);
	return n;
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
	d = put_str(out_room(o, longest(r)), kind->name);
	for (f = kind->field; f->type != REC_T_END; f++) {
		v = (const char *)r + f->off;
		*d++ = '\t';
		d = f->type < REC_T_WORD ? put_number(d, f->type, v)
					 : put_str(d, *(const struct str *)v);
	}
	d = put_str(d, r->more);
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
