/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "perfconv.h"

struct perfrec *
perfrec_new(struct perf *perf, struct out *out, const struct perfrec_options *options)
{
	struct perfrec *p = mem_alloc(sizeof *p);

	p->perf = perf;
	p->out = out;
	p->options = *options;
	if (options->select != NULL)
		options->select->by_event = options->events != NULL;
	p->t = p->options.offset;
	p->names.elsewhere = options->formats;
	p->names.all = options->events == NULL;
	if (!p->names.all && *options->events != '\0')
		patterns_add_list(&p->names.patterns, options->events);
	p->names.events = p->counted.events = perf_events(perf);
	p->proc.info = &p->info;
	p->info.printer = options->printer;
	p->ns.tasks = options->tasks;
	perf_stack_open(&p->stack, options->once);
	perfown_read_features(p);
	return p;
}

void
perfrec_free(struct perfrec *p)
{
	perf_names_free(&p->names);
	perf_proc_free(&p->proc);
	perf_stack_free(&p->stack);
	perf_defer_free(&p->defer);
	perf_losses_free(&p->losses);
	perf_ns_free(&p->ns);
	perf_user_free(&p->user);
	perf_simple_free(&p->simple);
	strbuf_free(&p->path);
	perf_counts_free(&p->counted);
	evinfo_free(&p->info);
	vcpus_free(&p->vcpus);
	tids_free(&p->tids);
	hash_free(&p->counters);
	free(p);
}

const struct patterns *
perfrec_events(const struct perfrec *p)
{
	return &p->names.patterns;
}

struct perfrec_counts
perfrec_counts(const struct perfrec *p)
{
	struct perfrec_counts counts = p->counts;

	perfevent_count_fixed(p->names.events, &counts.tally);
	counts.cut_names = p->info.cut_names + p->names.events->cut_names + p->counted.cut_names;
	counts.cut_fields = p->info.cut_records;
	counts.ignored_fields = p->names.formats.ignored;
	counts.namespaced = p->ns.on;
	counts.no_user = p->defer.alone;
	counts.user_symbols = p->simple.left_out;
	counts.tally.fate[PERF_R_CALLCHAIN_DEFERRED][PERF_USED] += p->defer.joined;
	return counts;
}

/* Whether only a part of a software event is recorded. With a fixed period and the period in each
 * sample, the kernel records all of it, each with its count (perf_swevent_event() of
 * kernel/events/core.c). */
static bool
is_sampled(const struct perf_attr *a)
{
	return a->freq || (a->period > 1 && !(a->sample_type & PERF_PERIOD));
}

/* Choose where switch records come from: the scheduler's own event if it is recorded, unless only a
 * part of its events is and the kernel's context switches are recorded too. */
static void
choose_switches(struct perfrec *p)
{
	const struct perf_events *events = p->names.events;
	const struct perf_attr *a = perf_names_tracepoint(&p->names, "sched:sched_switch");
	bool sampled = a != NULL && is_sampled(a), context = false;
	size_t i;

	for (i = 0; i < events->n; i++)
		context |= events->event[i]->flags >> PERF_FLAG_CONTEXT_SWITCH & 1;
	p->switches = a != NULL && !(sampled && context);
	p->counts.sampled_switches = sampled;
	p->counts.context_switches = sampled && context;
}

/* Move all times to the wall clock. Returns false with the fault set if the file does not say by
 * how much. */
static bool
set_wall(struct perfrec *p)
{
	const struct perf_events *events = p->names.events;

	if (events->n > 0 && events->event[0]->clockid == 0) {
		p->has_wall = true; /* it is the recording's own */
		p->wall = 0;
	}
	if (!p->has_wall)
		return fault_set(&p->perf->fault,
		    "%s: no time of the wall clock in it: record with perf record -k monotonic",
		    p->perf->in->name);
	if (__builtin_add_overflow(p->options.offset, p->wall, &p->options.offset))
		return fault_set(&p->perf->fault, "%s: its time of the wall clock is impossible",
		    p->perf->in->name);
	p->t = p->options.offset;
	return true;
}

/* Before the first record with a time: by now all events are known. */
static bool
begin(struct perfrec *p)
{
	const struct perf_events *events = p->names.events;
	char number[TEXT_NUMBER];
	size_t i;

	p->begun = true;
	choose_switches(p);
	for (i = 0; i < events->n; i++) {
		p->deferring |= events->event[i]->flags >> PERF_FLAG_DEFER & 1;
		p->traced |= events->event[i]->type == PERF_TRACEPOINT;
	}
	if (p->options.wall && !set_wall(p))
		return false;
	if (events->n > 0)
		perfconv_put_meta(p, "clockid",
		    p->options.wall ? STR("realtime") : perf_meta_clock(events->event[0], number));
	if (p->counts.sampled_switches)
		perfconv_put_meta(p, "switches",
		    p->counts.context_switches ? STR("context switch records")
					       : STR("sampled sched:sched_switch"));
	return perf_names_check(&p->names, &p->perf->fault);
}

static void
convert(struct perfrec *p, const struct perf_record *pr)
{
	enum perf_fate fate;

	if (pr->type == PERF_R_SAMPLE)
		fate = perfevent_add(p, pr);
	else
		fate = pr->type < PERF_R_USER ? perfkernel_add(p, pr) : perfown_add(p, pr);
	p->counts.tally.fate[pr->type][fate]++;
}

/* Hold back a record whose sample, or one before it, waits for the user's part of its chain.
 * Returns false if none does. */
static bool
defer(struct perfrec *p, const struct perf_record *pr)
{
	bool sample = pr->type == PERF_R_SAMPLE && pr->event->flags >> PERF_FLAG_DEFER & 1;
	struct perf_record next;

	if (!perf_defer_add(&p->defer, pr, sample && perf_names_of(&p->names, pr->event)->wanted))
		return false;
	while (perf_defer_next(&p->defer, false, &next))
		convert(p, &next);
	return true;
}

bool
perfrec_add(struct perfrec *p, const struct perf_record *pr)
{
	if (pr->type < PERF_R_USER && !p->begun && !begin(p))
		return false;
	if (!p->deferring || pr->type >= PERF_R_USER || !defer(p, pr))
		convert(p, pr);
	return true;
}

/* Whether it is certain that the recording was not made in a pid namespace. */
static bool
is_root(const struct perfrec *p)
{
	return p->begun && (!p->traced || (p->ns.settled && !p->ns.on));
}

void
perfrec_scan(struct perf *perf, const struct perfrec_options *options, bool all)
{
	struct perfrec *p = perfrec_new(perf, NULL, options);
	struct perf_record r;

	while ((all || !is_root(p)) && perf_next(perf, &r) && perfrec_add(p, &r))
		;
	perfrec_free(p);
}

/* Write the losses that were counted and not reported in time. */
static void
put_losses(struct perfrec *p)
{
	struct rec r = { .t = p->t, .machine = p->options.machine };
	size_t i = 0;

	perf_losses_settle(&p->losses);
	while (perf_losses_next(&p->losses, &i, &r))
		perfconv_write_other(p, &r);
	p->counts.lost = p->losses.total;
}

void
perfrec_header(struct perfrec *p)
{
	const struct perf_events *events = p->names.events;
	char number[TEXT_NUMBER];
	size_t i;

	if (events->n > 0)
		perfconv_put_meta(p, "clockid", perf_meta_clock(events->event[0], number));
	for (i = 0; i < events->n; i++)
		perf_header_event(events->event[i],
		    perf_names_of(&p->names, events->event[i])->name, perfconv_put_meta, p);
}

/* Since when events may be missing at the end of a file that was cut: the buffers of some CPUs may
 * have been written, those of others not. */
static int64_t
missing_since(const struct perfrec *p)
{
	int64_t since = perf_losses_first(&p->losses, p->t), settled;
	uint64_t time = perf_settled(p->perf);

	if (time > INT64_MAX || __builtin_add_overflow((int64_t)time, p->options.offset, &settled))
		return since;
	settled = settled < p->t ? settled : p->t;
	return since > settled ? since : settled;
}

void
perfrec_end(struct perfrec *p)
{
	struct perf *perf = p->perf;
	struct perf_record r;

	if (!p->begun)
		perf_names_check(&p->names, &perf->fault);
	while (perf_defer_next(&p->defer, true, &r))
		convert(p, &r);
	if (p->counted.n > 0)
		perfown_put_counts(p, perf_counts_end(&p->counted));
	perfconv_put_number(
	    p, "user_stacks_left_out", p->counts.tally.dropped[PERF_PART_STACK_USER]);
	if (p->options.auxtrace)
		perfconv_put_number(p, "auxtrace_left_out", p->counts.auxtrace);
	put_losses(p);
	if (p->out != NULL)
		perf_ns_end(&p->ns, p->out);
	if (perf->broken)
		perfconv_put_gap(
		    p, missing_since(p), perf_unread(perf), STR("file damaged or cut short"));
}
