/* SPDX-License-Identifier: MIT */

#include "base/digest.h"
#include "perfconv.h"
#include "rec/pairs.h"
#include "rec/stack.h"

/* The parts that are counted sample by sample, since some samples lack them. */
enum {
	VARYING = PERF_READ | PERF_BRANCH_STACK | PERF_STACK_USER | PERF_REGS_USER |
		  PERF_REGS_INTR | PERF_AUX
};

/* The parts of a tracepoint's sample that its record has. The ip is in its stack, if it has one. */
enum {
	OF_TRACEPOINT =
	    PERF_TID | PERF_TIME | PERF_CPU | PERF_PERIOD | PERF_CALLCHAIN | PERF_RAW | PERF_IP
};

void
perfevent_count_fixed(const struct perf_events *events, struct perf_tally *t)
{
	uint64_t fixed, kept, no_period = t->dropped[PERF_PART_PERIOD];
	const struct perf_attr *a;
	size_t i, part;

	for (i = 0; i < events->n; i++) {
		a = events->event[i];
		fixed = a->sample_type & ~(uint64_t)VARYING;
		kept = a->type == PERF_TRACEPOINT ? OF_TRACEPOINT : UINT64_MAX;
		for (part = 0; part < PERF_PARTS; part++)
			if (fixed >> part & 1)
				(kept >> part & 1 ? t->kept : t->dropped)[part] += a->samples;
	}
	t->kept[PERF_PART_PERIOD] -=
	    no_period < t->kept[PERF_PART_PERIOD] ? no_period : t->kept[PERF_PART_PERIOD];
}

/* Seen from the host, a guest's sample has no task and no CPU of the guest. */
static void
enter_guest(struct perfrec *p, const struct perf_sample *s, struct rec *r)
{
	struct rec vcpu;

	if (vcpus_add_sample(&p->vcpus, r, &vcpu))
		perfconv_write_other(p, &vcpu);
	r->machine = vcpus_guest(p->guest, s->pid);
	r->cpu = r->pid = r->tid = REC_NO_ID;
	if (s->cpu >= 0)
		evinfo_add(&p->info, "host_cpu", (uint64_t)s->cpu);
	if (s->pid >= 0)
		evinfo_add(&p->info, "host_pid", (uint64_t)s->pid);
	if (s->tid >= 0)
		evinfo_add(&p->info, "host_tid", (uint64_t)s->tid);
}

/* The parts of a sample that become pairs, if they are not 0. */
enum {
	VALUES = PERF_ADDR | PERF_WEIGHT | PERF_WEIGHT_STRUCT | PERF_DATA_SRC | PERF_TRANSACTION |
		 PERF_PHYS_ADDR | PERF_CGROUP | PERF_DATA_PAGE_SIZE | PERF_CODE_PAGE_SIZE
};

/* Append those values. */
static void
add_values(const struct perfrec *p, struct evinfo *v, const struct perf_attr *a,
    const struct perf_sample *s)
{
	const struct {
		uint64_t bit, value;
		const char *key;
		bool hex;
	} values[] = {
		{ PERF_ADDR, s->addr, "addr", true },
		{ PERF_WEIGHT, s->weight, "weight", false },
		{ PERF_WEIGHT_STRUCT, s->weight & UINT32_MAX, "weight", false },
		{ PERF_WEIGHT_STRUCT, s->weight >> 32 & UINT16_MAX, "ins_lat", false },
		{ PERF_WEIGHT_STRUCT, s->weight >> 48, "weight3", false },
		/* bit 0: no memory was accessed */
		{ PERF_DATA_SRC, s->data_src & 1 ? 0 : s->data_src, "data_src", true },
		{ PERF_TRANSACTION, s->transaction, "transaction", true },
		{ PERF_PHYS_ADDR, s->phys_addr, "phys_addr", true },
		{ PERF_CGROUP, s->cgroup, "cgroup", false },
		{ PERF_DATA_PAGE_SIZE, s->data_page, "data_page", false },
		{ PERF_CODE_PAGE_SIZE, s->code_page, "code_page", false },
	};
	size_t i;

	for (i = 0; i < sizeof values / sizeof *values; i++) {
		if (!(a->sample_type & values[i].bit) || values[i].value == 0)
			continue;
		if (values[i].hex)
			evinfo_add_hex(v, values[i].key, values[i].value);
		else
			evinfo_add(v, values[i].key, values[i].value);
	}
	if (a->sample_type & PERF_CGROUP)
		pairs_add(&v->pairs, STR("cgroup_path"), perf_proc_cgroup(&p->proc, s->cgroup));
}

/* Whether the branches of samples are the calls that have not returned. */
static bool
is_call_stack(const struct perf_attr *a)
{
	return a->sample_type & PERF_BRANCH_STACK && a->branch_type & PERF_BRANCH_CALL_STACK;
}

static struct str
stack_of(struct perfrec *p, const struct perf_record *pr, const struct perf_sample *s,
    const struct rec *r)
{
	const struct perf_attr *a = pr->event;
	struct bytes chain = s->chain;

	p->stack.used.n = 0;
	if (!(a->sample_type & PERF_CALLCHAIN))
		return STR_NONE;
	if (p->options.select != NULL && !window_has(&p->options.select->time, r->t, r->t))
		return STR_NONE; /* the event will not be written */
	if (is_call_stack(a))
		chain = perf_branch_join(chain, s->branch, p->stack.joined);
	return perf_stack_field(&p->stack, r, chain, pr->misc & PERF_CPUMODE_MASK, s->ip);
}

/* Write the user stack of the sample that the event is made from. A guest's is unknown: the
 * registers are those of the host's process. */
static void
put_user(struct perfrec *p, const struct rec *event)
{
	struct rec r;

	if (p->unwritten == NULL || !str_eq(event->machine, p->options.machine))
		return;
	r = *event;
	if (perf_user_fill(&p->user, p->unwritten_of, p->unwritten, &r))
		perfconv_write(p, &r);
	p->unwritten = NULL;
}

/* Write an event, which may have a stack. Returns false if it is not selected. */
static bool
put(struct perfrec *p, struct rec *r)
{
	struct rec stack;

	if (!perfconv_selects(p, r)) {
		perfconv_write_vcpu(p, r);
		return false;
	}
	put_user(p, r);
	if (perf_stack_define(&p->stack, r, &stack))
		perfconv_write(p, &stack);
	perfconv_write_vcpu(p, r);
	perfconv_write(p, r);
	return true;
}

/* Add raw data. The kernel writes four zero bytes if an event has none. */
static void
add_raw(struct perfrec *p, struct bytes raw)
{
	struct bytes b = raw;

	if (bytes_left(&raw) > 0 && (bytes_left(&raw) != 4 || bytes_u32(&b) != 0))
		evinfo_add_bytes(&p->info, "raw", raw);
}

static bool
put_sample(struct perfrec *p, const struct perf_record *pr, const struct perf_sample *s,
    struct str name, struct rec *r)
{
	unsigned mode = pr->misc & PERF_CPUMODE_MASK;
	const struct perf_attr *a = pr->event;

	evinfo_begin(&p->info);
	if (perfconv_is_guest(mode))
		enter_guest(p, s, r);
	if (a->sample_type & VALUES)
		add_values(p, &p->info, a, s);
	if (a->sample_type & PERF_RAW)
		add_raw(p, s->raw);
	r->kind = REC_SAMPLE;
	r->sample.event = name;
	r->sample.period = s->period;
	r->sample.mode = stack_mode_name(mode < MODE_COUNT ? mode : MODE_NONE);
	r->sample.ip = STR_NONE;
	if (a->sample_type & PERF_IP)
		r->sample.ip = (struct str){ p->ip, text_put_hex(p->ip, s->ip) };
	r->sample.info = evinfo_pairs(&p->info);
	r->sample.stack = stack_of(p, pr, s, r);
	return put(p, r);
}

/* Set the ids of the current task if those of the sample and of the tracepoint's data are of
 * different pid namespaces. */
static void
enter_namespace(struct perfrec *p, const struct perf_sample *s, struct evrec *e, struct rec *r)
{
	int32_t root = evrec_tid(e, s->raw);
	struct rec data = { .kind = REC_OTHER };

	if (!p->ns.on) {
		if (evrec_kind(e) == REC_SWITCH)
			evrec_fill(e, &p->info, s->raw, STR_NONE, &data);
		perf_ns_judge(&p->ns, root, s->tid, evrec_is_last(&data));
		if (!p->ns.on)
			return;
		perfconv_put_meta(p, "pid_namespace", STR("the recorder's own"));
	}
	perf_ns_current(&p->ns, p->out, root, r);
}

/* Add a period other than 1, if the kind of record has a field for it. */
static void
add_period(struct perfrec *p, const struct perf_sample *s, struct rec *r)
{
	if (s->period == 1 || s->period == UINT64_MAX)
		return;
	if (r->kind != REC_TRACEPOINT) {
		p->counts.tally.dropped[PERF_PART_PERIOD]++;
		return;
	}
	evinfo_add(&p->info, "period", s->period);
	r->tracepoint.info = evinfo_pairs(&p->info);
}

/* A tracepoint fires in the host's kernel, in whichever mode perf found the CPU. */
static bool
put_tracepoint(struct perfrec *p, const struct perf_record *pr, const struct perf_sample *s,
    struct evrec *e, struct rec *r)
{
	int32_t tid;
	bool written;

	if (!p->ns.settled || p->ns.on)
		enter_namespace(p, s, e, r);
	if (r->tid < 0)
		r->tid = evrec_tid(e, s->raw);
	tid = r->tid;
	if (r->pid < 0 && tid >= 0)
		r->pid = tids_pid(&p->tids, tid);
	if (evrec_kind(e) == REC_SWITCH && !p->switches)
		evrec_fill_tracepoint(e, &p->info, s->raw, stack_of(p, pr, s, r), r);
	else
		evrec_fill(e, &p->info, s->raw, stack_of(p, pr, s, r), r);
	add_period(p, s, r);
	if (p->ns.on) {
		r->tid = tid;
		perf_ns_other(&p->ns, r);
	} else if (r->tid != tid) {
		r->pid = tids_pid(&p->tids, r->tid);
	}
	written = put(p, r);
	if (evrec_is_last(r)) {
		tids_remove(&p->tids, r->tid);
		perf_ns_forget(&p->ns, evrec_tid(e, s->raw));
	}
	return written;
}

/* A tracepoint whose format is not in the file. */
static bool
put_raw(struct perfrec *p, const struct perf_record *pr, const struct perf_sample *s,
    struct str name, struct rec *r)
{
	p->counts.formatless++;
	evinfo_begin(&p->info);
	if (bytes_left(&s->raw) > 0)
		evinfo_add_bytes(&p->info, "raw", s->raw);
	r->kind = REC_TRACEPOINT;
	r->tracepoint = (struct rec_tracepoint){ name, evinfo_pairs(&p->info), STR_NONE };
	r->tracepoint.stack = stack_of(p, pr, s, r);
	add_period(p, s, r);
	return put(p, r);
}

/* Count a part of a sample. */
static void
count_part(struct perfrec *p, unsigned bit, bool kept)
{
	struct perf_tally *t = &p->counts.tally;

	(kept ? t->kept : t->dropped)[__builtin_ctz(bit)]++;
}

/* Write the branches of an event, whose record is r. */
static void
put_branches(struct perfrec *p, const struct perf_attr *a, struct bytes branch, struct str name,
    const struct rec *of)
{
	struct perf_branches b = { .left = branch };
	struct rec r = *of;

	if (!p->options.branches) {
		count_part(
		    p, PERF_BRANCH_STACK, is_call_stack(a) && a->sample_type & PERF_CALLCHAIN);
		return;
	}
	count_part(p, PERF_BRANCH_STACK, true);
	r.branch.event = name;
	while (perf_branch_next(&b, &p->info, &r))
		perfconv_write(p, &r);
}

/* Returns false if the event is not wanted. */
static bool
put_event(struct perfrec *p, const struct perf_record *pr, const struct perf_sample *s,
    const struct perf_name *name, struct rec *r)
{
	bool written = false;

	if (!name->wanted)
		;
	else if (name->evrec != NULL)
		written = put_tracepoint(p, pr, s, name->evrec, r);
	else if (pr->event->type == PERF_TRACEPOINT)
		written = put_raw(p, pr, s, name->name, r);
	else
		written = put_sample(p, pr, s, name->name, r);
	p->counts.filtered += !written;
	if (written && pr->event->sample_type & PERF_BRANCH_STACK && bytes_left(&s->branch) > 0)
		put_branches(p, pr->event, s->branch, name->name, r);
	return written;
}

/* Whether samples of the event have the values of counters with their ids. */
static bool
has_counters(const struct perf_attr *a)
{
	return a->sample_type & PERF_READ && a->read_format & PERF_READ_ID;
}

/* The difference of a counter to its value when it was last read. */
static uint64_t
take_count(struct perfrec *p, const struct perf_attr *a, uint64_t id, int32_t tid, uint64_t value)
{
	bool inherit = a->flags >> PERF_FLAG_INHERIT & 1;
	uint64_t *last = hash_put(&p->counters, inherit ? digest(id) + (uint32_t)tid : id);
	uint64_t count = value - *last;

	*last = value;
	return count;
}

/* Write what another counter than the sample's own counted, as a sample of its event. Its stack is
 * only the ip if all members' stacks together are out of proportion to the record. */
static bool
put_member(struct perfrec *p, const struct perf_record *pr, struct perf_sample s,
    const struct perf_attr *event, const struct rec *from)
{
	const struct perf_name *name = perf_names_of(&p->names, event);
	size_t cost = 3 * bytes_left(&s.chain);
	struct rec r = *from;

	if (!name->wanted || s.period == 0)
		return false;
	if (cost > p->stack_budget) {
		bytes_keep(&s.chain, 0);
		p->counts.cut_stacks++;
	} else {
		p->stack_budget -= cost;
	}
	return put_sample(p, pr, &s, name->name, &r);
}

/* Write a sample that has read the counters of its group: its own event, and each other one that
 * counted anything, with the count as its period. Returns false if none is wanted. */
static bool
put_group(struct perfrec *p, const struct perf_record *pr, const struct perf_sample *s,
    const struct perf_name *name, struct rec *r)
{
	const struct rec before = *r;
	struct bytes read = s->read;
	uint64_t n = perf_sample_counters(pr->event, &read), id, value;
	struct perf_sample one = *s;
	const struct perf_attr *event;
	bool own = false, written = false;

	p->stack_budget = EVINFO_EACH * bytes_left(&pr->body);
	for (; n > 0; n--) {
		value = perf_sample_counter(pr->event, &read, &id);
		event = perf_events_find(perf_events(p->perf), id);
		if (event == NULL) {
			p->perf->unmatched++;
			continue;
		}
		one.period = take_count(p, event, id, s->tid, value);
		if (event != pr->event) {
			written |= put_member(p, pr, one, event, &before);
		} else if (!own) {
			written |= put_event(p, pr, one.period > 0 ? &one : s, name, r);
			own = true;
		}
	}
	if (!own)
		written |= put_event(p, pr, s, name, r);
	return written;
}

static void
count_varying(struct perfrec *p, const struct perf_attr *a, const struct perf_sample *s)
{
	uint64_t st = a->sample_type;

	bool stack = st & PERF_STACK_USER && bytes_left(&s->stack) > 0;

	if (st & PERF_READ)
		count_part(p, PERF_READ, has_counters(a));
	if (st & PERF_REGS_USER && s->regs_user_abi != 0)
		count_part(p, PERF_REGS_USER, stack && p->options.user_stacks);
	if (stack)
		count_part(p, PERF_STACK_USER, p->options.user_stacks);
	if (st & PERF_REGS_INTR && s->regs_intr_abi != 0)
		count_part(p, PERF_REGS_INTR, false);
	if (st & PERF_AUX && bytes_left(&s->aux) > 0)
		count_part(p, PERF_AUX, false);
}

enum perf_fate
perfevent_add(struct perfrec *p, const struct perf_record *pr)
{
	const struct perf_name *name = perf_names_of(&p->names, pr->event);
	struct perf_sample s;
	struct rec r;
	bool written;

	perfconv_note_time(p, pr->time);
	if (!name->wanted && !has_counters(pr->event)) {
		p->counts.filtered++;
		return PERF_CHOSEN;
	}
	if (!perf_sample_read(pr->event, pr->body, &s)) {
		perfconv_put_cut_short(p, pr);
		return PERF_BAD;
	}
	r.t = perfconv_time(p, pr->time);
	r.machine = p->options.machine;
	r.more = STR("");
	r.cpu = s.cpu;
	r.pid = s.pid;
	r.tid = s.tid;
	if (p->ns.on && s.tid == 0 && (pr->misc & PERF_CPUMODE_MASK) == PERF_CPUMODE_USER)
		r.pid = r.tid = REC_NO_ID; /* not the idle task, which has no user mode */
	perf_losses_heard(&p->losses, s.cpu, r.t);
	if (s.tid >= 0)
		tids_set(&p->tids, s.tid, s.pid);
	p->unwritten =
	    p->options.user_stacks && pr->event->sample_type & PERF_STACK_USER ? &s : NULL;
	p->unwritten_of = pr->event;
	written = has_counters(pr->event) ? put_group(p, pr, &s, name, &r)
					  : put_event(p, pr, &s, name, &r);
	p->unwritten = NULL;
	if (!written)
		return PERF_CHOSEN;
	pr->event->samples++;
	if (pr->event->sample_type & VARYING)
		count_varying(p, pr->event, &s);
	return PERF_WRITTEN;
}
