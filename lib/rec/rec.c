/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stdio.h>

#include "base/perfmagic.h"
#include "marks.h"
#include "rec_int.h"

enum { MAXLINE = 64 * 1024 * 1024, LOOKAHEAD = 64 * 1024, SHOWN = 40 };

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

/* Find the control bytes of the line at s, up to its newline, in a window of have bytes. Returns
 * the length of the line, SIZE_MAX if the window has no newline. */
static size_t
find_marks(struct recin *in, const char *s, size_t have)
{
	struct marks m;
	uint64_t end;
	size_t at, n = 0;

	for (at = 0; at < have; at += REC_BLOCK) {
		m = marks_of(s + at);
		end = m.newline & -m.newline; /* the first one; others end other lines */
		if (have - at < REC_BLOCK && (end == 0 || end >> (have - at) != 0))
			break;
		m.control &= end | (end - 1);
		if (n <= REC_MAXFIELD)
			for (; m.control != 0; m.control &= m.control - 1)
				in->mark[n++] = (uint32_t)at + (uint32_t)__builtin_ctzll(m.control);
		if (end != 0) {
			in->nmark = n;
			return at + (unsigned)__builtin_ctzll(end);
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

bool
rec_bad_field(struct recin *in, const struct rec *r, const char *name, const char *s)
{
	char shown[4 * SHOWN];
	size_t n = 0;

	while (n < SHOWN && s[n] != '\t' && s[n] != '\n')
		n++;
	if (n == 1 && *s == '-')
		return rec_bad(in, "%s: bad %s \"-\"", rec_called(r), name);
	n = text_escape(shown, s, n, "");
	return rec_bad(in, "%s: bad %s \"%.*s\"", rec_called(r), name, (int)n, shown);
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

/* Find the kind of the line; false with the fault set if it is no record. */
static bool
get_kind(struct recin *in, struct rec *r)
{
	const char *s = r->line.p, *tab = s + in->mark[0];

	r->kind = rec_kind_named(s, in->mark[0]);
	if (*tab == '\t' && (r->kind != REC_OTHER || is_name(s, tab)))
		return true;
	r->kind = REC_OTHER;
	if (in->line == 1 && perf_magic(r->line.p, r->line.n) != PERF_MAGIC_NONE)
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
