/* SPDX-License-Identifier: MIT */
/* kvmexits - count the exits of guests by reason, and how long they took */

#include <getopt.h>

#include "filter.h"
#include "kvm/exits.h"

enum { OPT_BY = FILTER_LONG, OPT_EVENT, OPT_PER, OPT_TABLE, OPT_VCPU };

static const struct filter_option options[] = {
	{ 'm', NULL, "name", "only exits of this guest: a name or pattern" },
	{ 's', NULL, NULL, "report counts on standard error: what was counted, what was not" },
	{ OPT_BY, "by", "value", "sort by count (default), time, mean or max" },
	{ OPT_EVENT, "event", "event", "vmexit (default), mmio, ioport or msr" },
	{ OPT_PER, "per", "what", "add up by vcpu (default), machine or all" },
	{ OPT_TABLE, "table", NULL, "write columns for a terminal" },
	{ OPT_VCPU, "vcpu", "number", "only exits of the vCPUs with this number" },
	{ 0 },
};

static int
named(struct filter *f, const char *option, int (*find)(const char *), const char *which)
{
	int v = find(optarg);

	if (v < 0)
		filter_usage(f, "--%s: \"%s\": not %s", option, optarg, which);
	return v;
}

/* Returns whether a table is asked for. */
static bool
get_options(struct filter *f, struct exits *e, bool *counts)
{
	bool table = false;
	int id;

	while ((id = filter_option(f)) != -1) {
		if (id == 'm')
			filter_machines(f, &e->wanted);
		else if (id == OPT_BY)
			e->by = (enum exits_by)named(
			    f, "by", exits_by_named, "count, time, mean or max");
		else if (id == OPT_EVENT)
			e->event = (enum exits_event)named(
			    f, "event", exits_event_named, "vmexit, mmio, ioport or msr");
		else if (id == OPT_PER)
			e->per = (enum exits_per)named(
			    f, "per", exits_per_named, "vcpu, machine or all");
		else if (id == OPT_VCPU)
			e->vcpu = (int32_t)filter_number(f, 0, INT32_MAX);
		table = table || id == OPT_TABLE;
		*counts = *counts || id == 's';
	}
	return table;
}

static void
report(struct filter *f, const struct exits *e, bool counts)
{
	const struct exits_counts *n = &e->counts;

	if (n->no_exit + n->no_entry + n->torn > 0)
		filter_note(f, NULL,
		    "not counted: %llu without an entry, %llu without an exit, %llu in which "
		    "events were lost: the stream is only a part of a recording, or lost events",
		    (unsigned long long)n->no_entry, (unsigned long long)n->no_exit,
		    (unsigned long long)n->torn);
	filter_note_overflows(f, n->overflows, "2^64-2");
	if (e->timeless && e->n > 0)
		filter_note(f, NULL,
		    "no kvmentry and kvmexit records: when an access ends is not known, so there "
		    "are no times: record kvm:kvm_entry and kvm:kvm_exit, too");
	if (e->mixed)
		filter_note(f, NULL,
		    "vm is several guests: the processes of their threads are not known: use "
		    "perf2rec, or perf script -F +pid, or set ftrace's option record-tgid");
	if (counts)
		filter_note(f, NULL,
		    "%llu entries, %llu exits, %llu accesses; %llu intervals counted, %llu open at "
		    "the start, %llu at the end",
		    (unsigned long long)n->entries, (unsigned long long)n->exits,
		    (unsigned long long)n->accesses, (unsigned long long)n->counted,
		    (unsigned long long)n->at_start, (unsigned long long)n->at_end);
}

/* Say why there are no rows. */
static void
check(struct filter *f, const struct exits *e)
{
	if (e->n > 0)
		return;
	if (e->counts.entries + e->counts.exits + e->counts.accesses == 0)
		fault_set(&f->fault,
		    "%s: no kvmentry and kvmexit records: record kvm:kvm_entry and "
		    "kvm:kvm_exit",
		    f->in.name);
	else if (e->wanted.missed == e->wanted.n && e->wanted.n > 0)
		fault_set(&f->fault, "%s: no exits of the guests that -m names", f->in.name);
	else if (e->vcpu >= 0 && !e->has_vcpu)
		fault_set(&f->fault, "%s: no exits of a vCPU %d", f->in.name, e->vcpu);
	else
		fault_set(&f->fault, "%s: none of these events", f->in.name);
}

static bool
add(struct filter *f, struct exits *e, const struct rec *r, bool table)
{
	if (table)
		filter_note_clock(f, r);
	return exits_add(e, r) ||
	       rec_bad(&f->rec, "time goes backwards: LC_ALL=C sort -s -k2,2n puts it in order");
}

int
main(int argc, char *argv[])
{
	struct filter f = { "kvmexits",
		"count the exits of guests by reason, and how long they took", .options = options,
		.argc = argc, .argv = argv };
	struct exits e = { .vcpu = -1 };
	bool counts = false, table = get_options(&f, &e, &counts);
	struct rec r;

	if (filter_open(&f)) {
		while (filter_next(&f, &r) && add(&f, &e, &r, table))
			;
		exits_end(&e);
		if (table)
			exits_table(&e, &f.out);
		else
			exits_write(&e, &f.out);
		if (!fault_is(&f.in.fault) && !fault_is(&f.rec.fault))
			check(&f, &e);
		report(&f, &e, counts);
		filter_missed(&f, "-m", &e.wanted);
	}
	exits_free(&e);
	return filter_close(&f);
}
