/* SPDX-License-Identifier: MIT */

#include <sys/stat.h>

#include "base/perfmagic.h"
#include "tracein.h"

enum { MAGIC = 16 };

/* Does a file begin as text? Pages begin with a time and flags, which have bytes that no text has.
 */
static bool
is_text(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && i < MAGIC; i++)
		if ((p[i] < ' ' && p[i] != '\t' && p[i] != '\n' && p[i] != '\r') || p[i] > '~')
			return false;
	return n >= MAGIC;
}

/* What the first file is: one that has the pages of all CPUs is the only one. */
static bool
choose(struct tracein *t, struct input *in)
{
	size_t n = input_fill(in, MAGIC);
	enum magic magic = magic_of(input_at(in), n);

	if (magic == MAGIC_PERF || is_text(input_at(in), n))
		return fault_set(&t->fault, "%s: %s", in->name, magic_advice(magic));
	t->what = TRACEIN_PAGES;
	if (magic == MAGIC_TRACEDAT)
		t->what = TRACEIN_DAT;
	else if (tracestream_is(input_at(in), n))
		t->what = TRACEIN_STREAM;
	if (t->what != TRACEIN_PAGES && t->options->n > 1)
		return fault_set(
		    &t->fault, "%s: it has the pages of all CPUs: give it alone", in->name);
	if (t->what == TRACEIN_PAGES && t->options->formats == NULL)
		return fault_set(
		    &t->fault, "%s: raw pages need -f, the formats of their events", in->name);
	return true;
}

static bool
read_formats(struct tracein *t)
{
	const char *path = t->options->formats;

	if (path == NULL)
		return true;
	if (!tracedesc_read(&t->desc, path, &t->fault))
		return false;
	return t->desc.formats.n > 0 || fault_set(&t->fault, "%s: no formats of events", path);
}

bool
tracein_open(struct tracein *t, const struct tracein_options *options)
{
	struct input *in;

	t->options = options;
	tracedesc_open(&t->desc);
	t->files = (struct ringfiles){ .note = options->note, .arg = options->arg };
	t->dat = (struct tracedat){ .note = options->note, .arg = options->arg };
	t->stream = (struct tracestream){ .note = options->note, .arg = options->arg };
	if (!ringfiles_open(&t->files, options->names, options->n))
		return false;
	in = ringfiles_input(&t->files, 0);
	if (!choose(t, in) || !read_formats(t))
		return false;
	if (t->what == TRACEIN_DAT)
		return tracedat_open(&t->dat, in, &t->desc);
	if (t->what == TRACEIN_STREAM && !tracestream_open(&t->stream, in, &t->desc))
		return false;
	if (options->page != 0)
		t->desc.page = options->page;
	return true;
}

/* Note the options that do not apply to this input. */
static void
note_unused(const struct tracein *t, const char *name)
{
	const struct tracein_options *o = t->options;
	struct fault text = { "" };

	if (o->shift && (t->what != TRACEIN_DAT || !tracedat_has_shift(&t->dat))) {
		fault_set(&text, "%s: no TIME_SHIFT: times stay as they are despite --shift", name);
		o->note(o->arg, NULL, text.text);
	}
	text = (struct fault){ "" };
	if (o->page != 0 && t->what == TRACEIN_DAT) {
		fault_set(
		    &text, "%s: a trace.dat has the size of its pages: --page is not used", name);
		o->note(o->arg, NULL, text.text);
	}
}

void
tracein_clock(const struct tracein *t, struct ftracerec_options *o)
{
	if (t->what == TRACEIN_DAT)
		tracedat_clock(&t->dat, o, t->options->shift);
}

bool
tracein_add(struct tracein *t, struct ftracerec *rec, struct out *o, struct str machine)
{
	struct ringlayout layout;

	note_unused(t, ringfiles_input(&t->files, 0)->name);
	if (t->what == TRACEIN_DAT) {
		tracedat_write(&t->dat, o, machine);
		return tracedat_add(&t->dat, rec, t->options->buffer);
	}
	if (!tracedesc_layout(&t->desc, &layout))
		return fault_set(&t->fault, "%s: the size of a page makes no sense",
		    ringfiles_input(&t->files, 0)->name);
	if (t->what == TRACEIN_PAGES)
		return ringfiles_add(&t->files, rec, &layout);
	tracestream_add(&t->stream, rec, &layout);
	return true;
}

bool
tracein_close(struct tracein *t)
{
	struct fault text = { "" };

	if (fault_is(&t->dat.fault))
		fault_set(&t->fault, "%s", t->dat.fault.text);
	if (fault_is(&t->dat.symbols))
		fault_set(&t->fault, "%s", t->dat.symbols.text);
	if (fault_is(&t->stream.fault))
		fault_set(&t->fault, "%s", t->stream.fault.text);
	if (t->dat.unread > 0) {
		fault_set(&text, "%s: %zu options of unknown kinds are left out",
		    ringfiles_input(&t->files, 0)->name, t->dat.unread);
		t->options->note(t->options->arg, NULL, text.text);
	}
	tracedat_close(&t->dat);
	tracestream_close(&t->stream);
	if (!ringfiles_close(&t->files))
		fault_set(&t->fault, "%s", t->files.fault.text);
	tracedesc_free(&t->desc);
	return !fault_is(&t->fault);
}

/* Can the file of an operand be read more than once? */
static bool
is_file(const char *operand)
{
	const char *name = strchr(operand, '=');
	struct stat st;

	return (stat(operand, &st) == 0 || (name != NULL && stat(name + 1, &st) == 0)) &&
	       S_ISREG(st.st_mode);
}

static void
mute(void *arg, const char *kind, const char *text)
{
	(void)arg;
	(void)kind;
	(void)text;
}

/* Convert everything and write nothing. What is wrong is reported when the files are read again. */
static void
learn_times(struct tracein_options quiet, struct ftracerec_options o)
{
	struct tracein in = { .fault = { "" } };
	struct ftracerec *rec;
	struct out nowhere;

	quiet.note = mute;
	o.printer = (struct evinfo_printer){ 0 };
	out_open(&nowhere, -1);
	if (tracein_open(&in, &quiet)) {
		tracein_clock(&in, &o);
		rec = ftracerec_new(&in.desc, &nowhere, &o);
		if (tracein_add(&in, rec, &nowhere, o.machine))
			ftracerec_run(rec);
		ftracerec_free(rec);
	}
	tracein_close(&in);
	out_free(&nowhere);
}

bool
tracein_scan(
    const struct tracein_options *in, const struct ftracerec_options *o, struct fault *fault)
{
	struct window *w = o->select == NULL ? NULL : &o->select->time;
	size_t i;

	if (w == NULL || !window_needs_last(w))
		return true;
	for (i = 0; i < in->n; i++)
		if (!is_file(in->names[i]))
			return fault_set(fault,
			    "%s: not a file: -t cannot be relative to its last event",
			    in->names[i]);
	window_scan(w);
	learn_times(*in, *o);
	window_settle(w);
	return true;
}
