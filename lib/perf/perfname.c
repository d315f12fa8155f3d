/* SPDX-License-Identifier: MIT */

#include <fnmatch.h>
#include <stdlib.h>

#include "base/mem.h"
#include "perfname.h"

enum { STEP = 64 };

void
perf_names_free(struct perf_names *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		evrec_free(p->name[i].evrec);
		free((char *)p->name[i].name.p);
	}
	free(p->name);
	tracing_free(&p->tracing);
}

static bool
is_wanted(const char *patterns, const char *name)
{
	const char *p = patterns, *comma;
	bool match = patterns == NULL;
	char *one;

	for (; !match && p != NULL; p = *comma == '\0' ? NULL : comma + 1) {
		comma = strchrnul(p, ',');
		one = mem_copy(p, (size_t)(comma - p));
		match = fnmatch(one, name, 0) == 0;
		free(one);
	}
	return match;
}

static struct str
escaped(const char *s)
{
	size_t n = strlen(s);
	char *d = mem_alloc(4 * n + 1);

	return (struct str){ d, text_escape(d, s, n, "") };
}

/* The format of a tracepoint, NULL where it is none or the file does not have it. */
static const struct tracing_event *
format_of(const struct perf_names *p, const struct perf_attr *a)
{
	return a->type == PERF_TRACEPOINT ? tracing_find(&p->tracing, a->config) : NULL;
}

static void
resolve(struct perf_names *p, struct perf_name *e, const struct perf_attr *a)
{
	const struct tracing_event *format = format_of(p, a);
	const char *name = a->name;
	char described[64];

	perf_attr_describe(a, described, sizeof described);
	if (name == NULL)
		name = format != NULL ? format->name : described;
	e->resolved = true;
	e->wanted = is_wanted(p->patterns, name);
	e->name = escaped(name);
	e->evrec = format == NULL ? NULL : evrec_new(format);
}

struct perf_name *
perf_names_of(struct perf_names *p, const struct perf_attr *a)
{
	if (a->index >= p->n) {
		p->name = mem_resize(p->name, a->index + STEP, sizeof *p->name);
		memset(p->name + p->n, 0, (a->index + STEP - p->n) * sizeof *p->name);
		p->n = a->index + STEP;
	}
	if (!p->name[a->index].resolved)
		resolve(p, &p->name[a->index], a);
	return &p->name[a->index];
}

bool
perf_names_has(
    const struct perf_names *p, struct perf_attr *const *attr, size_t n, const char *name)
{
	const struct tracing_event *format;
	size_t i;

	for (i = 0; i < n; i++) {
		format = format_of(p, attr[i]);
		if (format != NULL && strcmp(format->name, name) == 0)
			return true;
	}
	return false;
}
