/* SPDX-License-Identifier: MIT */
/* The CoreSight trace of a perf.data file: once through it to find the trace, which may stand
 * behind the record that tells of it, and once more in time order. */

#include <stdio.h>
#include <stdlib.h>

#include "auxtrace.h"
#include "base/hash.h"
#include "base/mem.h"
#include "etm.h"
#include "perf/perf.h"
#include "perf/perf_int.h"
#include "perf/perfbuild.h"
#include "perf/perfrec.h"

enum { COMM_EXEC = 1 << 13, MMAP_BUILD_ID = 1 << 14 };

struct etmperf {
	struct etm *e;
	struct perf perf;
	struct auxtrace aux;
	struct perf_builds builds; /* of the files that ran */
	struct perfrec *rec;       /* NULL where no records are written */
	struct hash pid;           /* of a tid */
	struct hash on_cpu;        /* the tid that started to be traced there last */
	struct csd_source *source; /* of the buffer in hand */
	uint64_t records, empty, truncated, partial, collision, missing;
};

static void
name_task(void *arg, uint32_t contextid, int32_t *pid, int32_t *tid)
{
	struct etm *e = arg;
	struct etmperf *p = e->tasks;
	uint64_t *known = hash_get(&p->pid, contextid);

	*tid = contextid <= INT32_MAX ? (int32_t)contextid : -1;
	*pid = known == NULL ? -1 : (int32_t)*known;
	if (contextid == 0)
		*pid = 0;
}

/* What comm, fork and the start of a task's trace tell: who is who, and where. */
static void
learn_task(struct etmperf *p, const struct perf_record *pr)
{
	struct perf_who who;
	struct bytes b;
	uint32_t pid, tid;

	if (pr->type != PERF_R_COMM && pr->type != PERF_R_FORK && pr->type != PERF_R_ITRACE_START)
		return;
	who = perf_trailer(pr, &b);
	pid = bytes_u32(&b);
	if (pr->type == PERF_R_FORK)
		bytes_u32(&b); /* the parent's pid */
	tid = bytes_u32(&b);
	if (bytes_bad(&b))
		return;
	*hash_put(&p->pid, tid) = pid;
	if (pr->type == PERF_R_ITRACE_START && who.cpu >= 0)
		*hash_put(&p->on_cpu, (uint64_t)who.cpu) = tid;
}

static void
put_build(char *d, const uint8_t *id, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		*d++ = "0123456789abcdef"[id[i] >> 4];
		*d++ = "0123456789abcdef"[id[i] & 15];
	}
	*d = '\0';
}

/* The build id of what is mapped: in the record itself, or in the recording's list of files. */
static void
build_of(struct etmperf *p, const struct perf_record *pr, struct str path, char *d)
{
	struct bytes b = pr->body;
	const uint8_t *id;
	const struct perf_build *known;

	*d = '\0';
	if (pr->type == PERF_R_MMAP2 && (pr->misc & MMAP_BUILD_ID)) {
		id = bytes_take(&b, 56); /* pid to offset: 32; then length, 3 bytes, id */
		if (id != NULL && id[32] > 0 && id[32] <= PERF_BUILD_ID)
			put_build(d, id + 36, id[32]);
		return;
	}
	known = perf_builds_find(&p->builds, false, path);
	if (known != NULL)
		put_build(d, known->id, known->n);
}

/* Code of programs, for a full decode: where the file of a map is mapped. */
static void
add_map(struct etmperf *p, const struct perf_record *pr)
{
	const char *root = p->e->sysroot == NULL ? "" : p->e->sysroot;
	struct bytes b = pr->body;
	struct image where = { .space = CSD_ANY_SPACE };
	char path[4096], build[2 * PERF_BUILD_ID + 1];
	const char *name;
	size_t n;

	where.pid = (int32_t)bytes_u32(&b);
	bytes_u32(&b); /* tid */
	where.addr = bytes_u64(&b);
	where.len = bytes_u64(&b);
	where.off = bytes_u64(&b);
	if (pr->type == PERF_R_MMAP2)
		bytes_take(&b, 32); /* device, inode or build id; protection, flags */
	name = bytes_string(&b, &n);
	if (bytes_bad(&b) || where.pid < 0 || n == 0 || *name != '/')
		return;
	snprintf(path, sizeof path, "%s%.*s", root, (int)n, name);
	build_of(p, pr, (struct str){ name, n }, build);
	images_add(&p->e->images, &where, path, build);
}

static void
learn_images(struct etmperf *p, const struct perf_record *pr)
{
	struct bytes b = pr->body;
	int32_t pid = (int32_t)bytes_u32(&b), parent = (int32_t)bytes_u32(&b);

	if (pr->type == PERF_R_MMAP || pr->type == PERF_R_MMAP2)
		add_map(p, pr);
	else if (pr->type == PERF_R_BUILD_ID)
		perf_builds_record(&p->builds, pr->misc, pr->body);
	else if (pr->type == PERF_R_FORK && !bytes_bad(&b))
		images_fork(&p->e->images, parent, pid);
	else if (pr->type == PERF_R_COMM && (pr->misc & COMM_EXEC) && !bytes_bad(&b))
		images_exec(&p->e->images, pid);
}

/* All sources of the recording, the buffer's own CPU's last: where two have one id, it counts. */
static size_t
sources(struct etmperf *p, int32_t cpu)
{
	const struct csd_source *own = auxtrace_source(&p->aux, cpu);
	size_t i, n = 0;

	for (i = 0; i < p->aux.n; i++)
		if (&p->aux.source[i] != own && p->aux.source[i].protocol != CSD_NONE)
			p->source[n++] = p->aux.source[i];
	if (own != NULL && own->protocol != CSD_NONE)
		p->source[n++] = *own;
	return n;
}

/* Trace without frames is of the CPU that wrote it. */
static size_t
source(struct etmperf *p, int32_t cpu)
{
	const struct csd_source *own = auxtrace_source(&p->aux, cpu);

	if (own == NULL && p->aux.n > 0)
		own = &p->aux.source[0];
	if (own == NULL || own->protocol == CSD_NONE)
		return 0;
	p->source[0] = *own;
	return 1;
}

static int32_t
pid_of(const struct etmperf *p, int32_t tid)
{
	uint64_t *pid = tid < 0 ? NULL : hash_get(&p->pid, (uint64_t)tid);

	return pid == NULL ? -1 : (int32_t)*pid;
}

static void
task_on(void *arg, int32_t cpu, int32_t *pid, int32_t *tid)
{
	struct etm *e = arg;
	struct etmperf *p = e->tasks;
	uint64_t *traced = cpu < 0 ? NULL : hash_get(&p->on_cpu, (uint64_t)cpu);

	*tid = traced == NULL ? -1 : (int32_t)*traced;
	*pid = pid_of(p, *tid);
}

/* CPUs share a sink: in the frames of one CPU's buffer may be what the others traced meanwhile. */
static void
whose(struct etmperf *p, const struct auxtrace_buffer *t, enum csd_layout layout)
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

static void
decode(
    struct etmperf *p, const struct auxtrace_buffer *t, const struct etm_buffer *where, int32_t cpu)
{
	struct etm_buffer b = *where;
	char name[32];

	snprintf(name, sizeof name, t->cpu >= 0 ? "cpu%d" : "tid%d", t->cpu >= 0 ? t->cpu : t->tid);
	if (!etm_wants(p->e, name))
		return;
	b.name = name;
	b.at = true;
	b.source = p->source;
	b.n = b.layout == CSD_SINGLE ? source(p, cpu) : sources(p, cpu);
	whose(p, t, b.layout);
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
	p->records++;
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
on_aux(struct etmperf *p, const struct perf_record *pr)
{
	const struct auxtrace_buffer *t;
	struct etm_buffer b = { 0 };
	char text[128];
	struct aux x;

	p->e->rec.t = pr->time > 0 ? (int64_t)pr->time : REC_NO_NS;
	if (!auxtrace_aux(pr, &x))
		return;
	count_flags(p, &x);
	if (x.size == 0)
		return;
	t = auxtrace_find(&p->aux, &x, &b.offset, &b.index, &b.size);
	b.layout = (x.flags & AUX_FORMAT) == AUX_FORMAT_RAW ? CSD_SINGLE : CSD_FRAMES;
	if (t != NULL) {
		decode(p, t, &b, x.cpu >= 0 ? x.cpu : t->cpu);
		return;
	}
	p->missing++;
	snprintf(text, sizeof text, "%llu bytes of trace that an AUX record of CPU %d tells of",
	    (unsigned long long)x.size, x.cpu);
	put_lost(p, &x, "trace is not in the file");
	strncat(text, " are not in the file", sizeof text - strlen(text) - 1);
	etm_say_damage(p->e, text);
}

/* Trace that no AUX record tells of: all of it, in frames. */
static void
decode_rest(struct etmperf *p)
{
	struct etm_buffer b = { .layout = CSD_FRAMES };
	size_t i;

	p->e->rec.t = REC_NO_NS;
	for (i = 0; i < p->aux.n_buffers; i++) {
		if (p->aux.buffer[i].used)
			continue;
		b.offset = p->aux.buffer[i].file;
		b.index = p->aux.buffer[i].offset;
		b.size = p->aux.buffer[i].size;
		decode(p, &p->aux.buffer[i], &b, p->aux.buffer[i].cpu);
	}
}

static void
say_stats(struct etmperf *p)
{
	char text[256];

	snprintf(text, sizeof text,
	    "aux=%llu empty=%llu truncated=%llu partial=%llu collision=%llu missing=%llu "
	    "auxtrace=%llu",
	    (unsigned long long)p->records, (unsigned long long)p->empty,
	    (unsigned long long)p->truncated, (unsigned long long)p->partial,
	    (unsigned long long)p->collision, (unsigned long long)p->missing,
	    (unsigned long long)p->aux.n_buffers);
	etm_say(p->e, text);
}

/* First time through: where the trace is, and how it was made. */
static bool
learn(struct etmperf *p, struct input *in)
{
	struct perf_record r;
	bool ok;

	ok = perf_open(&p->perf, in);
	while (ok && perf_next(&p->perf, &r))
		if (!auxtrace_learn(&p->aux, &r))
			fault_set(&p->e->fault, "%s@0x%llx: damaged trace description", in->name,
			    (unsigned long long)r.offset);
	if (!ok)
		p->e->fault = p->perf.fault;
	else if (!p->aux.found)
		fault_set(&p->e->fault, "%s: a perf.data without hardware trace", in->name);
	else if (!p->aux.known)
		fault_set(&p->e->fault, "%s: its hardware trace is not CoreSight's", in->name);
	perf_close(&p->perf);
	return ok && p->aux.known && input_seek(in, 0);
}

static void
replay(struct etmperf *p, struct input *in)
{
	const struct perfrec_options options = { .machine = p->e->rec.machine, .events = "" };
	struct perf_record r;

	if (!perf_open(&p->perf, in))
		return;
	if (p->e->rec.decode)
		perf_builds_feature(&p->builds, perf_feature(&p->perf, PERF_F_BUILD_ID));
	if (!p->e->rec.lister && !p->e->rec.frames)
		p->rec = perfrec_new(&p->perf, p->e->rec.out, &options);
	while (p->e->rec.out->error == 0 && perf_next(&p->perf, &r)) {
		learn_task(p, &r);
		if (p->e->rec.decode)
			learn_images(p, &r);
		if (p->rec != NULL)
			perfrec_add(p->rec, &r);
		if (r.type == PERF_R_AUX)
			on_aux(p, &r);
	}
	decode_rest(p);
	if (p->rec != NULL) {
		perfrec_end(p->rec);
		perfrec_free(p->rec);
	}
	if (fault_is(&p->perf.fault))
		fault_set(&p->e->fault, "%s", p->perf.fault.text);
}

bool
etm_perf(struct etm *e, struct input *in)
{
	struct etmperf p = { .e = e };

	e->rec.task = name_task;
	/* cppcheck-suppress autoVariables ; it is taken back below */
	e->tasks = &p;
	if (!input_spool(in)) {
		e->fault = in->fault;
		return false;
	}
	if (learn(&p, in)) {
		p.source = mem_alloc((p.aux.n + 1) * sizeof *p.source);
		replay(&p, in);
		if (e->stats)
			say_stats(&p);
		perf_close(&p.perf);
	}
	free(p.source);
	auxtrace_free(&p.aux);
	perf_builds_free(&p.builds);
	hash_free(&p.pid);
	hash_free(&p.on_cpu);
	e->tasks = NULL;
	return !fault_is(&e->fault);
}
