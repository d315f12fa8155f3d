/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ftracerec.h"
#include "ftracesyms.h"
#include "perf/evrec.h"
#include "perf/vcpus.h"
#include "rec/event.h"
#include "rec/stacks.h"

#define NO_EVENT (INT64_MIN + 1) /* the time before a CPU's first event */

enum {
	FOREIGN = 10, /* if more than a tenth is not as described, the description is wrong */
	STACK_WORDS = 4096,
	CLONE_THREAD = 0x10000,
	IDS = 1 << 16,
	RECENT_PID = 2,
	LEFT_OUT_MOST = 100
};

/* What an event is, besides a record. */
enum role {
	ROLE_NONE,
	ROLE_KERNEL_STACK,
	ROLE_USER_STACK,
	ROLE_FUNCTION,      /* its stack is where it was called */
	ROLE_FUNCTION_CALL, /* of function_graph */
	ROLE_RENAME,
	ROLE_NEW_TASK
};

static const struct {
	const char *name;
	enum role role;
} roles[] = {
	{ "ftrace:kernel_stack", ROLE_KERNEL_STACK },
	{ "ftrace:user_stack", ROLE_USER_STACK },
	{ "ftrace:function", ROLE_FUNCTION },
	{ "ftrace:funcgraph_entry", ROLE_FUNCTION_CALL },
	{ "ftrace:funcgraph_exit", ROLE_FUNCTION_CALL },
	{ "task:task_rename", ROLE_RENAME },
	{ "task:task_newtask", ROLE_NEW_TASK },
};

/* What is known of the events of a format, once one of them was met. */
struct event {
	const struct evformat *format;
	struct evrec *evrec;
	enum role role;
	bool wanted, is_stack;
	const struct evfield *pid;
	const struct evfield *field[3]; /* what its role needs */
};

struct cpu {
	struct ringcpu ring;
	struct ftracerec *owner;
	struct ringsource source; /* the caller's */
	int64_t t;                /* of the current event */
};

struct counts {
	uint64_t events;           /* in the pages, stacks that were attached included */
	uint64_t written;          /* as records of their own */
	uint64_t stacks;           /* attached to another event */
	uint64_t filtered;         /* not selected */
	uint64_t unknown;          /* of an id without a format */
	uint64_t bad;              /* too short for a header, or at a time that is no record's */
	uint64_t late;             /* before their predecessor on that CPU */
	uint64_t lost;             /* events lost, as far as the kernel counted them */
	uint64_t lost_unknown;     /* places where it did not */
	uint64_t missing;          /* bytes of pages that the agent sent and that did not arrive */
	uint32_t unknown_id;       /* the first one */
	uint64_t pages, stray;     /* all, and those that no page of the layout's size can be */
	int64_t first, last;       /* times of events */
	uint64_t kind[REC_NKINDS]; /* records written */
};

struct ftracerec {
	struct tracedesc *desc;
	struct out *out;
	struct ftracerec_options options;
	struct counts counts;
	struct event *event;        /* by the format's index */
	const struct event **by_id; /* of each id that was met */
	struct hash_recent recent;  /* of a tid, its pid and RECENT_PID */
	struct evinfo info;
	struct vcpus vcpus;
	struct stacks *stacks;   /* NULL: inline */
	struct ftracesyms *syms; /* NULL: none */
	struct cpu **cpu;
	size_t ncpu, cap_cpu;
	struct strbuf left_out; /* CPUs that are not selected */
	int32_t left_first, left_last;
	struct cpu **heap; /* of those with a current event, the earliest first */
	size_t nheap;
	struct rec rec; /* of an event: not cleared, since that takes longer than to set it */
	uint64_t word[STACK_WORDS];
	size_t nword;
	char *text;   /* of a stack */
	uint8_t *raw; /* a copy of the event whose stack is read */
	size_t cap_raw;
};

/* --- formats */

static const struct evfield *
field(const struct evformat *f, const char *name)
{
	return evformat_field(f, name);
}

static void
set_role(struct event *e)
{
	size_t i;

	for (i = 0; i < sizeof roles / sizeof *roles; i++)
		if (strcmp(e->format->name, roles[i].name) == 0)
			e->role = roles[i].role;
	switch (e->role) {
	case ROLE_KERNEL_STACK:
	case ROLE_USER_STACK:
		e->field[0] = field(e->format, "caller");
		e->field[1] = field(e->format, "tgid");
		break;
	case ROLE_FUNCTION:
		e->field[0] = field(e->format, "ip");
		e->field[1] = field(e->format, "parent_ip");
		break;
	case ROLE_FUNCTION_CALL:
		e->field[0] = field(e->format, "func");
		break;
	case ROLE_RENAME:
		e->field[0] = field(e->format, "pid");
		e->field[1] = field(e->format, "newcomm");
		break;
	case ROLE_NEW_TASK:
		e->field[0] = field(e->format, "pid");
		e->field[1] = field(e->format, "comm");
		e->field[2] = field(e->format, "clone_flags");
		break;
	case ROLE_NONE:
		return;
	}
	if (e->field[0] == NULL)
		e->role = ROLE_NONE;
	e->is_stack = e->role == ROLE_KERNEL_STACK || e->role == ROLE_USER_STACK;
}

/* Is an event selected: by its name, with or without its system, or by its kind? */
static bool
is_wanted(const struct ftracerec *f, const struct event *e)
{
	struct patterns *list = f->options.events;
	const char *kind = rec_name(evrec_kind(e->evrec));

	return list == NULL || event_hit(list, str_of(kind), str_of(e->format->name));
}

struct ftracerec *
ftracerec_new(struct tracedesc *d, struct out *o, const struct ftracerec_options *options)
{
	struct ftracerec *f = mem_alloc(sizeof *f);

	f->desc = d;
	f->out = o;
	f->options = *options;
	if (options->select != NULL)
		options->select->by_event = options->events != NULL;
	f->info.printer = options->printer;
	f->stacks = options->once ? stacks_new() : NULL;
	f->syms = ftracesyms_new(&d->symbols);
	f->text = mem_resize(NULL, STACK_WORDS, STACK_WORD_TEXT);
	f->event = mem_alloc((d->formats.n + 1) * sizeof *f->event);
	f->by_id = mem_alloc(IDS * sizeof *f->by_id);
	return f;
}

void
ftracerec_free(struct ftracerec *f)
{
	size_t i;

	for (i = 0; i < f->ncpu; i++) {
		ringcpu_free(&f->cpu[i]->ring);
		free(f->cpu[i]);
	}
	for (i = 0; i < f->desc->formats.n; i++)
		if (f->event[i].evrec != NULL)
			evrec_free(f->event[i].evrec);
	if (f->stacks != NULL)
		stacks_free(f->stacks);
	ftracesyms_free(f->syms);
	evinfo_free(&f->info);
	vcpus_free(&f->vcpus);
	strbuf_free(&f->left_out);
	free(f->event);
	free(f->by_id);
	free(f->cpu);
	free(f->heap);
	free(f->text);
	free(f->raw);
	free(f);
}

/* --- time */

/* The time of an event as records have it; false if no record can. */
static bool
record_time(const struct ftracerec *f, uint64_t t, int32_t cpu, int64_t *ns)
{
	if (f->options.clock != NULL) {
		if (!f->options.clock(f->options.clock_arg, t, cpu, ns))
			return false;
	} else {
		if (t > INT64_MAX)
			return false;
		*ns = (int64_t)t;
	}
	return !__builtin_add_overflow(*ns, f->options.offset, ns) && *ns != REC_NO_NS;
}

/* Can no event at that time be selected? Those that are not still name tasks. */
static bool
is_out_of_time(const struct ftracerec *f, int64_t t)
{
	const struct select *p = f->options.select;

	return p != NULL && p->tasks.n == 0 && !window_has(&p->time, t, t);
}

/* --- records about the trace itself */

static void
put_rec(struct ftracerec *f, const struct rec *r)
{
	rec_put(f->out, r);
	f->counts.kind[r->kind]++;
}

static struct rec
new_rec(const struct ftracerec *f, enum rec_kind kind, int64_t t, int32_t cpu)
{
	return (struct rec){ .kind = kind,
		.t = t,
		.machine = f->options.machine,
		.cpu = cpu,
		.pid = REC_NO_ID,
		.tid = REC_NO_ID };
}

static void
write_meta(struct ftracerec *f, const char *key, struct str value)
{
	struct rec r = new_rec(f, REC_META, REC_NO_NS, REC_NO_ID);

	r.meta.key = str_of(key);
	r.meta.value = evinfo_text(&f->info, 0, value.p, value.n);
	put_rec(f, &r);
}

/* Write a definition or a loss, if the selection needs it. */
static void
put_needed(struct ftracerec *f, const struct rec *r)
{
	struct select *p = f->options.select;

	if (p != NULL)
		select_note(p, r);
	if (p == NULL || select_touches(p, r))
		put_rec(f, r);
}

/* Write which vCPU the thread of a record is, if it says that. */
static void
write_vcpu(struct ftracerec *f, const struct rec *r)
{
	struct rec vcpu;

	if (vcpus_add(&f->vcpus, r, &vcpu))
		put_needed(f, &vcpu);
}

/* Write a definition or a loss, if the selection needs it, and before it what it says of vCPUs. */
static void
put(struct ftracerec *f, const struct rec *r)
{
	write_vcpu(f, r);
	put_needed(f, r);
}

/* Name the tasks that the kernel remembered. */
static void
write_cmdlines(struct ftracerec *f)
{
	struct str text = strbuf_str(&f->desc->cmdlines), line;
	const char *name, *end;
	uint64_t tid, *tgid;
	struct rec r;

	while (text.n > 0) {
		line = text_line(&text);
		end = line.p + line.n;
		name = text_u64(line.p, end, &tid);
		if (name == NULL || name == end || *name != ' ' || tid > INT32_MAX)
			continue;
		r = new_rec(f, REC_COMM, 0, REC_NO_ID);
		r.tid = (int32_t)tid;
		tgid = hash_get(&f->desc->tgids, tid);
		r.pid = tgid == NULL ? REC_NO_ID : (int32_t)*tgid;
		r.comm.how = STR_NONE;
		r.comm.name = evinfo_text(&f->info, 0, name + 1, (size_t)(end - name - 1));
		put(f, &r);
	}
}

static void
write_lost(struct ftracerec *f, const struct ringcpu *c, int64_t t)
{
	struct rec r;

	if (c->lost == RINGPAGE_COMPLETE)
		return;
	r = new_rec(f, REC_LOST, t, c->cpu);
	r.lost.since = REC_NO_NS;
	if (c->has_last && !record_time(f, c->last, c->cpu, &r.lost.since))
		r.lost.since = REC_NO_NS;
	r.lost.count = c->lost == RINGPAGE_LOST ? c->lost_events : REC_NO_U64;
	r.lost.what = STR("ring buffer");
	if (c->lost == RINGPAGE_LOST)
		f->counts.lost += c->lost_events;
	else
		f->counts.lost_unknown++;
	put(f, &r);
}

/* Write that bytes of a CPU's pages are missing after its current event. */
static void
write_gap(struct ftracerec *f, const struct cpu *c, uint64_t bytes, const char *what)
{
	struct rec r = new_rec(f, REC_GAP, c->t == NO_EVENT ? REC_NO_NS : c->t, c->ring.cpu);

	r.gap.since = REC_NO_NS;
	r.gap.bytes = bytes;
	r.gap.what = str_of(what);
	put(f, &r);
}

/* Compare what was read of a CPU with what the agent says that it sent. */
static void
check_sent(struct ftracerec *f, const struct cpu *c)
{
	const uint64_t *sent = hash_get(&f->desc->sent, (uint64_t)c->ring.cpu);

	if (sent == NULL || *sent <= c->ring.offset)
		return;
	f->counts.missing += *sent - c->ring.offset;
	write_gap(f, c, *sent - c->ring.offset, "pages that did not arrive");
}

static size_t
read_page(void *arg, void *page, size_t n)
{
	struct cpu *c = arg;

	return c->source.read(c->source.arg, page, n);
}

static void
damage(void *arg, uint64_t offset, size_t bytes, const char *why)
{
	struct cpu *c = arg;

	write_gap(c->owner, c, bytes, why);
	c->source.damage(c->source.arg, offset, bytes, why);
}

/* --- stacks */

static void
add_word(struct ftracerec *f, uint64_t v)
{
	if (f->nword < STACK_WORDS)
		f->word[f->nword++] = v;
}

/* Append an address, unless it would read as a mode. */
static void
add_address(struct ftracerec *f, uint64_t v)
{
	if (v < STACK_MODES)
		add_word(f, v);
}

/* Append the addresses of a stack event: as many as its data have, up to the end mark, but not
 * those of the tracer itself, which come first. */
static void
add_callers(struct ftracerec *f, const struct event *e, struct bytes raw)
{
	size_t each = f->desc->long_size, first;
	uint64_t v, end = each == 8 ? UINT64_MAX : UINT32_MAX;

	if (bytes_take(&raw, e->field[0]->offset) == NULL || bytes_left(&raw) < each)
		return;
	add_word(f, e->role == ROLE_USER_STACK ? STACK_USER : STACK_KERNEL);
	first = f->nword;
	while (bytes_left(&raw) >= each) {
		v = each == 8 ? bytes_u64(&raw) : bytes_u32(&raw);
		if (v == end || v == 0)
			break;
		if (f->nword > first || !tracedesc_is_tracer(f->desc, v))
			add_address(f, v);
	}
	if (f->word[f->nword - 1] == (e->role == ROLE_USER_STACK ? STACK_USER : STACK_KERNEL))
		f->nword--;
}

/* Look up the event of an id that is met for the first time. */
static const struct event *
find_event(struct ftracerec *f, uint16_t id)
{
	const struct evformat *format = evformats_find(&f->desc->formats, id);
	struct event *e;

	if (format == NULL)
		return NULL;
	e = &f->event[format->index];
	if (e->evrec == NULL) {
		e->format = format;
		e->evrec = evrec_new(format);
		e->pid = field(format, "common_pid");
		e->wanted = is_wanted(f, e);
		set_role(e);
	}
	return f->by_id[id] = e;
}

/* What is known of the event of raw data; NULL if their id has no format. */
static inline const struct event *
event_of(struct ftracerec *f, const struct bytes *raw)
{
	uint16_t id;

	if (bytes_left(raw) < sizeof id)
		return NULL;
	id = bytes_u16_at(raw, raw->p);
	return f->by_id[id] != NULL ? f->by_id[id] : find_event(f, id);
}

static int32_t
tid_of(const struct event *e, struct bytes raw)
{
	int64_t tid = e->pid == NULL ? -1 : evfield_int(e->pid, raw);

	return tid < 0 || tid > INT32_MAX ? REC_NO_ID : (int32_t)tid;
}

static int32_t
pid_of(struct ftracerec *f, int32_t tid)
{
	const uint64_t *tgid;
	uint64_t *recent;

	if (tid <= 0)
		return tid == 0 ? 0 : REC_NO_ID;
	recent = hash_recent(&f->recent, (uint32_t)tid);
	if (*recent == 0) {
		tgid = hash_get(&f->desc->tgids, (uint32_t)tid);
		*recent = (uint64_t)((tgid == NULL ? REC_NO_ID : (int64_t)*tgid) + RECENT_PID);
	}
	return (int32_t)((int64_t)*recent - RECENT_PID);
}

static void
set_pid(struct ftracerec *f, int32_t tid, int32_t pid)
{
	*hash_put(&f->desc->tgids, (uint32_t)tid) = (uint32_t)pid;
	*hash_recent(&f->recent, (uint32_t)tid) = (uint64_t)pid + RECENT_PID;
}

/* The stack that follows an event of this task; NULL if none does. */
static inline const struct event *
next_stack(struct ftracerec *f, struct cpu *c, int32_t tid)
{
	const struct ringevent *next = ringcpu_peek(&c->ring);
	const struct event *e = next == NULL ? NULL : event_of(f, &next->raw);

	return e != NULL && e->is_stack && tid_of(e, next->raw) == tid ? e : NULL;
}

/* Take the stacks that follow an event of this task. */
static void
take_stacks(struct ftracerec *f, struct cpu *c, struct ringevent *event, int32_t tid)
{
	const struct event *e;
	struct bytes raw;
	size_t n;

	while ((e = next_stack(f, c, tid)) != NULL) {
		raw = ringcpu_peek(&c->ring)->raw;
		if (f->raw == NULL || event->raw.p != f->raw) { /* its page may be reused */
			n = bytes_left(&event->raw);
			if (f->raw == NULL || n > f->cap_raw)
				f->raw = mem_resize(f->raw, f->cap_raw = n, 1);
			memcpy(f->raw, event->raw.p, n);
			event->raw = bytes_of(f->raw, n, bytes_big(&event->raw));
		}
		add_callers(f, e, raw);
		if (e->field[1] != NULL && tid > 0)
			set_pid(f, tid, (int32_t)evfield_int(e->field[1], raw) & INT32_MAX);
		ringcpu_next(&c->ring);
		f->counts.events++;
		f->counts.stacks++;
	}
}

/* The stack of a function event is where it was called, unless a whole one follows. */
static void
add_function(struct ftracerec *f, const struct event *e, struct bytes raw)
{
	size_t i;

	if (f->nword > 0 || (e->role != ROLE_FUNCTION && e->role != ROLE_FUNCTION_CALL))
		return;
	add_word(f, STACK_KERNEL);
	for (i = 0; i < 2 && e->field[i] != NULL; i++)
		add_address(f, (uint64_t)evfield_int(e->field[i], raw));
	if (f->nword == 1)
		f->nword = 0;
}

/* The stack field of a record; writes what it needs before, if that is new. */
static struct str
write_stack(struct ftracerec *f, const struct rec *r)
{
	enum stacks_answer answer = STACKS_CLASH; /* inline */
	struct stacks_key key = { 0 };
	struct str text = { f->text, 0 };
	struct rec define;

	if (f->stacks != NULL) {
		key = stacks_key(f->stacks, r, f->word, f->nword, STR(""));
		answer = stacks_find(f->stacks, key);
	}
	if (answer != STACKS_KNOWN)
		text.n = stack_text(f->text, f->word, f->nword);
	if (f->syms != NULL && answer != STACKS_KNOWN)
		ftracesyms_define(f->syms, f->out, r, f->word, f->nword);
	if (answer == STACKS_CLASH)
		return text;
	if (answer == STACKS_NEW) {
		define = stacks_define(r, f->word, f->nword, text, key.hash);
		put_rec(f, &define);
	}
	*f->text = '@';
	return (struct str){ f->text, 1 + text_put_hex(f->text + 1, key.hash) };
}

static inline struct str
stack_field(struct ftracerec *f, const struct rec *r)
{
	return f->nword == 0 ? STR_NONE : write_stack(f, r);
}

/* --- events */

/* Write what else an event says of tasks. */
static void
write_task(struct ftracerec *f, const struct event *e, struct bytes raw, const struct rec *at)
{
	struct rec r = *at;
	int64_t tid = e->field[0] == NULL ? -1 : evfield_int(e->field[0], raw);
	struct str name;
	bool thread;

	if (tid <= 0 || tid > INT32_MAX || e->field[1] == NULL)
		return;
	if (e->role == ROLE_NEW_TASK && e->field[2] != NULL) {
		thread = (evfield_int(e->field[2], raw) & CLONE_THREAD) != 0;
		if (thread && at->pid >= 0)
			set_pid(f, (int32_t)tid, at->pid);
		else if (!thread)
			set_pid(f, (int32_t)tid, (int32_t)tid);
		if (!thread || at->pid >= 0) {
			r.kind = REC_FORK;
			r.fork.child_tid = (int32_t)tid;
			r.fork.child_pid = thread ? at->pid : (int32_t)tid;
			r.fork.how = thread ? STR("thread") : STR("process");
			put(f, &r);
		}
	}
	name = evfield_str(e->field[1], raw);
	r.kind = REC_COMM;
	r.tid = (int32_t)tid;
	r.pid = pid_of(f, r.tid);
	r.comm.how = STR_NONE;
	r.comm.name = evinfo_text(&f->info, 1, name.p, name.n);
	put(f, &r);
}

/* Write which threads are the CPUs of which guests, as far as the file lists them. */
static void
write_vcpus(struct ftracerec *f)
{
	struct str text = strbuf_str(&f->desc->vcpus), line;
	struct rec r = new_rec(f, REC_VCPU, 0, REC_NO_ID);
	const char *p, *end;
	uint64_t tid, vcpu;

	while (text.n > 0) {
		line = text_line(&text);
		end = line.p + line.n;
		p = text_u64(line.p, end, &tid);
		p = text_u64(p + 1, end, &vcpu);
		vcpus_known(&f->vcpus, (int32_t)tid);
		r.tid = (int32_t)tid;
		r.pid = pid_of(f, r.tid);
		r.vcpu.guest = evinfo_text(&f->info, 0, p + 1, (size_t)(end - p - 1));
		r.vcpu.guest = r.vcpu.guest.n == 0 ? STR("vm") : r.vcpu.guest;
		r.vcpu.vcpu = (int32_t)vcpu;
		r.vcpu.how = STR("list");
		put(f, &r);
	}
}

/* Write the record of an event and before it, if it says that, which vCPU its thread is. */
static void
put_event(struct ftracerec *f, struct rec *r)
{
	struct select *p = f->options.select;
	struct str *stack = rec_stack(r);

	if (r->kind != REC_TRACEPOINT && r->kind != REC_SWITCH && r->kind != REC_WAKEUP)
		write_vcpu(f, r);
	if (p != NULL)
		select_note(p, r);
	if (p != NULL && !select_matches(p, r, STR_NONE)) {
		f->counts.filtered++;
		return;
	}
	if (stack != NULL)
		*stack = stack_field(f, r);
	put_rec(f, r);
	f->counts.written++;
}

static void
write_event(struct ftracerec *f, struct cpu *c)
{
	struct ringevent event = c->ring.event;
	const struct event *e = event_of(f, &event.raw);
	struct rec *r = &f->rec;

	f->counts.events++;
	if (e == NULL) {
		if (f->counts.unknown++ == 0)
			f->counts.unknown_id = bytes_u16(&event.raw);
		return;
	}
	r->t = c->t;
	r->machine = f->options.machine;
	r->cpu = c->ring.cpu;
	r->tid = tid_of(e, event.raw);
	f->nword = 0;
	if (!e->is_stack)
		take_stacks(f, c, &event, r->tid);
	r->pid = pid_of(f, r->tid);
	if (e->role == ROLE_RENAME || e->role == ROLE_NEW_TASK)
		write_task(f, e, event.raw, r);
	if (!e->wanted || is_out_of_time(f, r->t)) {
		f->counts.filtered++;
		return;
	}
	if (e->is_stack)
		add_callers(f, e, event.raw);
	add_function(f, e, event.raw);
	evrec_fill(e->evrec, &f->info, event.raw, STR_NONE, r);
	put_event(f, r);
}

/* --- merge */

static bool
is_earlier(const struct cpu *a, const struct cpu *b)
{
	return a->t != b->t ? a->t < b->t : a->ring.cpu < b->ring.cpu;
}

/* Let the CPU at i sink to its place. */
static void
sink(struct ftracerec *f, size_t i)
{
	struct cpu *c = f->heap[i];
	size_t child;

	while ((child = 2 * i + 1) < f->nheap) {
		if (child + 1 < f->nheap && is_earlier(f->heap[child + 1], f->heap[child]))
			child++;
		if (!is_earlier(f->heap[child], c))
			break;
		f->heap[i] = f->heap[child];
		i = child;
	}
	f->heap[i] = c;
}

/* Go to a CPU's next event that can be a record. Returns false at the end. */
static bool
advance(struct ftracerec *f, struct cpu *c)
{
	int64_t t;

	while (ringcpu_next(&c->ring)) {
		if (bytes_left(&c->ring.event.raw) >= 2 &&
		    record_time(f, c->ring.event.t, c->ring.cpu, &t)) {
			f->counts.late += t < c->t;
			c->t = t > c->t ? t : c->t;
			return true;
		}
		f->counts.events++;
		f->counts.bad++;
	}
	write_lost(f, &c->ring, c->t);
	check_sent(f, c);
	f->counts.pages += c->ring.pages;
	f->counts.stray += c->ring.stray;
	return false;
}

/* Add a CPU to the list of those that are left out, as an item or as the new end of a range. */
static void
leave_out(struct ftracerec *f, int32_t cpu)
{
	struct strbuf *b = &f->left_out;
	bool goes_on = b->n > 0 && cpu == f->left_last + 1;

	if (b->n > LEFT_OUT_MOST)
		return;
	if (goes_on && f->left_first != f->left_last) /* replace the end */
		while (b->p[b->n - 1] != '-')
			b->n--;
	else if (b->n > 0)
		strbuf_putc(b, goes_on ? '-' : ',');
	b->n += text_put_u64(strbuf_reserve(b, TEXT_NUMBER), (uint64_t)cpu);
	f->left_first = goes_on ? f->left_first : cpu;
	f->left_last = cpu;
}

void
ftracerec_add(struct ftracerec *f, int32_t cpu, const struct ringlayout *layout,
    const struct ringsource *source)
{
	struct select *p = f->options.select;
	struct cpu *c;

	if (p != NULL && p->cpus.n > 0 && !cpulist_has(&p->cpus, cpu)) {
		leave_out(f, cpu);
		return;
	}
	c = mem_alloc(sizeof *c);
	c->owner = f;
	c->source = *source;
	c->t = NO_EVENT;
	ringcpu_open(
	    &c->ring, cpu, layout, &(struct ringsource){ read_page, damage, c, source->size });
	f->cpu = mem_grow(f->cpu, f->ncpu, &f->cap_cpu, sizeof *f->cpu);
	f->cpu[f->ncpu++] = c;
}

void
ftracerec_run(struct ftracerec *f)
{
	struct cpu *c;
	size_t i;

	write_meta(f, "recorder", STR("ftrace"));
	if (f->desc->clock.n > 0)
		write_meta(f, "clock", strbuf_str(&f->desc->clock));
	if (strcmp(tracedesc_unit(f->desc), "ns") != 0)
		write_meta(f, "clock_unit", str_of(tracedesc_unit(f->desc)));
	write_cmdlines(f);
	write_vcpus(f);
	f->heap = mem_alloc((f->ncpu + 1) * sizeof *f->heap);
	for (i = 0; i < f->ncpu; i++)
		if (advance(f, f->cpu[i]))
			f->heap[f->nheap++] = f->cpu[i];
	for (i = f->nheap; i-- > 0;)
		sink(f, i);
	f->counts.first = f->nheap > 0 ? f->heap[0]->t : 0;
	while (f->nheap > 0 && f->out->error == 0) {
		c = f->heap[0];
		if (f->options.select != NULL)
			window_add(&f->options.select->time, c->t, c->t);
		f->counts.last = c->t;
		write_lost(f, &c->ring, c->t);
		write_event(f, c);
		if (!advance(f, c))
			f->heap[0] = f->heap[--f->nheap];
		if (f->nheap > 0)
			sink(f, 0);
	}
}

/* --- report */

static struct str
left_out_text(const struct ftracerec *f)
{
	return f->ncpu > 0 ? STR("") : strbuf_str(&f->left_out);
}

struct report {
	void (*note)(void *arg, const char *kind, const char *text);
	void *arg;
};

static void note(const struct report *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
note(const struct report *report, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	report->note(report->arg, NULL, text);
}

/* Report pages without events, and those of another size. */
static void
report_pages(const struct ftracerec *f, const struct report *report)
{
	const struct counts *n = &f->counts;
	struct str cpus = left_out_text(f);
	struct ringlayout layout;

	if (cpus.n > 0)
		note(report, "none of the CPUs is selected: they are %.*s", (int)cpus.n, cpus.p);
	else if (n->events == 0)
		note(report, "no event in the pages");
	if (n->stray > n->pages / FOREIGN && tracedesc_layout(f->desc, &layout))
		note(report,
		    "%llu of %llu pages are not pages of %zu bytes: --page says how large they are",
		    (unsigned long long)n->stray, (unsigned long long)n->pages, layout.page);
}

static void
report_events(const struct counts *n, const struct report *report)
{
	if (n->unknown > 0 && n->unknown <= n->events / FOREIGN)
		note(report, "%llu events have ids without a format, the first one %u",
		    (unsigned long long)n->unknown, n->unknown_id);
	if (n->bad > 0)
		note(report, "%llu events are too short or have an impossible time",
		    (unsigned long long)n->bad);
	if (n->late > 0)
		note(report, "%llu events are earlier than the one before on their CPU",
		    (unsigned long long)n->late);
	if (n->written == 0 && n->filtered > 0)
		note(
		    report, "none of the %llu events is selected", (unsigned long long)n->filtered);
}

static void
set_faults(const struct ftracerec *f, struct fault *fault)
{
	const struct counts *n = &f->counts;
	const struct tracedesc *d = f->desc;

	if (d->rejected > 0)
		fault_set(fault, "%zu format files could not be read, the first one events/%.*s",
		    d->rejected, (int)d->rejected_path.n, d->rejected_path.p);
	if (n->missing > 0)
		fault_set(fault, "%llu bytes of pages that the agent sent did not arrive",
		    (unsigned long long)n->missing);
	if (d->complaint.n > 0)
		fault_set(fault, "the agent reports: %.*s", (int)d->complaint.n, d->complaint.p);
}

void
ftracerec_doubt(const struct ftracerec *f, struct fault *fault)
{
	const struct counts *n = &f->counts;

	if (n->unknown > n->events / FOREIGN)
		fault_set(fault,
		    "%llu of %llu events have ids without a format, the first one %u: are the "
		    "formats those of the traced kernel?",
		    (unsigned long long)n->unknown, (unsigned long long)n->events, n->unknown_id);
}

void
ftracerec_report(const struct ftracerec *f,
    void (*put_note)(void *arg, const char *kind, const char *text), void *arg, struct fault *fault)
{
	const struct report report = { put_note, arg };
	const struct str clock = { f->desc->clock.p, f->desc->clock.n };
	const char *why = ftracesyms_why(f->syms), *damage = ftracesyms_damage(f->syms);

	report_pages(f, &report);
	report_events(&f->counts, &report);
	if (strcmp(tracedesc_unit(f->desc), "ns") != 0)
		note(&report, "the clock %.*s does not count nanoseconds: times are its own",
		    (int)clock.n, clock.p);
	if (why != NULL)
		note(&report, "the trace's kernel symbols cannot be used: %s", why);
	if (damage != NULL)
		note(&report, "the trace's kernel symbols are damaged: %s", damage);
	set_faults(f, fault);
}

void
ftracerec_table(const struct ftracerec *f,
    void (*put_note)(void *arg, const char *kind, const char *text), void *arg)
{
	const struct report report = { put_note, arg };
	const struct counts *n = &f->counts;
	const struct {
		uint64_t n;
		const char *what;
	} lines[] = { { n->events, "events" }, { n->written, "written" },
		{ n->stacks, "attached to others as their stacks" },
		{ n->filtered, "not selected" }, { n->unknown, "of ids without a format" },
		{ n->bad, "bad" }, { n->lost, "lost" },
		{ n->lost_unknown, "places where more were lost, not counted" } };
	size_t i;

	note(&report, "%zu CPUs, %llu pages, times from %lld to %lld %s", f->ncpu,
	    (unsigned long long)n->pages, (long long)n->first, (long long)n->last,
	    tracedesc_unit(f->desc));
	for (i = 0; i < sizeof lines / sizeof *lines; i++)
		note(&report, "%12llu  %s", (unsigned long long)lines[i].n, lines[i].what);
	note(&report, "%12s  %s", "written", "records");
	for (i = 0; i < REC_NKINDS; i++)
		if (n->kind[i] > 0)
			note(&report, "%12llu  %s", (unsigned long long)n->kind[i],
			    rec_name((enum rec_kind)i));
}
