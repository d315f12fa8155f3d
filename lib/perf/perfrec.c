/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "perfrec.h"
#include "perfrec_int.h"
#include "rec/pairs.h"
#include "rec/stack.h"
#include "vcpus.h"

/* Flags of an AUX record: its trace is not whole */
enum { AUX_TRUNCATED = 1 << 0, AUX_COLLISION = 1 << 3 };

/* Which process each thread belongs to. */
struct tids {
	struct hash pid;
	struct hash_recent recent; /* of a tid: the pid + 1 */
};

struct perfrec {
	struct perf *perf;
	struct out *out;
	struct perfrec_options options;
	struct perfrec_counts counts;
	struct perf_names names;
	struct perf_proc proc;
	struct perf_stack stack;
	struct perf_defer defer;
	struct perf_losses losses;
	struct perf_ns ns;
	struct perf_user user;
	struct perf_simple simple;
	struct strbuf path;                  /* of a map whose symbols are written */
	const struct perf_sample *unwritten; /* a sample whose user stack is not written yet */
	const struct perf_attr *unwritten_of;
	struct perf_counts counted;
	struct evinfo info;
	struct tids tids;
	struct hash counters; /* id, and thread if it is inherited -> the value read last */
	int64_t t;            /* of the last record; starts as options.offset */
	uint64_t before;      /* the same without offset */
	size_t stack_budget;  /* of the members of a group, in bytes of chains */
	bool begun;
	bool traced;    /* an event is a tracepoint */
	bool deferring; /* an event has chains whose user's part comes later */
	bool has_wall;  /* wall is known: what to add for times of the wall clock */
	int64_t wall;
	bool switches; /* switch records come from the scheduler's own event */
	struct vcpus vcpus;
	char guest[2 + TEXT_NUMBER];
	char ip[TEXT_NUMBER];
};

static void
write_rec(struct perfrec *p, struct rec *r)
{
	if (p->out == NULL)
		return;
	if (p->ns.on)
		perf_ns_put(&p->ns, p->out, r);
	else
		rec_put(p->out, r);
}

/* Write a record that is not an event: a definition, a loss. */
static void
write_other(struct perfrec *p, struct rec *r)
{
	struct select *select = p->options.select;

	if (select != NULL)
		select_note(select, r);
	if (select == NULL || select_touches(select, r))
		write_rec(p, r);
}

/* Count an event that may be selected into the window of times. */
static inline void
note_time(struct perfrec *p, uint64_t time)
{
	int64_t t;

	if (p->options.select == NULL || time == 0 || time > INT64_MAX)
		return;
	if (!__builtin_add_overflow((int64_t)time, p->options.offset, &t))
		window_add(&p->options.select->time, t, t);
}

static bool
is_selected(struct perfrec *p, const struct rec *r)
{
	struct select *select = p->options.select;

	if (select == NULL)
		return true;
	select_note(select, r);
	return select_matches(select, r, STR_NONE);
}

/* --- threads
 *
 * A dying task has lost its ids by the time of its last switch: the sample says -1, and only the
 * tracepoint's data have the tid. */

static void
tids_set_new(struct tids *t, int32_t tid, int32_t pid)
{
	if (tid < 0 || pid < 0)
		return;
	*hash_put(&t->pid, (uint64_t)tid) = (uint64_t)pid;
	*hash_recent(&t->recent, (uint64_t)tid) = (uint64_t)pid + 1;
}

static inline void
tids_set(struct tids *t, int32_t tid, int32_t pid)
{
	if (*hash_recent(&t->recent, (uint64_t)tid) != (uint64_t)pid + 1)
		tids_set_new(t, tid, pid);
}

/* -1 if the process is unknown or the thread is gone. */
static int32_t
tids_pid(const struct tids *t, int32_t tid)
{
	const uint64_t *pid = hash_get(&t->pid, (uint64_t)tid);

	return pid == NULL ? tid == 0 ? 0 : -1 : (int32_t)*pid;
}

static void
tids_remove(struct tids *t, int32_t tid)
{
	hash_remove(&t->pid, (uint64_t)tid);
	*hash_recent(&t->recent, (uint64_t)tid) = 0;
}

/* --- times, facts, gaps */

/* The time of the next record: that of the last one if it has none (0), or an impossible one. */
static int64_t
take_time(struct perfrec *p, uint64_t time)
{
	if (time == 0 || time > INT64_MAX)
		return p->t;
	if (time < p->before)
		p->counts.late++;
	p->before = time;
	if (__builtin_add_overflow((int64_t)time, p->options.offset, &p->t))
		p->t = INT64_MAX;
	return p->t;
}

static void
put_meta(void *arg, const char *key, struct str value)
{
	struct perfrec *p = arg;
	char *d = mem_alloc(4 * value.n + 1);
	struct rec r = { .kind = REC_META, .t = REC_NO_NS, .machine = p->options.machine };

	r.cpu = r.pid = r.tid = REC_NO_ID;
	r.meta.key = str_of(key);
	r.meta.value = (struct str){ d, text_escape(d, value.p, value.n, "") };
	write_other(p, &r);
	free(d);
}

/* Write a number that is not 0 as a fact. */
static void
put_number(struct perfrec *p, const char *key, uint64_t n)
{
	char d[TEXT_NUMBER];

	if (n > 0)
		put_meta(p, key, (struct str){ d, text_put_u64(d, n) });
}

static void
put_gap(struct perfrec *p, int64_t since, uint64_t bytes, struct str what)
{
	struct rec r = { .kind = REC_GAP, .t = p->t, .machine = p->options.machine };

	r.cpu = r.pid = r.tid = REC_NO_ID;
	r.gap = (struct rec_gap){ since, bytes, what };
	write_other(p, &r);
}

/* Report a record that cannot be converted; the next one may be intact. */
static void
put_damaged(struct perfrec *p, const struct perf_record *pr, struct str gap, const char *what)
{
	int64_t since = p->t;
	char text[128];

	p->counts.damaged++;
	take_time(p, pr->time);
	put_gap(p, since, bytes_left(&pr->body), gap);
	snprintf(text, sizeof text, "the %s record %s", perf_type_name(pr->type), what);
	perf_fault(p->perf, pr->offset, text);
}

static void
put_cut_short(struct perfrec *p, const struct perf_record *pr)
{
	put_damaged(p, pr, STR("record cut short"), "is cut short");
}

static void
learn_formats(struct perfrec *p, struct bytes section)
{
	if (!perf_names_formats(&p->names, section) && !bytes_bad(&section))
		fault_set(&p->perf->fault, "%s: the event formats are damaged or cut short",
		    p->perf->in->name);
}

/* Write a symbol of the kernel as its definition. */
static void
put_ksym(void *arg, const struct perf_simple_symbol *symbol)
{
	struct perfrec *p = arg;
	struct rec r = { .kind = REC_KSYM, .t = p->t, .machine = p->options.machine };

	r.cpu = r.pid = r.tid = REC_NO_ID;
	r.ksym = (struct rec_ksym){ STR("add"), symbol->addr, symbol->len,
		evinfo_text(&p->info, 0, symbol->name.p, symbol->name.n) };
	if (p->options.process != NULL)
		p->options.process(p->options.arg, &r);
	write_other(p, &r);
}

/* Write a symbol of a file that was mapped, whose path is p->path. */
static void
put_usym(void *arg, bool module, const struct perf_simple_symbol *symbol)
{
	struct perfrec *p = arg;
	struct rec r = { .kind = REC_USYM, .t = p->t, .machine = p->options.machine };

	if (module) {
		put_ksym(p, symbol);
		return;
	}
	r.cpu = r.pid = r.tid = REC_NO_ID;
	r.usym = (struct rec_usym){ symbol->addr, symbol->len,
		evinfo_text(&p->info, 0, symbol->name.p, symbol->name.n), strbuf_str(&p->path) };
	write_other(p, &r);
}

/* Write the symbols that the header has of a file that was mapped. */
static void
put_symbols(struct perfrec *p, const struct rec *map)
{
	struct rec r = *map;

	strbuf_clear(&p->path);
	strbuf_add(&p->path, map->map.path);
	r.map.path = strbuf_str(&p->path);
	perf_simple_map(&p->simple, p->perf, &r, put_usym, p);
}

/* Convert a feature of the header. */
static void
read_feature(struct perfrec *p, int feature, struct bytes section)
{
	perf_meta_feature(feature, section, put_meta, p);
	perf_counts_feature(&p->counted, feature, section);
	if (feature == PERF_F_ARCH)
		perf_user_arch(&p->user, section);
	if (feature == PERF_F_CLOCK_DATA)
		p->has_wall = perf_meta_wall(section, &p->wall);
	if (p->options.header)
		perf_header_feature(feature, section, p->counted.ncpu, put_meta, p);
}

/* The features of a file mode header come first; in pipe mode they are records. */
static void
read_features(struct perfrec *p)
{
	struct bytes section;
	int i;

	for (i = 0; i < PERF_F_COUNT; i++) {
		section = perf_feature(p->perf, i);
		if (bytes_left(&section) == 0 ||
		    (p->options.header && (i == PERF_F_SIMPLE_FILE || i == PERF_F_SIMPLE_FILE2)))
			continue;
		if (i == PERF_F_TRACING_DATA)
			learn_formats(p, section);
		else if (i == PERF_F_BUILD_ID)
			perf_proc_feature(&p->proc, section);
		else if (i == PERF_F_SIMPLE_INFO)
			perf_simple_info(section, perf_events(p->perf), put_meta, p);
		else if (i == PERF_F_SIMPLE_FILE || i == PERF_F_SIMPLE_FILE2)
			perf_simple_read(&p->simple, i, section, &p->info, put_ksym, p);
		else
			read_feature(p, i, section);
	}
}

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
	read_features(p);
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
	hash_free(&p->tids.pid);
	hash_free(&p->counters);
	free(p);
}

const struct patterns *
perfrec_events(const struct perfrec *p)
{
	return &p->names.patterns;
}

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

/* Add the parts that each sample of an event has. */
static void
count_fixed(const struct perf_events *events, struct perf_tally *t)
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

struct perfrec_counts
perfrec_counts(const struct perfrec *p)
{
	struct perfrec_counts counts = p->counts;

	count_fixed(p->names.events, &counts.tally);
	counts.cut_names = p->info.cut_names + p->names.events->cut_names + p->counted.cut_names;
	counts.cut_fields = p->info.cut_records;
	counts.ignored_fields = p->names.formats.ignored;
	counts.namespaced = p->ns.on;
	counts.no_user = p->defer.alone;
	counts.user_symbols = p->simple.left_out;
	counts.tally.fate[PERF_R_CALLCHAIN_DEFERRED][PERF_USED] += p->defer.joined;
	return counts;
}

/* --- samples */

static bool
is_guest(unsigned cpumode)
{
	return cpumode == PERF_CPUMODE_GUEST_KERNEL || cpumode == PERF_CPUMODE_GUEST_USER;
}

/* Seen from the host, a guest's sample has no task and no CPU of the guest. */
static void
enter_guest(struct perfrec *p, const struct perf_sample *s, struct rec *r)
{
	struct rec vcpu;

	if (vcpus_add_sample(&p->vcpus, r, &vcpu))
		write_other(p, &vcpu);
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

/* If a record says which vCPU its thread is, write that. */
static void
put_vcpu(struct perfrec *p, const struct rec *r)
{
	struct rec vcpu;

	if (vcpus_add(&p->vcpus, r, &vcpu))
		write_other(p, &vcpu);
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
		write_rec(p, &r);
	p->unwritten = NULL;
}

/* Write an event, which may have a stack. Returns false if it is not selected. */
static bool
put(struct perfrec *p, struct rec *r)
{
	struct rec stack;

	if (!is_selected(p, r)) {
		put_vcpu(p, r);
		return false;
	}
	put_user(p, r);
	if (perf_stack_define(&p->stack, r, &stack))
		write_rec(p, &stack);
	put_vcpu(p, r);
	write_rec(p, r);
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
	if (is_guest(mode))
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
		put_meta(p, "pid_namespace", STR("the recorder's own"));
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
		write_rec(p, &r);
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

static enum perf_fate
add_sample(struct perfrec *p, const struct perf_record *pr)
{
	const struct perf_name *name = perf_names_of(&p->names, pr->event);
	struct perf_sample s;
	struct rec r;
	bool written;

	note_time(p, pr->time);
	if (!name->wanted && !has_counters(pr->event)) {
		p->counts.filtered++;
		return PERF_CHOSEN;
	}
	if (!perf_sample_read(pr->event, pr->body, &s)) {
		put_cut_short(p, pr);
		return PERF_BAD;
	}
	r.t = take_time(p, pr->time);
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

/* --- the kernel's other records */

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
	put_vcpu(p, r);
	if (!select_is_event(r)) {
		write_other(p, r);
		if (r->kind == REC_MAP && p->simple.n > 0)
			put_symbols(p, r);
		return true;
	}
	note_time(p, pr->time);
	if (!is_selected(p, r))
		return false;
	write_rec(p, r);
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
		put_cut_short(p, pr);
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
		write_rec(p, r);
	}
	return PERF_WRITTEN;
}

static enum perf_fate
add_kernel(struct perfrec *p, const struct perf_record *pr)
{
	struct bytes body;
	struct perf_who who = perf_trailer(pr, &body);
	struct rec r = { .t = take_time(p, pr->time), .machine = p->options.machine };

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
			put_cut_short(p, pr);
		return r.kind != REC_OTHER ? PERF_BAD : is_switch(pr) ? PERF_USED : PERF_SKIPPED;
	}
	if (r.kind == REC_MAP && is_guest(pr->misc & PERF_CPUMODE_MASK)) {
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

/* --- perf's own records */

/* Write the counts of a round of perf stat. Their clock starts with the counting. */
static void
put_counts(struct perfrec *p, uint64_t t)
{
	struct rec r = { .t = take_time(p, t), .machine = p->options.machine };
	const struct perf_name *name;
	size_t i;

	for (i = 0; i < p->counted.n; i++) {
		name = perf_names_of(&p->names, perf_counts_fill(&p->counted, i, &r));
		r.count.event = name->name;
		note_time(p, t);
		if (name->wanted && is_selected(p, &r))
			write_rec(p, &r);
	}
	p->counted.n = 0;
}

static enum perf_fate
add_counts(struct perfrec *p, const struct perf_record *pr)
{
	uint64_t t;

	switch (perf_counts_add(&p->counted, pr, &t)) {
	case PERF_COUNTS_MORE:
		return pr->type == PERF_R_STAT ? PERF_WRITTEN : PERF_USED;
	case PERF_COUNTS_ROUND:
		put_counts(p, t);
		return PERF_USED;
	case PERF_COUNTS_CUT:
		put_cut_short(p, pr);
		return PERF_BAD;
	case PERF_COUNTS_NO_EVENT:
		p->perf->unmatched++;
		return PERF_CHOSEN;
	case PERF_COUNTS_NO_VALUE:
		put_damaged(p, pr, STR("count of 2^64-1"), "has a count of 2^64-1");
		return PERF_BAD;
	}
	return PERF_SKIPPED;
}

/* Describe the trace of AUX buffers. */
static void
add_auxtrace_info(struct perfrec *p, struct bytes b)
{
	static const char *const tracers[] = { NULL, "intel_pt", "intel_bts", "cs_etm", "arm_spe",
		"s390_cpumsf", "hisi_ptt", "vpa_dtl" };
	uint32_t type = bytes_u32(&b);
	char number[TEXT_NUMBER];

	p->counts.tracer = type < sizeof tracers / sizeof *tracers ? tracers[type] : NULL;
	if (!p->options.auxtrace || bytes_bad(&b))
		return;
	put_meta(p, "auxtrace",
	    p->counts.tracer != NULL ? str_of(p->counts.tracer)
				     : (struct str){ number, text_put_u64(number, type) });
}

static void
add_feature(struct perfrec *p, struct bytes b)
{
	uint64_t feature = bytes_u64(&b);

	if (feature < PERF_F_COUNT)
		read_feature(p, (int)feature, b);
}

static enum perf_fate
add_own(struct perfrec *p, const struct perf_record *pr)
{
	switch (pr->type) {
	case PERF_R_TRACING_DATA:
		learn_formats(
		    p, pr->blob == 0 ? pr->body : perf_bytes(p->perf, pr->blob, pr->blob_size));
		return PERF_USED;
	case PERF_R_BUILD_ID:
		perf_proc_build(&p->proc, pr->misc, pr->body);
		return PERF_USED;
	case PERF_R_HEADER_FEATURE:
		add_feature(p, pr->body);
		return PERF_USED;
	case PERF_R_ID_INDEX:
		perf_losses_index(&p->losses, pr->body);
		return PERF_USED;
	case PERF_R_AUXTRACE_INFO:
		add_auxtrace_info(p, pr->body);
		return PERF_USED;
	case PERF_R_AUXTRACE:
		p->counts.auxtrace += pr->blob_size;
		return PERF_SKIPPED;
	case PERF_R_EVENT_UPDATE:
	case PERF_R_STAT:
	case PERF_R_STAT_ROUND:
		return add_counts(p, pr);
	default:
		return PERF_SKIPPED;
	}
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
		put_meta(p, "clockid",
		    p->options.wall ? STR("realtime") : perf_meta_clock(events->event[0], number));
	if (p->counts.sampled_switches)
		put_meta(p, "switches",
		    p->counts.context_switches ? STR("context switch records")
					       : STR("sampled sched:sched_switch"));
	return perf_names_check(&p->names, &p->perf->fault);
}

static void
convert(struct perfrec *p, const struct perf_record *pr)
{
	enum perf_fate fate;

	if (pr->type == PERF_R_SAMPLE)
		fate = add_sample(p, pr);
	else
		fate = pr->type < PERF_R_USER ? add_kernel(p, pr) : add_own(p, pr);
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
		write_other(p, &r);
	p->counts.lost = p->losses.total;
}

void
perfrec_header(struct perfrec *p)
{
	const struct perf_events *events = p->names.events;
	char number[TEXT_NUMBER];
	size_t i;

	if (events->n > 0)
		put_meta(p, "clockid", perf_meta_clock(events->event[0], number));
	for (i = 0; i < events->n; i++)
		perf_header_event(events->event[i],
		    perf_names_of(&p->names, events->event[i])->name, put_meta, p);
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
		put_counts(p, perf_counts_end(&p->counted));
	put_number(p, "user_stacks_left_out", p->counts.tally.dropped[PERF_PART_STACK_USER]);
	if (p->options.auxtrace)
		put_number(p, "auxtrace_left_out", p->counts.auxtrace);
	put_losses(p);
	if (p->out != NULL)
		perf_ns_end(&p->ns, p->out);
	if (perf->broken)
		put_gap(p, p->t, perf_unread(perf), STR("file damaged or cut short"));
}
