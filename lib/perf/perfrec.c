/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "perfclock.h"
#include "perfcount.h"
#include "perfinfo.h"
#include "perflost.h"
#include "perfmeta.h"
#include "perfname.h"
#include "perfproc.h"
#include "perfrec.h"
#include "perfsample.h"
#include "perfstack.h"
#include "perftids.h"

struct perfrec {
	struct perf *perf;
	struct out *out;
	struct str machine;
	void (*process)(void *arg, const struct rec *); /* see perfrec_options */
	void *arg;
	struct perfrec_counts counts;
	struct perf_names names;
	struct perf_proc proc;
	struct perf_tids tids;
	struct perf_stack stack;
	struct perf_clock clock;
	struct perf_losses losses;
	struct perf_counts counted;
	struct evinfo info;
	bool begun;
	bool switches; /* the scheduler's own event is recorded */
	char guest[PERF_INFO_GUEST];
	char ip[TEXT_NUMBER];
};

static void
write_rec(struct perfrec *p, const struct rec *r)
{
	if (p->out != NULL)
		rec_put(p->out, r);
}

static void
emit_meta(void *arg, const char *key, struct str value)
{
	struct perfrec *p = arg;
	char *d = mem_alloc(4 * value.n + 1);
	struct rec r = { .kind = REC_META, .t = REC_NO_NS, .machine = p->machine };

	r.meta.key = str_of(key);
	r.meta.value = (struct str){ d, text_escape(d, value.p, value.n, "") };
	write_rec(p, &r);
	free(d);
}

/* What a file's header says stands in front; a pipe says it in records. */
static void
read_features(struct perfrec *p)
{
	int i;

	for (i = 0; i < PERF_F_COUNT; i++) {
		if (p->perf->header.feature[i].size == 0)
			continue;
		if (i == PERF_F_TRACING_DATA)
			tracing_read(&p->names.tracing, perf_feature(p->perf, i));
		else if (i == PERF_F_BUILD_ID)
			perf_builds_feature(&p->proc.builds, perf_feature(p->perf, i));
		else
			perf_meta_feature(i, perf_feature(p->perf, i), emit_meta, p);
		perf_counts_feature(&p->counted, i, perf_feature(p->perf, i));
	}
}

struct perfrec *
perfrec_new(struct perf *perf, struct out *out, const struct perfrec_options *options)
{
	struct perfrec *p = mem_alloc(sizeof *p);

	p->perf = perf;
	p->out = out;
	p->clock.offset = p->clock.t = options->offset;
	p->machine = options->machine;
	p->process = options->process;
	p->arg = options->arg;
	p->names.patterns = options->events;
	perf_stack_open(&p->stack, out, options->once);
	read_features(p);
	return p;
}

void
perfrec_free(struct perfrec *p)
{
	perf_names_free(&p->names);
	perf_proc_free(&p->proc);
	perf_stack_free(&p->stack);
	hash_free(&p->tids.pid);
	evinfo_free(&p->info);
	perf_clock_free(&p->clock);
	perf_losses_free(&p->losses);
	perf_counts_free(&p->counted);
	free(p);
}

const struct perfrec_counts *
perfrec_counts(struct perfrec *p)
{
	p->counts.late = p->clock.late;
	return &p->counts;
}

static bool
is_guest(unsigned cpumode)
{
	return cpumode == PERF_CPUMODE_GUEST_KERNEL || cpumode == PERF_CPUMODE_GUEST_USER;
}

/* Seen from the host a guest's sample has no task or CPU of the guest. */
static void
enter_guest(struct perfrec *p, const struct perf_sample *s, struct rec *r)
{
	r->machine = perf_info_guest(p->guest, s->pid);
	r->cpu = r->pid = r->tid = REC_NO_ID;
	perf_info_host(&p->info, s);
}

static struct str
stack_of(struct perfrec *p, const struct perf_record *pr, const struct perf_sample *s,
    const struct rec *r)
{
	if (!(pr->event->sample_type & PERF_CALLCHAIN))
		return STR_NONE;
	return perf_stack_of(&p->stack, r, s->chain, pr->misc & PERF_CPUMODE_MASK, s->ip);
}

static void
put(struct perfrec *p, struct rec *r)
{
	perf_stack_define(&p->stack, r);
	write_rec(p, r);
}

static void
put_sample(struct perfrec *p, const struct perf_record *pr, const struct perf_sample *s,
    struct str name, struct rec *r)
{
	unsigned mode = pr->misc & PERF_CPUMODE_MASK;
	const struct perf_attr *a = pr->event;

	p->info.n = 0;
	if (is_guest(mode))
		enter_guest(p, s, r);
	perf_info_values(&p->info, a, s);
	r->kind = REC_SAMPLE;
	r->sample = (struct rec_sample){
		.event = name,
		.period = a->sample_type & PERF_PERIOD || !a->freq ? s->period : REC_NO_U64,
		.mode = stack_mode_name(mode < MODE_COUNT ? mode : MODE_NONE),
		.ip = a->sample_type & PERF_IP ? (struct str){ p->ip, text_put_hex(p->ip, s->ip) }
					       : STR_NONE,
		.info = evinfo_str(&p->info),
		.stack = stack_of(p, pr, s, r),
	};
	put(p, r);
}

/* A tracepoint fires in the host's kernel, in whichever mode perf found the CPU. */
static void
put_tracepoint(struct perfrec *p, const struct perf_record *pr, const struct perf_sample *s,
    struct evrec *e, struct rec *r)
{
	int32_t tid = r->tid;

	if (tid < 0)
		tid = r->tid = evrec_tid(e, s->raw);
	if (r->pid < 0 && tid >= 0)
		r->pid = perf_tids_get(&p->tids, tid);
	evrec_fill(e, s->raw, stack_of(p, pr, s, r), r);
	if (r->tid != tid)
		r->pid = perf_tids_get(&p->tids, r->tid);
	put(p, r);
	if (evrec_is_last(r))
		perf_tids_drop(&p->tids, r->tid);
}

/* A tracepoint whose format is not in the file. */
static void
put_raw(struct perfrec *p, const struct perf_record *pr, const struct perf_sample *s,
    struct str name, struct rec *r)
{
	p->counts.formatless++;
	p->info.n = 0;
	if (bytes_left(&s->raw) > 0)
		evinfo_add_bytes(&p->info, "raw", s->raw);
	r->kind = REC_TRACEPOINT;
	r->tracepoint = (struct rec_tracepoint){ name, evinfo_str(&p->info), STR_NONE };
	r->tracepoint.stack = stack_of(p, pr, s, r);
	put(p, r);
}

static void
put_gap(struct perfrec *p, int64_t since, uint64_t bytes, struct str what)
{
	struct rec r = { .kind = REC_GAP, .machine = p->machine, .cpu = -1, .pid = -1, .tid = -1 };

	r.gap = (struct rec_gap){ since, bytes, what };
	r.t = p->clock.t;
	write_rec(p, &r);
}

/* What a record should hold is more than it does; the next one may be whole. */
static void
damaged(struct perfrec *p, const struct perf_record *pr)
{
	int64_t since = p->clock.t;

	p->counts.damaged++;
	perf_clock_time(&p->clock, pr->time);
	put_gap(p, since, bytes_left(&pr->body), STR("record cut short"));
	fault_set(&p->perf->fault, "%s@0x%llx: the %s record is cut short", p->perf->in->name,
	    (unsigned long long)pr->offset, perf_type_name(pr->type));
}

static void
add_sample(struct perfrec *p, const struct perf_record *pr)
{
	struct perf_name *name = perf_names_of(&p->names, pr->event);
	struct perf_sample s;
	struct rec r;

	if (!name->wanted) {
		p->counts.filtered++;
		return;
	}
	if (!perf_sample_read(pr->event, pr->body, &s)) {
		damaged(p, pr);
		return;
	}
	r.t = perf_clock_time(&p->clock, pr->time);
	r.machine = p->machine;
	r.more = (struct str){ "", 0 };
	r.cpu = s.cpu;
	r.pid = s.pid;
	r.tid = s.tid;
	perf_clock_heard(&p->clock, s.cpu, r.t);
	if (s.tid >= 0)
		perf_tids_set(&p->tids, s.tid, s.pid);
	if (name->evrec != NULL)
		put_tracepoint(p, pr, &s, name->evrec, &r);
	else if (pr->event->type == PERF_TRACEPOINT)
		put_raw(p, pr, &s, name->name, &r);
	else
		put_sample(p, pr, &s, name->name, &r);
}

/* What a process record teaches about threads. */
static void
learn(struct perfrec *p, const struct rec *r)
{
	if (r->kind == REC_COMM)
		perf_tids_set(&p->tids, r->tid, r->pid);
	else if (r->kind == REC_FORK)
		perf_tids_set(&p->tids, r->fork.child_tid, r->fork.child_pid);
	else if (r->kind == REC_EXIT && !p->switches)
		perf_tids_drop(&p->tids, r->tid);
}

/* The guest whose kernel a map is of. */
static void
enter_guest_map(struct perfrec *p, struct rec *r)
{
	r->machine = perf_info_guest(p->guest, r->pid);
	r->pid = r->tid = REC_NO_ID;
}

static bool
is_process(enum rec_kind kind)
{
	return kind == REC_COMM || kind == REC_FORK || kind == REC_EXIT || kind == REC_MAP ||
	       kind == REC_KSYM;
}

static void
add_kernel(struct perfrec *p, const struct perf_record *pr)
{
	struct bytes body;
	struct perf_who who = perf_trailer(pr, &body);
	struct rec r = { .t = perf_clock_time(&p->clock, pr->time), .machine = p->machine };

	if (pr->time == 0) /* synthesised: the trailer is all zeros */
		who.cpu = who.pid = who.tid = -1;
	r.cpu = who.cpu;
	r.pid = who.pid;
	r.tid = who.tid;
	if (!perf_proc_fill(&p->proc, pr, body, &r)) {
		if (r.kind != REC_OTHER)
			damaged(p, pr);
		return;
	}
	if (r.kind == REC_MAP && is_guest(pr->misc & PERF_CPUMODE_MASK))
		enter_guest_map(p, &r);
	if (r.kind == REC_LOST && !perf_losses_add(&p->losses, &p->clock, pr, who.id, &r))
		return;
	if (r.kind == REC_SWITCH && p->switches)
		return;
	learn(p, &r);
	if (p->stack.stacks != NULL)
		stacks_note(p->stack.stacks, &r);
	if (p->process != NULL && is_process(r.kind))
		p->process(p->arg, &r);
	write_rec(p, &r);
}

/* perf stat record: a round of counts. Their clock starts with the counting. */
static void
add_counts(struct perfrec *p, const struct perf_record *pr)
{
	struct rec r = { .machine = p->machine };
	struct perf_name *name;
	enum perf_counts_got got;
	uint64_t t;
	size_t i;

	got = perf_counts_add(&p->counted, p->perf, pr, &t);
	if (got == PERF_COUNTS_CUT)
		damaged(p, pr);
	if (got != PERF_COUNTS_ROUND)
		return;
	r.t = perf_clock_time(&p->clock, t);
	for (i = 0; i < p->counted.n; i++) {
		name = perf_names_of(&p->names, p->counted.pending[i].event);
		perf_counts_fill(&p->counted, i, &r);
		r.count.event = name->name;
		if (name->wanted)
			write_rec(p, &r);
	}
	p->counted.n = 0;
}

/* perf's own records bring what a file has in its header. */
static void
add_own(struct perfrec *p, const struct perf_record *pr)
{
	struct bytes body = pr->body;
	uint64_t feature;

	if (pr->type == PERF_R_TRACING_DATA) {
		tracing_read(&p->names.tracing, perf_bytes(p->perf, pr->blob, pr->blob_size));
	} else if (pr->type == PERF_R_BUILD_ID) {
		perf_builds_record(&p->proc.builds, pr->misc, body);
	} else if (pr->type == PERF_R_HEADER_FEATURE) {
		feature = bytes_u64(&body);
		if (feature < PERF_F_COUNT) {
			perf_meta_feature((int)feature, body, emit_meta, p);
			perf_counts_feature(&p->counted, (int)feature, body);
		}
	} else if (pr->type == PERF_R_COMPRESSED || pr->type == PERF_R_COMPRESSED2) {
		p->counts.compressed++;
	} else if (pr->type == PERF_R_ID_INDEX) {
		perf_losses_learn(&p->losses, body);
	} else {
		add_counts(p, pr);
	}
}

/* Before the first record with a time: by now all events are known. */
static bool
begin(struct perfrec *p)
{
	struct perf_events *e = &p->perf->events;
	char number[TEXT_NUMBER];

	p->begun = true;
	p->switches = perf_names_has(&p->names, e->event, e->n, "sched:sched_switch");
	if (e->n > 0)
		emit_meta(p, "clockid", perf_meta_clock(e->event[0], number));
	return perf_names_check(&p->names, e->event, e->n, &p->perf->fault);
}

bool
perfrec_add(struct perfrec *p, const struct perf_record *pr)
{
	if (pr->type >= PERF_R_USER) {
		add_own(p, pr);
		return true;
	}
	if (!p->begun && !begin(p))
		return false;
	if (pr->type == PERF_R_SAMPLE)
		add_sample(p, pr);
	else
		add_kernel(p, pr);
	return true;
}

void
perfrec_end(struct perfrec *p)
{
	const struct perf *perf = p->perf;
	uint64_t left = perf->end == UINT64_MAX ? REC_NO_U64 : perf->end - perf->pos;

	if (!p->begun)
		perf_names_check(&p->names, perf->events.event, perf->events.n, &p->perf->fault);
	if (p->out != NULL)
		perf_losses_end(&p->losses, &p->clock, p->machine, p->out);
	if (perf->broken)
		put_gap(p, p->clock.t, left, STR("file damaged or cut short"));
	if (p->counted.n > 0)
		put_gap(p, p->clock.t, REC_NO_U64, STR("counts without the end of their round"));
	if (p->counts.compressed == 0)
		return;
	put_gap(p, p->clock.t, REC_NO_U64, STR("compressed records"));
	fault_set(&p->perf->fault, "%s: %llu compressed records (perf record -z) are not read yet",
	    perf->in->name, (unsigned long long)p->counts.compressed);
}
