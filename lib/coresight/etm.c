/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/perfmagic.h"
#include "etm_int.h"
#include "snapshot.h"

enum { HEAD = 4096 };

/* In the first process. Workers that do not know of each other note the same files. */
static void
pass_note(void *arg, const char *kind, const char *text)
{
	struct etm *e = arg;
	const struct etm_options *o = e->options;
	size_t n = e->noted.n;

	if (o->note == NULL || (kind != NULL && strcmp(kind, ETM_NOTE_FILES) == 0 &&
				   intern_put(&e->noted, str_of(text)) != n))
		return;
	o->note(o->arg, kind, text);
}

static void
add_sum(void *total, const void *result)
{
	struct etm_sum *t = total;
	const struct etm_sum *s = result;

	t->damages += s->damages;
	t->missing += s->missing;
	t->pages += s->pages;
	t->whole += s->whole;
	t->unsynced += s->unsynced;
	if (fault_is(&s->fault))
		fault_set(&t->fault, "%s", s->fault.text);
}

/* No source has an id that is asked for: say which there are. */
static void
miss_id(const struct etm *e, struct fault *fault)
{
	char ids[128 * sizeof ", 0x7f"];
	size_t id, n = 0;

	ids[0] = '\0';
	for (id = 0; id < sizeof e->met_id / sizeof *e->met_id; id++)
		if (e->met_id[id])
			n += (size_t)snprintf(
			    ids + n, sizeof ids - n, "%s0x%zx", n > 0 ? ", " : ": they have ", id);
	fault_set(fault, "%s: no source with the trace id of --id%s", e->file, ids);
}

static void
decode(struct etm *e, struct input *in)
{
	const struct etm_options *o = e->options;
	size_t n = input_fill(in, HEAD);
	bool perf = perf_magic(input_at(in), n) != PERF_MAGIC_NONE;
	bool snapshot = snapshot_is(input_at(in), n);
	struct fault *fault = &e->total.fault;

	if (n == 0 && fault_is(&in->fault))
		return;
	if (o->has_layout && (perf || (o->n_sources == 0 && !snapshot)))
		fault_set(fault, "%s: %s", in->name,
		    perf ? "a perf.data says how its trace is laid out: --layout is for others"
			 : "a raw dump needs --protocol, too");
	else if (o->n_sources > 0 && (perf || snapshot))
		fault_set(fault, "%s: %s: --protocol is for raw dumps", in->name,
		    perf ? "a perf.data" : "a snapshot");
	else if (o->n_sources > 0)
		etm_raw(e, in);
	else if (snapshot && strcmp(in->name, "<stdin>") == 0)
		fault_set(fault,
		    "%s: a snapshot is several files: it cannot be read from standard input",
		    in->name);
	else if (o->times && !perf)
		fault_set(fault, "%s: only a perf.data has the clock of --times", in->name);
	else if (snapshot)
		etm_snapshot(e, in->name);
	else if (perf)
		etm_perf(e, in);
	else
		fault_set(fault, "%s: %s", in->name,
		    n == 0 ? "the file is empty"
			   : "neither a perf.data nor an OpenCSD snapshot; a raw dump needs "
			     "--protocol");
	if (o->only != NULL && !e->found && !fault_is(fault))
		fault_set(fault, "%s: no buffer \"%s\"", in->name, o->only);
	if (o->some_ids && !e->found_id && !fault_is(fault))
		miss_id(e, fault);
}

static void
note_missing(struct etm *e)
{
	const struct etm_sum *s = &e->total;
	char text[4096 + 256];

	if (s->missing == 0)
		return;
	snprintf(text, sizeof text, "%.4096s: code was missing %llu time%s, in %llu page%s%s",
	    e->file, (unsigned long long)s->missing, s->missing == 1 ? "" : "s",
	    (unsigned long long)s->pages, s->pages == 1 ? "" : "s",
	    e->rec.bare ? "" : ": see --sysroot, --kernel");
	pass_note(e, NULL, text);
}

/* In the first process, when all is decoded. */
static void
finish(struct etm *e, struct fault *fault)
{
	struct etm_sum *s = &e->total;

	note_missing(e);
	if (s->damages > 0)
		fault_set(&s->fault, "%s: %llu place%s could not be decoded", e->file,
		    (unsigned long long)s->damages, s->damages == 1 ? "" : "s");
	if (s->whole == 0 && s->unsynced > 0)
		fault_set(&s->fault,
		    "%s: no packet was found in %llu bytes of trace: are the protocol, the layout "
		    "and the ids right?",
		    e->file, (unsigned long long)s->unsynced);
	if (fault_is(&s->fault))
		fault_set(fault, "%s", s->fault.text);
}

int
etm_run(const struct etm_options *o, struct input *in, struct out *out, struct fault *fault)
{
	struct etm e = { .options = o, .sum = &e.total, .file = in->name };
	struct workers_plan plan = { .n = o->jobs > 1 && o->n_sources == 0 ? o->jobs : o->decode,
		.contain = o->decode,
		.result_size = sizeof(struct etm_sum),
		.total = &e.total,
		.add = add_sum,
		.arg = &e,
		.note = pass_note };
	int status;

	e.workers = workers_new(&plan, out, fault);
	if (e.workers == NULL)
		return ETM_FIRST;
	e.rec = (struct pktrec){ .out = workers_out(e.workers),
		.machine = o->machine,
		.lister = o->lister,
		.raw = o->raw,
		.packets = o->packets || !(o->decode || (o->frames && !o->lister)),
		.decode = o->decode,
		.frames = o->frames,
		.branches = o->branches };
	decode(&e, in);
	status = workers_end(e.workers, fault);
	if (status == WORKERS_FIRST)
		finish(&e, fault);
	pktrec_end(&e.rec);
	intern_free(&e.noted);
	code_free(e.code);
	return status;
}
