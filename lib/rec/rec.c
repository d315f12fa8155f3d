/* SPDX-License-Identifier: MIT */

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/perfmagic.h"
#include "fields.h"
#include "marks.h"
#include "rec_int.h"

/* --- lines */

enum { MAXLINE = 64 * 1024 * 1024, LOOKAHEAD = 64 * 1024, SHOWN = 40 };

bool
rec_bad(struct recin *in, const char *fmt, ...)
{
	char what[384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	return fault_set(
	    &in->fault, "%s:%llu: %s", in->in->name, (unsigned long long)in->line, what);
}

/* Find the control bytes of the line at s, up to its newline, in a window of have bytes. Returns
 * the length of the line, SIZE_MAX if the window has no newline. */
static size_t
find_marks(struct recin *in, const char *s, size_t have)
{
	uint64_t control;
	size_t at, i, n = 0;

	for (at = 0; at < have; at += REC_BLOCK) {
		control = marks_of(s + at);
		while (control == 0 && at + REC_BLOCK < have) { /* a long text, often a stack */
			at += REC_BLOCK;
			if (marks_any(s + at))
				control = marks_of(s + at);
		}
		if (have - at < REC_BLOCK)
			control &= (UINT64_C(1) << (have - at)) - 1;
		n = n < REC_MAXMARK ? n : REC_MAXMARK;
		for (; control != 0; control &= control - 1) {
			i = at + (unsigned)__builtin_ctzll(control);
			in->mark[n++] = (uint32_t)i;
			if (s[i] != '\n')
				continue;
			in->nmark = n;
			return i;
		}
	}
	return SIZE_MAX;
}

/* Find the next line in the window, reading more input if it is not complete. */
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
		if (line->n != SIZE_MAX || have > MAXLINE)
			break;
		want = want > have ? want : 2 * have;
		if (input_fill(in->in, want) == have) {
			in->fault = in->in->fault;
			in->line -= have == 0;
			return have > 0 ? rec_bad(in, "line is cut short") : false;
		}
	}
	if (line->n > MAXLINE)
		return rec_bad(in, "line is longer than %d bytes", MAXLINE);
	in->taken = line->n + 1;
	return true;
}

/* The name of a record's kind in messages. */
static const char *
called(const struct rec *r)
{
	return r->kind == REC_OTHER ? "not a record" : rec_name(r->kind);
}

/* Report a field, and what would help. */
static bool
bad_field(struct recin *in, const struct rec *r, const char *name, const char *s, const char *help)
{
	char shown[4 * SHOWN];
	size_t n = 0;

	while (n < SHOWN && s[n] != '\t' && s[n] != '\n')
		n++;
	if (n > 1 || *s != '-')
		n = text_escape(shown, s, n, "");
	else
		*shown = '-';
	return rec_bad(in, "%s: bad %s \"%.*s\"%s%s", called(r), name, (int)n, shown,
	    *help == '\0' ? "" : ": ", help);
}

bool
rec_bad_field(struct recin *in, const struct rec *r, const char *name, const char *s)
{
	return bad_field(in, r, name, s, "");
}

/* Is it the name of a kind: lower-case letters, digits, - and _, a letter first? Lines of other
 * texts seldom start with one and a tab. */
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

/* Find the kind of the line; false with the fault set if it is not a record. */
static bool
get_kind(struct recin *in, struct rec *r)
{
	const char *s = r->line.p, *tab = s + in->mark[0];
	enum magic magic;

	r->kind = rec_kind_named(s, in->mark[0]);
	if (*tab == '\t' && (r->kind != REC_OTHER || is_name(s, tab)))
		return true;
	r->kind = REC_OTHER;
	if (in->line > 1)
		return rec_bad_field(in, r, "kind", s);
	magic = magic_of(s, r->line.n);
	if (magic == MAGIC_PERF || magic == MAGIC_TRACEDAT)
		return rec_bad(in, "%s", magic_advice(magic));
	return bad_field(in, r, "kind", s, magic == MAGIC_TEXT ? magic_advice(magic) : "");
}

bool
rec_line(struct recin *in, struct rec *r)
{
	return get_line(in, &r->line) && get_kind(in, r);
}

bool
rec_next(struct recin *in, struct rec *r)
{
	return rec_line(in, r) && rec_read(in, r);
}

void
rec_copy(struct out *o, const struct rec *r)
{
	char *d = out_room(o, r->line.n + 1);

	memcpy(d, r->line.p, r->line.n);
	d[r->line.n] = '\n';
	o->n += r->line.n + 1;
}

/* --- fields */

enum { OPTIONAL = true, REQUIRED = false };

/* What the generated functions call must become part of them: a call for each field costs 15% of
 * reccheck's speed. */
#define INLINE static inline __attribute__((always_inline))

/* The value of n digits, 1 to 8. Sets bit 7 of the bytes of *other that are not digits. Reads eight
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

/* Parse fields 1 to 4: machine, cpu, pid and tid. */
static bool
read_new_who(const struct recin *in, struct rec *r, struct rec_who *w, struct str text)
{
	if (!read_str(in, r, 1, REQUIRED, &r->machine) || !read_id(in, r, 2, OPTIONAL, &r->cpu) ||
	    !read_id(in, r, 3, OPTIONAL, &r->pid) || !read_id(in, r, 4, OPTIONAL, &r->tid))
		return false;
	if (text.n > sizeof w->text)
		return true;
	*w = (struct rec_who){ r->cpu, r->pid, r->tid, (uint32_t)text.n, "" };
	memcpy(w->text, text.p, text.n);
	return true;
}

/* Parse them, or find them among the recent ones: the same bytes have the same fields. A
 * line has at least 5 bytes before the text, which has 5, so that 8 before its end can be read. */
INLINE bool
read_who(struct recin *in, struct rec *r)
{
	size_t at = in->mark[1], end = in->mark[5] + 1;
	struct str text = { r->line.p + at, end - at };
	uint64_t hash = str_load8(text.p + text.n - 8) ^ (uint8_t)r->line.p[in->mark[3] - 1];
	struct rec_who *w = &in->recent[(hash * 0x9e3779b97f4a7c15 >> 32) % REC_RECENT];

	if (text.n != w->n || !marks_same(text.p, w->text, text.n))
		return read_new_who(in, r, w, text);
	r->machine = field(in, r, 1);
	r->cpu = w->cpu;
	r->pid = w->pid;
	r->tid = w->tid;
	return true;
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
put_ns(struct out *o, char *d, int64_t v)
{
	*d++ = '\t';
	if (v < 0)
		return v == REC_NO_NS ? str_put(d, STR_NONE) : d + text_put_s64(d, v);
	return out_put_near(o, d, (uint64_t)v);
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

/* What the fields of a record say about its task, as text with the tabs before them. */
struct who {
	int32_t cpu, pid, tid;
	uint8_t nmachine, n; /* n: 0: none */
	char text[48];
};

enum { WHO_CACHE = 256, WHO_MACHINE = 14 };

/* Write the fields machine, cpu, pid and tid. */
static char *
put_who_fields(char *d, const struct rec *r)
{
	d = put_str(d, r->machine);
	d = put_id(d, r->cpu);
	d = put_id(d, r->pid);
	return put_id(d, r->tid);
}

/* Write them, and keep their text for the next record of the task on this CPU. */
static char *
put_new_who(struct out *o, char *d, const struct rec *r, size_t at)
{
	struct who *w;

	if (r->machine.n > WHO_MACHINE)
		return put_who_fields(d, r);
	if (o->cache == NULL)
		o->cache = mem_alloc(WHO_CACHE * sizeof *w);
	w = (struct who *)o->cache + at;
	w->cpu = r->cpu;
	w->pid = r->pid;
	w->tid = r->tid;
	w->nmachine = (uint8_t)r->machine.n;
	w->n = (uint8_t)(put_who_fields(d, r) - d);
	memcpy(w->text, d, w->n);
	return d + w->n;
}

/* Write them, from the cache for most records. */
INLINE char *
put_who(struct out *o, char *d, const struct rec *r)
{
	const size_t at = ((uint32_t)r->tid ^ (uint32_t)r->cpu << 4) % WHO_CACHE;
	const struct who *w = o->cache;

	if (w == NULL)
		return put_new_who(o, d, r, at);
	w += at;
	if (w->tid != r->tid || w->pid != r->pid || w->cpu != r->cpu || w->n == 0 ||
	    !str_eq((struct str){ w->text + 1, w->nmachine }, r->machine))
		return put_new_who(o, d, r, at);
	memcpy(d, w->text, sizeof w->text);
	return d + w->n;
}

struct kind {
	struct str name;
	size_t n;
	bool (*read)(struct recin *, struct rec *);
	void (*put)(struct out *, const struct rec *);
	struct rec_field field[REC_MAXFIELD + 1]; /* ends with REC_T_END */
};

static bool
read_other(struct recin *in, struct rec *r)
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

bool
rec_is_definition(const struct rec *r)
{
	switch (r->kind) {
	case REC_META:
	case REC_COMM:
	case REC_FORK:
	case REC_EXIT:
	case REC_MAP:
	case REC_KSYM:
	case REC_USYM:
	case REC_CGROUP:
	case REC_NAMESPACES:
	case REC_BPF:
	case REC_STACK:
	case REC_VCPU:
		return true;
	default:
		return false;
	}
}

struct str *
rec_stack(const struct rec *r)
{
	const struct kind *k = &kinds[r->kind];
	const struct rec_field *last = &k->field[k->n - 1];

	return last->type != REC_T_STACK ? NULL : (struct str *)(void *)((char *)r + last->off);
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
	return rec_bad(in, "%s: no field %s", called(r), k->field[i].name);
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
rec_ends_in_ref(const struct recin *in, const struct rec *r, struct str *hash)
{
	const struct kind *k = &kinds[r->kind];
	const char *p, *end = r->line.p + r->line.n;

	if (k->n == 0 || k->field[k->n - 1].type != REC_T_STACK || in->nmark != k->n + 1)
		return false;
	p = r->line.p + in->mark[k->n - 1] + 1;
	*hash = (struct str){ p + 1, (size_t)(end - p) - 1 };
	return *p == '@';
}

void
rec_put(struct out *o, const struct rec *r)
{
	kinds[r->kind].put(o, r);
}
