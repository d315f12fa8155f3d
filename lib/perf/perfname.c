/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "base/patterns.h"
#include "base/perfmagic.h"
#include "perfrec_int.h"
#include "rec/event.h"

enum { DESCRIBED = 64, SHOWN = 64 };

void
perf_names_free(struct perf_names *p)
{
	size_t i;

	for (i = 0; i < p->nevrec; i++)
		evrec_free(p->evrec[i]);
	free(p->evrec);
	free(p->name);
	intern_free(&p->escaped);
	patterns_free(&p->patterns);
	evformats_free(&p->formats);
}

/* --- the section TRACING_DATA. Facts: tools/perf/util/trace-event-info.c of Linux 6.18 */

/* A file: its size as u64, its text. */
static struct bytes
get_file(struct bytes *b)
{
	uint64_t n = bytes_u64(b);

	return bytes_cut(b, n > SIZE_MAX ? SIZE_MAX : (size_t)n);
}

static void
get_formats(struct perf_names *p, struct str system, struct bytes *b)
{
	uint32_t n = bytes_u32(b), i;
	struct bytes text;

	for (i = 0; i < n && !bytes_bad(b); i++) {
		text = get_file(b);
		if (!bytes_bad(&text))
			evformats_add(&p->formats, system, (const char *)text.p, bytes_left(&text));
	}
}

/* NAME NUL, then a file. */
static bool
skip_page(struct bytes *b, const char *name)
{
	struct bytes text;
	struct str s;

	s.p = bytes_string(b, &s.n);
	if (!str_eq(s, str_of(name)))
		return false;
	text = get_file(b);
	return !bytes_bad(&text);
}

bool
perf_names_formats(struct perf_names *p, struct bytes b)
{
	const uint8_t *magic = bytes_take(&b, 10);
	struct str system;
	uint32_t n, i;
	bool big;

	if (magic == NULL || !tracedat_magic(magic, 10))
		return false;
	bytes_string(&b, &system.n); /* version */
	big = bytes_u8(&b) != 0;
	b = bytes_of(b.p, bytes_left(&b), big);
	bytes_u8(&b);  /* size of a long */
	bytes_u32(&b); /* size of a page */
	if (!skip_page(&b, "header_page") || !skip_page(&b, "header_event"))
		return false;
	get_formats(p, STR("ftrace"), &b);
	n = bytes_u32(&b);
	for (i = 0; i < n && !bytes_bad(&b); i++) {
		system.p = bytes_string(&b, &system.n);
		get_formats(p, system, &b);
	}
	return !bytes_bad(&b);
}

/* --- names */

/* The kind of record that an event's samples become. */
static const char *
kind_of(const struct perf_name *e, const struct perf_attr *a)
{
	if (e->evrec != NULL)
		return rec_name(evrec_kind(e->evrec));
	return rec_name(a->type == PERF_TRACEPOINT ? REC_TRACEPOINT : REC_SAMPLE);
}

static struct str
escape(struct perf_names *p, const char *s)
{
	size_t n = strlen(s);
	char *d = mem_alloc(4 * n + 1);
	uint32_t id;

	id = intern_put(&p->escaped, (struct str){ d, text_escape(d, s, n, "") });
	free(d);
	return intern_str(&p->escaped, id);
}

static const struct evformats *
formats_of(const struct perf_names *p)
{
	return p->formats.n == 0 && p->elsewhere != NULL ? p->elsewhere : &p->formats;
}

/* The format of a tracepoint; NULL if the event is none or its format is unknown. */
static const struct evformat *
format_of(const struct perf_names *p, const struct perf_attr *a)
{
	return a->type == PERF_TRACEPOINT ? evformats_find(formats_of(p), a->config) : NULL;
}

/* The name of an event; d is where it is put together if the file has none. */
static const char *
name_of(const struct perf_names *p, const struct perf_attr *a, char d[DESCRIBED])
{
	const char *name = perf_events_name(p->events, a);
	const struct evformat *format = format_of(p, a);

	if (name != NULL)
		return name;
	if (format != NULL)
		return format->name;
	perf_attr_describe(a, d, DESCRIBED);
	return d;
}

/* Events with one format share its evrec. */
static struct evrec *
evrec_of(struct perf_names *p, const struct evformat *format)
{
	size_t n = formats_of(p)->n;

	if (format->index >= p->nevrec) {
		p->evrec = mem_resize(p->evrec, n, sizeof *p->evrec);
		memset(p->evrec + p->nevrec, 0, (n - p->nevrec) * sizeof *p->evrec);
		p->nevrec = n;
	}
	if (p->evrec[format->index] == NULL)
		p->evrec[format->index] = evrec_new(format);
	return p->evrec[format->index];
}

const struct perf_name *
perf_names_resolve(struct perf_names *p, const struct perf_attr *a)
{
	const struct evformat *format = format_of(p, a);
	size_t n = p->events->cap;
	char described[DESCRIBED];
	struct perf_name *e;

	if (a->index >= p->n) {
		p->name = mem_resize(p->name, n, sizeof *p->name);
		memset(p->name + p->n, 0, (n - p->n) * sizeof *p->name);
		p->n = n;
	}
	e = &p->name[a->index];
	e->resolved = true;
	e->evrec = format == NULL ? NULL : evrec_of(p, format);
	e->name = escape(p, name_of(p, a, described));
	e->wanted = p->all || event_hit(&p->patterns, str_of(kind_of(e, a)), e->name);
	return e;
}

bool
perf_names_check(struct perf_names *p, struct fault *fault)
{
	const struct perf_events *events = p->events;
	struct patterns *patterns = &p->patterns;
	char text[PATTERNS_LIST];
	size_t i;

	for (i = 0; i < events->n; i++) {
		perf_names_of(p, events->event[i]);
		/* switches may also come without the scheduler's event */
		if (events->event[i]->flags >> PERF_FLAG_CONTEXT_SWITCH & 1)
			patterns_hit(patterns, str_of(rec_name(REC_SWITCH)));
	}
	if (patterns->n == 0 || patterns->missed < patterns->n)
		return true;
	patterns_list(patterns, text);
	return fault_set(fault, "nothing matches -e \"%.*s\": %s%s",
	    (int)(patterns->one->text.n < SHOWN ? patterns->one->text.n : SHOWN),
	    patterns->one->text.p, events->n == 0 ? "there are no events" : "the events are ",
	    text);
}

const struct perf_attr *
perf_names_tracepoint(const struct perf_names *p, const char *name)
{
	const struct evformat *format;
	size_t i;

	for (i = 0; i < p->events->n; i++) {
		format = format_of(p, p->events->event[i]);
		if (format != NULL && strcmp(format->name, name) == 0)
			return p->events->event[i];
	}
	return NULL;
}
