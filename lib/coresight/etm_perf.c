/* SPDX-License-Identifier: MIT */
/*
 * The CoreSight trace of a perf.data file. It is read twice: once to find the trace, which may
 * follow the record that is about it, and once in time order.
 */

#include <stdio.h>
#include <stdlib.h>

#include "auxtrace.h"
#include "base/hash.h"
#include "etm_int.h"
#include "perf/perf.h"
#include "perf/perfrec.h"

struct etmperf {
	struct etm *e;
	struct perf perf;
	struct auxtrace aux;
	struct perfrec *rec;
	struct hash pid;                            /* of a tid */
	struct hash on_cpu;                         /* the tid whose trace was started there last */
	struct csd_source source[AUXTRACE_SOURCES]; /* of the buffer in hand */
	size_t met;                                 /* AUX records, the second time */
	uint64_t empty, truncated, partial, collision, missing, repeated;
};

/* --- tasks */

static int32_t
pid_of(const struct etmperf *p, int32_t tid)
{
	const uint64_t *pid = tid < 0 ? NULL : hash_get(&p->pid, (uint64_t)tid);

	return pid == NULL ? -1 : (int32_t)*pid;
}

/* The task that a context ID names. */
static void
name_task(void *arg, uint32_t contextid, int32_t *pid, int32_t *tid)
{
	const struct etm *e = arg;

	*tid = contextid <= INT32_MAX ? (int32_t)contextid : -1;
	*pid = contextid == 0 ? 0 : pid_of(e->tasks, *tid);
}

/* The task that a CPU traces. */
static void
task_on(void *arg, int32_t cpu, int32_t *pid, int32_t *tid)
{
	const struct etm *e = arg;
	const struct etmperf *p = e->tasks;
	const uint64_t *traced = cpu < 0 ? NULL : hash_get(&p->on_cpu, (uint64_t)cpu);

	*tid = traced == NULL ? -1 : (int32_t)*traced;
	*pid = pid_of(p, *tid);
}

static int64_t
time_of(void *arg, uint64_t timestamp)
{
	const struct etm *e = arg;
	const struct etmperf *p = e->tasks;

	return auxtrace_time(&p->aux, timestamp);
}

static void
on_process(void *arg, const struct rec *r)
{
	struct etmperf *p = arg;

	if (r->kind == REC_COMM && r->tid >= 0)
		*hash_put(&p->pid, (uint64_t)r->tid) = (uint32_t)r->pid;
	else if (r->kind == REC_FORK)
		*hash_put(&p->pid, (uint64_t)r->fork.child_tid) = (uint32_t)r->fork.child_pid;
	if (p->e->code != NULL)
		code_add(p->e->code, r);
}

static void
on_start(struct etmperf *p, const struct perf_record *pr)
{
	struct bytes b;
	struct perf_who who = perf_trailer(pr, &b);
	uint32_t pid = bytes_u32(&b), tid = bytes_u32(&b);

	if (bytes_bad(&b))
		return;
	*hash_put(&p->pid, tid) = pid;
	if (who.cpu >= 0)
		*hash_put(&p->on_cpu, (uint64_t)who.cpu) = tid;
}

/* Set the task of a buffer. CPUs share a sink: a CPU's frames may hold what others traced. */
static void
set_task(struct etmperf *p, const struct auxtrace_buffer *t, enum csd_layout layout)
{
	struct pktrec *r = &p->e->rec;

	r->cpu = t->cpu;
	r->on_cpu = t->cpu >= 0 && layout != CSD_SINGLE ? task_on : NULL;
	task_on(p->e, t->cpu, &r->pid, &r->tid);
	if (t->cpu < 0) {
		r->tid = t->tid;
		r->pid = pid_of(p, t->tid);
	}
}

/* --- trace */

static void
decode(struct etmperf *p, const struct auxtrace_buffer *t, enum csd_layout layout,
    const struct aux_piece *piece, int32_t cpu)
{
	struct etm_buffer b = { .layout = layout,
		.index = piece->index,
		.offset = piece->file,
		.size = piece->size,
		.at = true,
		.source = p->source };
	char name[32];

	snprintf(name, sizeof name, t->cpu >= 0 ? "cpu%d" : "tid%d", t->cpu >= 0 ? t->cpu : t->tid);
	if (!etm_wants(p->e, name))
		return;
	b.name = name;
	b.n = layout == CSD_SINGLE ? auxtrace_source(&p->aux, cpu, p->source)
				   : auxtrace_sources(&p->aux, cpu, p->source);
	set_task(p, t, layout);
	etm_buffer(p->e, p->perf.in, &b);
}

static void
put_lost(struct etmperf *p, const struct aux *x, const char *what)
{
	struct rec r = { .kind = REC_LOST,
		.t = p->e->rec.t,
		.machine = p->e->rec.machine,
		.cpu = x->cpu,
		.pid = -1,
		.tid = -1 };

	if (p->e->rec.lister || p->e->rec.frames || r.t == REC_NO_NS)
		return;
	r.lost.since = REC_NO_NS;
	r.lost.count = REC_NO_U64;
	r.lost.what = str_of(what);
	rec_put(p->e->rec.out, &r);
}

static void
count_flags(struct etmperf *p, const struct aux *x)
{
	p->empty += x->size == 0;
	p->partial += (x->flags & AUX_PARTIAL) != 0;
	if (x->flags & AUX_TRUNCATED) {
		p->truncated++;
		put_lost(p, x, "trace buffer full");
	}
	if (x->flags & AUX_COLLISION) {
		p->collision++;
		put_lost(p, x, "trace collided");
	}
}

static void
on_missing(struct etmperf *p, const struct aux *x)
{
	char text[128];

	p->missing++;
	put_lost(p, x, "trace is not in the file");
	snprintf(text, sizeof text,
	    "%llu bytes of trace of an AUX record of CPU %d are not in the file",
	    (unsigned long long)x->size, x->cpu);
	etm_note_damage(p->e, "AUX records whose trace is not in the file", text);
}

static void
on_repeated(struct etmperf *p, const struct aux *x)
{
	char text[128];

	p->repeated++;
	snprintf(text, sizeof text,
	    "%llu bytes of trace of an AUX record of CPU %d were decoded before",
	    (unsigned long long)x->repeated, x->cpu);
	etm_note(p->e, "AUX records whose trace was decoded before", text);
}

static void
on_aux(struct etmperf *p, const struct perf_record *pr)
{
	const struct aux *x = &p->aux.aux[p->met++];
	const bool raw = (x->flags & AUX_FORMAT) == AUX_FORMAT_RAW;
	size_t i;

	p->e->rec.t = pr->time > 0 ? (int64_t)pr->time : REC_NO_NS;
	count_flags(p, x);
	if (x->size > 0 && x->buffer == NULL)
		on_missing(p, x);
	if (x->repeated > 0)
		on_repeated(p, x);
	for (i = 0; x->buffer != NULL && i < x->n_pieces && !etm_over(p->e); i++)
		decode(p, x->buffer, raw ? CSD_SINGLE : CSD_FRAMES, &p->aux.piece[x->piece + i],
		    x->cpu >= 0 ? x->cpu : x->buffer->cpu);
}

/* Trace that no AUX record is about: all of it, as frames. */
static void
decode_rest(struct etmperf *p)
{
	const struct auxtrace_buffer *t = p->aux.buffer, *end = t + p->aux.n_buffers;

	p->e->rec.t = REC_NO_NS;
	for (; t < end && !etm_over(p->e); t++)
		if (!t->used)
			decode(p, t, CSD_FRAMES, &(struct aux_piece){ t->file, t->offset, t->size },
			    t->cpu);
}

/* --- the file */

static void
note_stats(struct etmperf *p)
{
	char text[256];

	snprintf(text, sizeof text,
	    "aux=%llu empty=%llu truncated=%llu partial=%llu collision=%llu missing=%llu "
	    "repeated=%llu auxtrace=%llu",
	    (unsigned long long)p->aux.n_aux, (unsigned long long)p->empty,
	    (unsigned long long)p->truncated, (unsigned long long)p->partial,
	    (unsigned long long)p->collision, (unsigned long long)p->missing,
	    (unsigned long long)p->repeated, (unsigned long long)p->aux.n_buffers);
	etm_note(p->e, NULL, text);
}

/* The first time: find the trace, and how it was made. */
static bool
learn(struct etmperf *p, struct input *in)
{
	struct fault *fault = &p->e->sum->fault;
	struct perf_record r;
	bool ok = perf_open(&p->perf, in);

	while (ok && perf_next(&p->perf, &r))
		if (!auxtrace_learn(&p->aux, &r))
			fault_set(fault, "%s@0x%llx%s: damaged trace description", in->name,
			    (unsigned long long)r.offset, input_how(in));
	if (!ok)
		*fault = p->perf.fault;
	else if (!p->aux.found && fault_is(&p->perf.fault))
		fault_set(fault, "%s: no hardware trace before it", p->perf.fault.text);
	else if (!p->aux.found)
		fault_set(fault,
		    "%s: a perf.data without hardware trace: use perf record -e cs_etm//",
		    in->name);
	else if (!p->aux.known)
		fault_set(fault, "%s: its hardware trace is not CoreSight's", in->name);
	perf_close(&p->perf);
	auxtrace_resolve(&p->aux);
	if (p->e->options->times && p->aux.timed)
		p->e->rec.time = time_of;
	else if (p->e->options->times && p->aux.known)
		fault_set(
		    fault, "%s: does not say what time a timestamp of the trace is", in->name);
	return ok && p->aux.known && input_seek(in, 0);
}

static void
replay(struct etmperf *p, struct input *in)
{
	struct etm *e = p->e;
	const bool records = !e->rec.lister && !e->rec.frames;
	const struct perfrec_options options = {
		.machine = e->rec.machine, .events = "", .process = on_process, .arg = p
	};
	struct perf_record r;

	if (!perf_open(&p->perf, in)) {
		perf_close(&p->perf);
		return;
	}
	p->rec = perfrec_new(&p->perf, records ? e->rec.out : NULL, &options);
	while (!etm_over(e) && perf_next(&p->perf, &r)) {
		perfrec_add(p->rec, &r);
		if (r.type == PERF_R_ITRACE_START)
			on_start(p, &r);
		else if (r.type == PERF_R_AUX && p->met < p->aux.n_aux)
			on_aux(p, &r);
	}
	decode_rest(p);
	if (!etm_over(e))
		perfrec_end(p->rec);
	perfrec_free(p->rec);
	if (fault_is(&p->perf.fault))
		fault_set(&e->sum->fault, "%s", p->perf.fault.text);
	perf_close(&p->perf);
}

void
etm_perf(struct etm *e, struct input *in)
{
	struct etmperf p = { .e = e };
	struct fault damage = { "" };
	const bool spooled = input_spool(in);

	e->rec.task = name_task;
	/* cppcheck-suppress autoVariables ; it is taken back below */
	e->tasks = &p;
	if (spooled) { /* what came before the damage is the file */
		damage = in->fault;
		in->fault = (struct fault){ "" };
	}
	if (spooled && learn(&p, in)) {
		if (etm_open_code(e, e->options->sysroot))
			replay(&p, in);
		if (e->options->stats)
			note_stats(&p);
	}
	if (fault_is(&damage))
		in->fault = damage;
	auxtrace_free(&p.aux);
	hash_free(&p.pid);
	hash_free(&p.on_cpu);
	e->tasks = NULL;
}
