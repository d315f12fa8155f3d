/* SPDX-License-Identifier: MIT */

#include "scriptgraph.h"

enum { CONTEXT_FLAG = 2, FLAGS_LEAST = 4, FLAGS_MOST = 6 };

static struct str
rest_after(const char *p, struct str s)
{
	return (struct str){ p, (size_t)(s.p + s.n - p) };
}

/* "NAME-TID" */
static bool
read_task(struct str s, struct scriptline *l)
{
	const char *minus = s.n == 0 ? NULL : memrchr(s.p, '-', s.n);
	struct str id;
	uint64_t tid;

	if (minus == NULL)
		return false;
	id = rest_after(minus + 1, s);
	if (!script_number(&id, INT32_MAX, &tid) || id.n > 0)
		return false;
	l->comm = (struct str){ s.p, (size_t)(minus - s.p) };
	l->tid = (int32_t)tid;
	return true;
}

/* The columns between the CPU and the duration. */
static bool
read_columns(struct str s, struct scriptline *l)
{
	const char *bar;
	struct str column;

	for (l->rest = s; (bar = memchr(s.p, '|', s.n)) != NULL; s = l->rest) {
		column = script_trim((struct str){ s.p, (size_t)(bar - s.p) });
		if (column.n == 0 || memmem(column.p, column.n, " us", 3) != NULL ||
		    *column.p == '=' || *column.p == '<')
			return true;
		if (!read_task(column, l)) {
			if (column.n < FLAGS_LEAST || column.n > FLAGS_MOST)
				return false;
			l->context = column.p[CONTEXT_FLAG];
		}
		l->rest = rest_after(bar + 1, s);
	}
	return false;
}

/* "TIME |" */
static void
take_time(struct str *s, struct scriptline *l)
{
	struct str at = *s;
	uint64_t seconds, us;
	size_t n;

	if (!script_number(&at, INT64_MAX / 1000000000 - 1, &seconds) || !script_take(&at, "."))
		return;
	n = at.n;
	if (!script_number(&at, 999999, &us) || n - at.n != 6)
		return;
	at = script_skip(at);
	if (!script_take(&at, "|"))
		return;
	l->t = seconds * 1000000000 + us * 1000;
	l->precision = 1000;
	l->has_time = true;
	*s = script_skip(at);
}

bool
scriptgraph_line(struct str s, struct scriptline *l)
{
	uint64_t cpu;

	*l = (struct scriptline){ .form = SCRIPT_FTRACE, .pid = -1, .tid = -1, .cpu = -1 };
	s = script_skip(s);
	take_time(&s, l);
	if (!script_number(&s, INT32_MAX, &cpu) || !script_take(&s, ") "))
		return false;
	l->cpu = (int32_t)cpu;
	return read_columns(s, l);
}

/* "[MARK] NUMBER.NUMBER us", the mark showing how long it was. */
static bool
read_duration(struct str s, struct scriptgraph *g)
{
	uint64_t us, fraction;
	size_t n;

	s = script_trim(s);
	g->has_duration = s.n > 0;
	g->duration = 0;
	if (s.n == 0)
		return true;
	if (strchr("+!#*@$", *s.p) != NULL) {
		s.p++;
		s.n--;
		s = script_skip(s);
	}
	if (!script_number(&s, INT64_MAX / 1000 - 1, &us) || !script_take(&s, "."))
		return false;
	n = s.n;
	if (!script_number(&s, 999, &fraction) || !str_eq(script_trim(s), STR("us")))
		return false;
	for (n -= s.n; n < 3; n++)
		fraction *= 10;
	g->duration = us * 1000 + fraction;
	return true;
}

static bool
ends(struct str s, const char *text)
{
	size_t n = strlen(text);

	return s.n > n && memcmp(s.p + s.n - n, text, n) == 0;
}

bool
scriptgraph_read(struct str s, struct scriptgraph *g)
{
	const char *bar = memchr(s.p, '|', s.n);
	struct str text;

	if (bar == NULL || !read_duration((struct str){ s.p, (size_t)(bar - s.p) }, g))
		return false;
	s = rest_after(bar + 1, s);
	text = script_trim(s);
	g->depth = (uint64_t)(text.p - s.p);
	g->depth = g->depth < 2 ? 0 : (g->depth - 2) / 2;
	g->is = GRAPH_ENTRY;
	if (script_take(&text, "/* ")) {
		g->is = GRAPH_COMMENT;
		text.n -= ends(text, " */") ? 3 : 0;
	} else if (text.n > 0 && *text.p == '}') {
		g->is = GRAPH_EXIT;
		text = STR("");
	} else if (ends(text, "();")) {
		text.n -= 3;
	} else if (ends(text, "() {")) {
		text.n -= 4;
	} else {
		return false;
	}
	g->text = text;
	return true;
}
