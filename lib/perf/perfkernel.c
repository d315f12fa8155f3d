/* SPDX-License-Identifier: MIT */

#include "perfconv.h"

/* Flags of an AUX record: its trace is not whole */
enum { AUX_TRUNCATED = 1 << 0, AUX_COLLISION = 1 << 3 };

static void
learn_tids(struct perfrec *p, const struct rec *r)
{
	if (r->kind == REC_COMM)
		tids_set(&p->tids, r->tid, r->pid);
	else if (r->kind == REC_FORK)
		tids_set(&p->tids, r->fork.child_tid, r->fork.child_pid);
	else if (r->kind == REC_EXIT && !p->switches)
		tids_remove(&p->tids, r->tid);
}

static bool
is_process(enum rec_kind kind)
{
	return kind == REC_COMM || kind == REC_FORK || kind == REC_EXIT || kind == REC_MAP ||
	       kind == REC_KSYM;
}

/* The name of the event that a THROTTLE or UNTHROTTLE record is about. */
static struct str
throttled(struct perfrec *p, const struct perf_record *pr)
{
	struct bytes b = pr->body;
	const struct perf_attr *event;

	bytes_u64(&b); /* time */
	event = perf_events_find(perf_events(p->perf), bytes_u64(&b));
	return event == NULL ? STR_NONE : perf_names_of(&p->names, event)->name;
}

/* Whether a record is about a process outside the recorder's pid namespace, which has the id 0 like
 * the idle task. */
static bool
is_outside(const struct rec *r)
{
	if (r->kind == REC_FORK)
		return r->fork.child_tid == 0;
	return r->tid == 0 && (r->kind == REC_COMM || r->kind == REC_EXIT || r->kind == REC_MAP);
}

static bool
is_switch(const struct perf_record *pr)
{
	return pr->type == PERF_R_SWITCH || pr->type == PERF_R_SWITCH_CPU_WIDE;
}

/* Count an AUX record that says that trace was lost. */
static void
count_aux(struct perfrec *p, struct bytes b)
{
	bytes_u64(&b); /* offset */
	bytes_u64(&b); /* size */
	p->counts.aux_lost += (bytes_u64(&b) & (AUX_TRUNCATED | AUX_COLLISION)) != 0;
}

/* Write what a record of the kernel says. Returns false if it is not selected. */
static bool
put_kernel(struct perfrec *p, const struct perf_record *pr, struct rec *r)
{
	learn_tids(p, r);
	if (p->stack.stacks != NULL)
		stacks_note(p->stack.stacks, r);
	if (p->options.process != NULL && is_process(r->kind))
		p->options.process(p->options.arg, r);
	perfconv_write_vcpu(p, r);
	if (!select_is_event(r)) {
		perfconv_write_other(p, r);
		if (r->kind == REC_MAP && p->simple.n > 0)
			perfown_put_symbols(p, r);
		return true;
	}
	perfconv_note_time(p, pr->time);
	if (!perfconv_selects(p, r))
		return false;
	perfconv_write(p, r);
	return true;
}

/* Write what the counters of a task had counted when it ended. */
static enum perf_fate
add_read(struct perfrec *p, const struct perf_record *pr, struct bytes body, struct rec *r)
{
	const struct perf_attr *event;
	const struct perf_name *name;
	struct perf_reading g;

	r->pid = (int32_t)bytes_u32(&body);
	r->tid = (int32_t)bytes_u32(&body);
	if (!perf_reading_begin(&g, pr->event, body)) {
		perfconv_put_cut_short(p, pr);
		return PERF_BAD;
	}
	while (perf_reading_next(&g)) {
		event =
		    g.id == UINT64_MAX ? pr->event : perf_events_find(perf_events(p->perf), g.id);
		name = event == NULL ? NULL : perf_names_of(&p->names, event);
		p->perf->unmatched += event == NULL;
		if (name == NULL || !name->wanted || g.value == REC_NO_U64)
			continue;
		r->kind = REC_COUNT;
		r->count = (struct rec_count){ name->name, g.value, g.enabled, g.running, STR_NONE,
			STR_NONE, STR_NONE, REC_NO_ID, REC_NO_ID, REC_NO_ID };
		perfconv_write(p, r);
	}
	return PERF_WRITTEN;
}

enum perf_fate
perfkernel_add(struct perfrec *p, const struct perf_record *pr)
{
	struct bytes body;
	struct perf_who who = perf_trailer(pr, &body);
	struct rec r = { .t = perfconv_time(p, pr->time), .machine = p->options.machine };

	if (pr->time == 0) /* synthesised: the trailer is all zeros */
		who.cpu = who.pid = who.tid = REC_NO_ID;
	r.cpu = who.cpu;
	r.pid = who.pid;
	r.tid = who.tid;
	if (pr->type == PERF_R_AUX)
		count_aux(p, body);
	if (pr->type == PERF_R_READ && pr->event != NULL)
		return add_read(p, pr, body, &r);
	if (!perf_proc_fill(&p->proc, pr, body, &r)) {
		if (r.kind != REC_OTHER)
			perfconv_put_cut_short(p, pr);
		return r.kind != REC_OTHER ? PERF_BAD : is_switch(pr) ? PERF_USED : PERF_SKIPPED;
	}
	if (r.kind == REC_MAP && perfconv_is_guest(pr->misc & PERF_CPUMODE_MASK)) {
		r.machine = vcpus_guest(p->guest, r.pid);
		r.pid = r.tid = REC_NO_ID;
	}
	if (r.kind == REC_THROTTLE)
		r.throttle.event = throttled(p, pr);
	if (r.kind == REC_LOST && !perf_losses_add(&p->losses, pr, who.id, &r))
		return PERF_USED;
	if (is_switch(pr) && p->switches)
		return PERF_USED;
	if (is_outside(&r) && pr->time != 0) {
		p->counts.outside++;
		return PERF_CHOSEN;
	}
	return put_kernel(p, pr, &r) ? PERF_WRITTEN : PERF_CHOSEN;
}
