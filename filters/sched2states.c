/* SPDX-License-Identifier: MIT */
/* sched2states - fold context switches and wakeups into the states of tasks and CPUs */

#include <getopt.h>
#include <stdlib.h>

#include "base/mem.h"
#include "filter.h"
#include "rec/heldstacks.h"
#include "sched/lines.h"
#include "sched/states.h"

enum { OPT_MERGE = FILTER_LONG, OPT_STACKS };

static const struct filter_option options[] = {
	{ 'C', NULL, "cpus", "only these CPUs: 0,4-7" },
	{ 'p', NULL, "tasks",
	    "only tasks with these pids, tids or names: a,b,...; a+: and descendants" },
	{ 's', NULL, NULL, "report counts on standard error: what was folded, what is missing" },
	{ 't', NULL, "from,to", "only between these times: +20ms,+30ms" },
	{ OPT_MERGE, "io-merge", "time",
	    "merge equal system calls of a task that are at most this far apart" },
	{ OPT_STACKS, "stacks", "how", "inline: as it is read; once: each stack once" },
	FILTER_SPOOL_MAX,
	{ 0 },
};

struct run {
	struct out *out;
	struct select select;
	bool selects, once, counts; /* selects: not everything is written */
	int64_t merge; /* ns that equal calls may be apart to be merged, -1: none are */
	struct lines *lines;
	struct heldstacks *stacks;
};

static bool
is_wanted(struct run *run, const struct rec *r)
{
	if (!run->selects)
		return true;
	select_note(&run->select, r);
	return select_is_event(r) ? select_matches(&run->select, r, STR_NONE)
				  : select_touches(&run->select, r);
}

static void
emit(void *arg, const struct rec *r)
{
	struct run *run = arg;

	if (!is_wanted(run, r))
		return;
	heldstacks_write(run->stacks, run->out, r);
	lines_put(run->lines, run->out, r);
}

/* Write a record that the fold leaves as it is. */
static void
copy(struct run *run, const struct rec *r)
{
	if (!run->once || rec_stack(r) == NULL) {
		rec_copy(run->out, r);
	} else if (r->kind != REC_STACK) {
		heldstacks_write(run->stacks, run->out, r);
		rec_put(run->out, r);
	}
}

static void
note_counts(struct filter *f, const struct states_count *n)
{
	if (n->stray > 0)
		filter_note(f, NULL,
		    "%llu ends without a beginning, of interrupts, calls and requests",
		    (unsigned long long)n->stray);
	filter_note(f, NULL,
	    "%llu switches, %llu missing; %llu wakeups, %llu of tasks that did not wait; %llu "
	    "losses",
	    (unsigned long long)n->switches, (unsigned long long)n->missing,
	    (unsigned long long)n->wakeups, (unsigned long long)n->idle_wakeups,
	    (unsigned long long)n->losses);
}

/* Say what a recording needs that it lacks. */
static void
report_lack(struct filter *f, const struct states_count *n)
{
	if (filter_is_empty(f))
		filter_note(f, NULL, "no records: the filter before this one says why");
	else if (n->switches == 0 && !n->intervals)
		filter_note(f, NULL,
		    "no switches: record sched:sched_switch; rec2folded and rec2prof take samples");
	else if (n->switches > 0 && n->wakeups == 0)
		filter_note(f, NULL,
		    "no wakeups, hence no waits for a CPU: record sched:sched_wakeup as well");
}

static void
report(struct filter *f, const struct run *run, const struct states_count *n)
{
	if (n->why.n > 0)
		filter_note(f, NULL,
		    "%llu of %llu switches are missing, %.*s (%s): tasks that ran or died may seem "
		    "to wait",
		    (unsigned long long)n->missing, (unsigned long long)n->switches, (int)n->why.n,
		    n->why.p,
		    n->part ? "record with -a; select tasks with sched2states -p, not before it"
			    : "some kernels leave them out");
	if (!n->folded && !fault_is(&f->in.fault) && !fault_is(&f->rec.fault))
		report_lack(f, n);
	if (n->still > 0)
		filter_note(f, NULL,
		    "machines whose events all have one time: %llu; they have no states, which "
		    "are between two times",
		    (unsigned long long)n->still);
	if (n->silent > 0)
		filter_note(f, NULL,
		    "CPUs without a switch after tasks were woken there: %llu; "
		    "they went offline, or only some CPUs were recorded",
		    (unsigned long long)n->silent);
	if (n->cut > 0)
		filter_note(f, NULL, "names of more than 1024 bytes are cut");
	if (heldstacks_late(run->stacks))
		filter_note(f, NULL, "stacks of long states may be lost: --stacks=once keeps them");
	if (run->counts)
		note_counts(f, n);
}

/* Fold one record; false where it is out of order. */
static bool
add(struct filter *f, struct run *run, struct states *s, struct rec *r)
{
	enum states_verdict verdict;

	heldstacks_read(run->stacks, r);
	lines_at(run->lines, r->t, rec_text(&f->rec, r, 0));
	if (run->selects)
		select_add_time(&run->select.time, r);
	verdict = states_add(s, r);
	if (verdict == STATES_COPY && is_wanted(run, r))
		copy(run, r);
	if (verdict != STATES_ORDER)
		return true;
	states_stop(s, r);
	return rec_bad(&f->rec, "time goes backwards: LC_ALL=C sort -s -k2,2n puts it in order");
}

static void
read_options(struct filter *f, struct run *run)
{
	int id;

	while ((id = filter_option(f)) != -1)
		if (filter_select(f, id, &run->select))
			run->selects = true;
		else if (id == OPT_MERGE && (run->merge = filter_time(f)) < 0)
			filter_usage(f, "--io-merge: \"%s\" is negative", optarg);
		else if (id == OPT_STACKS)
			run->once = filter_stacks(f);
		else if (id == 's')
			run->counts = true;
}

int
main(int argc, char *argv[])
{
	struct filter f = { "sched2states",
		"fold context switches and wakeups into the states of tasks and CPUs",
		.options = options, .argc = argc, .argv = argv };
	struct run run = { .out = &f.out, .select = { .time = WINDOW_ALL }, .merge = -1 };
	struct states_count n;
	struct states *s;
	struct rec r;

	read_options(&f, &run);
	if (!filter_open(&f) ||
	    (window_needs_last(&run.select.time) && !filter_scan(&f, &run.select.time)))
		return filter_close(&f);
	run.lines = mem_alloc(sizeof *run.lines);
	run.stacks = heldstacks_new(run.once);
	s = states_new(emit, &run);
	states_merge_calls(s, run.merge);
	while (filter_next(&f, &r) && add(&f, &run, s, &r))
		;
	states_end(s);
	n = states_count(s);
	report(&f, &run, &n);
	filter_missed_selected(&f, &run.select);
	states_free(s);
	free(run.lines);
	heldstacks_free(run.stacks);
	select_free(&run.select);
	return filter_close(&f);
}
