/* SPDX-License-Identifier: MIT */

#include <fnmatch.h>
#include <stdlib.h>

#include "base/mem.h"
#include "perfname.h"

enum { STEP = 64, DESCRIBED = 64, LISTED = 360, CONTEXT_SWITCH = 26 };

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

/* The kind of record that an event's samples become. */
static const char *
kind_of(const struct perf_name *e, const struct perf_attr *a)
{
	if (e->evrec != NULL)
		return rec_name(evrec_kind(e->evrec));
	return rec_name(a->type == PERF_TRACEPOINT ? REC_TRACEPOINT : REC_SAMPLE);
}

/* A tracepoint answers to the name without its system, too. */
static bool
matches(const char *pattern, const char *name, const char *kind, const struct perf_attr *a)
{
	const char *colon = a->type == PERF_TRACEPOINT ? strchr(name, ':') : NULL;

	return fnmatch(pattern, name, 0) == 0 || strcmp(pattern, kind) == 0 ||
	       (colon != NULL && fnmatch(pattern, colon + 1, 0) == 0);
}

/* The pattern at *p, to be freed; *p goes on to the next, NULL behind the last. */
static char *
next_pattern(const char **p)
{
	const char *comma = strchrnul(*p, ',');
	char *one = mem_copy(*p, (size_t)(comma - *p));

	*p = *comma == '\0' ? NULL : comma + 1;
	return one;
}

static bool
is_wanted(const char *patterns, const char *name, const char *kind, const struct perf_attr *a)
{
	bool match = patterns == NULL;
	char *one;

	while (!match && patterns != NULL) {
		one = next_pattern(&patterns);
		match = matches(one, name, kind, a);
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

/* Its name; d has room for what perf would call it where nobody named it. */
static const char *
name_of(const struct perf_names *p, const struct perf_attr *a, char d[DESCRIBED])
{
	const struct tracing_event *format = format_of(p, a);

	if (a->name != NULL)
		return a->name;
	if (format != NULL)
		return format->name;
	perf_attr_describe(a, d, DESCRIBED);
	return d;
}

static void
resolve(struct perf_names *p, struct perf_name *e, const struct perf_attr *a)
{
	const struct tracing_event *format = format_of(p, a);
	char described[DESCRIBED];
	const char *name = name_of(p, a, described);

	e->resolved = true;
	e->evrec = format == NULL ? NULL : evrec_new(format);
	e->name = escaped(name);
	e->wanted = is_wanted(p->patterns, name, kind_of(e, a), a);
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

/* Is the pattern for that event? Switches may also come without the scheduler's event. */
static bool
chooses(struct perf_names *p, const char *pattern, const struct perf_attr *a)
{
	const struct perf_name *e = perf_names_of(p, a);
	char described[DESCRIBED];

	if (a->flags >> CONTEXT_SWITCH & 1 && strcmp(pattern, rec_name(REC_SWITCH)) == 0)
		return true;
	return matches(pattern, name_of(p, a, described), kind_of(e, a), a);
}

/* The events' names, as many as a message has room for. */
static void
list(struct perf_names *p, struct perf_attr *const *attr, size_t n, char text[LISTED + 8])
{
	size_t i, len = 0;
	struct str name;

	for (i = 0; i < n; i++) {
		name = perf_names_of(p, attr[i])->name;
		if (len + name.n > LISTED - 8)
			break;
		if (i > 0)
			len = (size_t)(stpcpy(text + len, ", ") - text);
		memcpy(text + len, name.p, name.n);
		len += name.n;
	}
	stpcpy(text + len, i < n ? ", ..." : "");
}

bool
perf_names_check(struct perf_names *p, struct perf_attr *const *attr, size_t n, struct fault *fault)
{
	const char *rest = p->patterns;
	char text[LISTED + 8];
	bool found = true;
	char *one;
	size_t i;

	while (found && rest != NULL && *p->patterns != '\0') {
		one = next_pattern(&rest);
		for (i = 0; i < n && !chooses(p, one, attr[i]); i++)
			;
		found = i < n;
		if (!found) {
			list(p, attr, n, text);
			fault_set(fault, "-e %.64s: no event of that name; there are: %s", one,
			    n == 0 ? "none" : text);
		}
		free(one);
	}
	return found;
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
