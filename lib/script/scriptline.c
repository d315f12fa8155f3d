/* SPDX-License-Identifier: MIT */

#include "scriptline.h"

enum {
	LONGEST_NAME = 80, /* with the blanks before it */
	FLAGS_LEAST = 4,   /* of the kernel's columns of flags */
	FLAGS_MOST = 6,
	CONTEXT_FLAG = 2, /* the one for interrupts */
	SECONDS = 6       /* columns of the seconds, with a blank before them */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct str
script_skip(struct str s)
{
	while (s.n > 0 && is_blank(*s.p)) {
		s.p++;
		s.n--;
	}
	return s;
}

struct str
script_trim(struct str s)
{
	s = script_skip(s);
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool
script_number(struct str *s, uint64_t max, uint64_t *v)
{
	const char *p = s->p, *end = s->p + s->n;
	uint64_t n = 0, digit;

	for (; p < end && is_digit(*p); p++) {
		digit = (uint64_t)(*p - '0');
		if (digit > max || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	if (p == s->p)
		return false;
	*v = n;
	*s = (struct str){ p, (size_t)(end - p) };
	return true;
}

bool
script_take(struct str *s, const char *text)
{
	size_t n = strlen(text);

	if (s->n < n || memcmp(s->p, text, n) != 0)
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

/* Cut one or more blanks off. */
static bool
take_blanks(struct str *s)
{
	size_t n = s->n;

	*s = script_skip(*s);
	return s->n < n;
}

/* An id, -1 included, which is how perf prints an unknown one. */
static bool
take_id(struct str *s, int32_t *id)
{
	bool minus = script_take(s, "-");
	uint64_t v;

	if (!script_number(s, INT32_MAX, &v) || (minus && v != 1))
		return false;
	*id = minus ? -1 : (int32_t)v;
	return true;
}

/* A CPU in brackets. */
static bool
take_cpu(struct str *s, int32_t *cpu)
{
	struct str at = *s;
	uint64_t v;

	if (!script_take(&at, "[") || !script_number(&at, INT32_MAX, &v) || !script_take(&at, "]"))
		return false;
	*cpu = (int32_t)v;
	*s = at;
	return true;
}

/* The digits after the point of a time: 6, as perf and the kernel print, or 9. simpleperf prints
 * microseconds without leading zeros, and then a colon and a tab. */
static bool
take_fraction(struct str *s, struct scriptline *l)
{
	size_t n = s->n;
	uint64_t v;

	if (!script_number(s, 999999999, &v))
		return false;
	n -= s->n;
	if (n != 6 && n != 9 && (n > 6 || s->n < 2 || memcmp(s->p, ":\t", 2) != 0))
		return false;
	l->precision = n == 9 ? 1 : 1000;
	return !__builtin_add_overflow(l->t, v * l->precision, &l->t);
}

/* "s.us:" or "s.ns:" or ticks, and the blanks after it */
static bool
take_time(struct str *s, struct scriptline *l)
{
	struct str at = *s;

	l->precision = 0;
	if (!script_number(&at, INT64_MAX, &l->t))
		return false;
	if (script_take(&at, ".")) {
		if (__builtin_mul_overflow(l->t, (uint64_t)1000000000, &l->t) ||
		    !take_fraction(&at, l))
			return false;
	}
	if (!script_take(&at, ":") || (at.n > 0 && !is_blank(*at.p)))
		return false;
	l->has_time = true;
	*s = script_skip(at);
	return l->t <= INT64_MAX;
}

/* The letters of perf's misc, and the blanks after them. */
static void
take_modes(struct str *s, struct scriptline *l)
{
	struct str at = *s;

	while (at.n > 0 && ((*at.p >= 'A' && *at.p <= 'Z') || (*at.p >= 'a' && *at.p <= 'z'))) {
		at.p++;
		at.n--;
	}
	l->modes = (struct str){ s->p, (size_t)(at.p - s->p) };
	if (l->modes.n > 0 && l->modes.n <= FLAGS_MOST && take_blanks(&at))
		*s = at;
	else
		l->modes.n = 0;
}

/* What perf prints after the name: PID/TID or TID, perhaps [CPU], perhaps modes. */
static bool
take_perf_task(struct str *s, struct scriptline *l)
{
	l->form = SCRIPT_PERF;
	l->pid = l->cpu = -1;
	if (!take_id(s, &l->tid))
		return false;
	if (script_take(s, "/")) {
		l->pid = l->tid;
		if (!take_id(s, &l->tid))
			return false;
	}
	if (s->n > 0 && !take_blanks(s))
		return false;
	if (take_cpu(s, &l->cpu) && s->n > 0 && !take_blanks(s))
		return false;
	take_modes(s, l);
	return true;
}

/* The columns of the seconds, with the blanks before them: a field precedes these. */
static size_t
columns(struct str s)
{
	const char *begin = s.p, *p = s.p;

	while (begin[-1] == ' ')
		begin--;
	while (p < s.p + s.n && is_digit(*p))
		p++;
	return (size_t)(p - begin);
}

/* wide: the seconds must have the columns that perf gives them. */
static bool
take_perf(struct str s, struct scriptline *l, bool wide)
{
	if (!take_perf_task(&s, l) || (wide && columns(s) < SECONDS) || !take_time(&s, l) ||
	    l->precision == 0)
		return false;
	l->rest = s;
	return true;
}

/* What perf prints after the name if the task is not among the fields. */
static bool
take_perf_time(struct str s, struct scriptline *l)
{
	l->form = SCRIPT_PERF;
	l->pid = l->tid = l->cpu = -1;
	l->modes.n = 0;
	if (!take_time(&s, l) || l->precision == 0)
		return false;
	l->rest = s;
	return true;
}

/* The kernel's flags: irqs off, need resched, interrupt, preempt count, migration. */
static bool
take_flags(struct str *s, struct scriptline *l)
{
	struct str at = *s;

	while (at.n > 0 && !is_blank(*at.p)) {
		at.p++;
		at.n--;
	}
	if (s->n - at.n < FLAGS_LEAST || s->n - at.n > FLAGS_MOST || !take_blanks(&at))
		return false;
	l->context = s->p[CONTEXT_FLAG];
	*s = at;
	return true;
}

/* The time of the latency format, "5us+: ", or one of trace-cmd. */
static bool
take_latency_time(struct str *s, struct scriptline *l)
{
	struct str at = *s;

	if (take_time(s, l))
		return l->precision != 0;
	if (!script_number(&at, INT64_MAX / 1000, &l->t) || !script_take(&at, "us") || at.n == 0)
		return false;
	if (*at.p != ':') {
		at.p++;
		at.n--;
	}
	at = script_skip(at);
	if (!script_take(&at, ":"))
		return false;
	l->t *= 1000;
	l->precision = 1000;
	l->has_time = true;
	*s = script_skip(at);
	return true;
}

/* What follows NAME- in the latency format: TID, blanks, CPU and flags together, time. */
static bool
take_latency(struct str s, struct scriptline *l)
{
	uint64_t cpu;

	if (!script_number(&s, INT32_MAX, &cpu) || !take_flags(&s, l) || !take_latency_time(&s, l))
		return false;
	l->cpu = (int32_t)cpu;
	l->rest = s;
	return true;
}

/* The process in parentheses, which may be unknown. */
static void
take_tgid(struct str *s, struct scriptline *l)
{
	struct str at = *s;
	uint64_t v = 0;

	if (!script_take(&at, "("))
		return;
	at = script_skip(at);
	if (script_number(&at, INT32_MAX, &v))
		l->pid = (int32_t)v;
	while (script_take(&at, "-"))
		;
	if (script_take(&at, ")"))
		*s = script_skip(at);
	else
		l->pid = -1;
}

/* What follows NAME-: TID, perhaps (PID), [CPU], perhaps flags, time. */
static bool
take_ftrace(struct str s, struct scriptline *l)
{
	uint64_t v;

	l->form = SCRIPT_FTRACE;
	l->pid = l->cpu = -1;
	l->modes.n = 0;
	l->context = 0;
	if (!script_number(&s, INT32_MAX, &v) || !take_blanks(&s))
		return false;
	l->tid = (int32_t)v;
	take_tgid(&s, l);
	if (!take_cpu(&s, &l->cpu))
		return take_latency(s, l);
	if (!take_blanks(&s))
		return false;
	if (!take_time(&s, l) && !(take_flags(&s, l) && take_time(&s, l)))
		return false;
	l->rest = s;
	return true;
}

static struct str
from(struct str line, size_t i)
{
	return (struct str){ line.p + i, line.n - i };
}

/* Does a number start at i? */
static bool
is_number(struct str line, size_t i)
{
	if (i + 1 < line.n && line.p[i] == '-')
		i++;
	return i < line.n && is_digit(line.p[i]);
}

static bool
read_line(struct str line, struct scriptline *l, bool wide)
{
	size_t i, most = line.n < LONGEST_NAME ? line.n : LONGEST_NAME;
	bool named = false;

	*l = (struct scriptline){ .pid = -1, .tid = -1, .cpu = -1 };
	for (i = 0; i < most; i++) {
		if ((line.p[i] == '-' && named && is_number(line, i + 1) &&
			take_ftrace(from(line, i + 1), l)) ||
		    (is_blank(line.p[i]) && is_number(line, i + 1) &&
			(take_perf(from(line, i + 1), l, wide) ||
			    (!wide && take_perf_time(from(line, i + 1), l))))) {
			l->comm = script_trim((struct str){ line.p, i });
			return true;
		}
		named |= !is_blank(line.p[i]);
	}
	return false;
}

bool
scriptline_read(struct str line, struct scriptline *l)
{
	return read_line(line, l, true) || read_line(line, l, false);
}

bool
scriptline_read_timeless(struct str line, struct scriptline *l)
{
	size_t i, most = line.n < LONGEST_NAME ? line.n : LONGEST_NAME;
	struct str s;

	*l = (struct scriptline){ .pid = -1, .tid = -1, .cpu = -1 };
	for (i = 1; i < most; i++) {
		s = from(line, i);
		if (is_blank(line.p[i - 1]) && is_number(line, i) && take_perf_task(&s, l)) {
			l->comm = script_trim((struct str){ line.p, i - 1 });
			l->rest = s;
			return l->comm.n > 0;
		}
	}
	return false;
}
