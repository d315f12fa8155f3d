/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "evnames.h"
#include "evrec.h"
#include "kvmreason.h"

/* common_flags, include/linux/trace_events.h */
enum { IN_HARDIRQ = 0x08, IN_SOFTIRQ = 0x10, IN_NMI = 0x40 };

/* The name of a value that was asked for lately; len 0: none was. */
struct name {
	uint64_t value;
	size_t len;
	char text[EVNAMES_TEXT];
};

/* A prime, so that the states of tasks, which are powers of two, have places of their own. */
enum { NAMES = 11 };

/* The names of a field's values. */
struct named {
	struct evnames all;
	struct name recent[NAMES];
};

struct evrec {
	const struct evformat *format; /* NULL: printed */
	struct str name;               /* escaped */
	const struct type *type;
	struct str variant; /* the rest of the event's name after the type's */
	const struct evfield *field[EVREC_FIELDS]; /* in the order of the type */
	const struct evfield *flags, *pid;
	size_t need;         /* the size of raw data that have all those fields */
	struct named *named; /* NULL unless the type has values with names */
};

/* What a record is made from. */
struct source {
	const struct evrec *e;
	struct evinfo *info;
	struct bytes raw;
	struct str stack;
	const struct evrec_text *text; /* in place of raw, unless it is NULL */
};

/* An event that has a kind. fill returns false if a value does not fit into the record. */
struct type {
	const char *name; /* ends with * if variants follow */
	enum rec_kind kind;
	bool (*fill)(const struct source *, struct rec *);
	const char *field[EVREC_FIELDS]; /* one that starts with ? may be missing */
	const char *named;               /* the field whose values have names */
};

/* A number that was printed; leading zeros do not matter. */
static int64_t
printed(struct str s, bool hex)
{
	const char *p = s.p, *end = s.p + s.n;
	bool minus = p < end && *p == '-';
	uint64_t v = 0;

	for (p += minus; p < end && text_nibble[(unsigned char)*p] != 0; p++)
		v = v * (hex ? 16 : 10) + text_nibble[(unsigned char)*p] - 1;
	return (int64_t)(minus ? -v : v);
}

/* A number; raw is long enough for it. */
static inline int64_t
get(const struct source *s, int field)
{
	const struct evfield *f = s->e->field[field];

	if (s->text != NULL)
		return printed(s->text->value[field], (s->text->hex >> field & 1) != 0);
	return evfield_at(f, &s->raw, s->raw.p + f->offset);
}

static bool
has(const struct source *s, int field)
{
	return s->text != NULL ? s->text->value[field].p != NULL : s->e->field[field] != NULL;
}

/* A number, or none if the field is missing. */
static int64_t
get_some(const struct source *s, int field, int64_t none)
{
	return has(s, field) ? get(s, field) : none;
}

static bool
is_id(int64_t v)
{
	return v >= 0 && v <= INT32_MAX;
}

static struct str
get_text(const struct source *s, int field, int slot)
{
	const struct evfield *f = s->e->field[field];
	struct str printed_text;
	struct bytes b;

	if (!has(s, field))
		return STR_NONE;
	if (s->text != NULL) {
		printed_text = s->text->value[field];
		return evinfo_text(s->info, slot, printed_text.p, printed_text.n);
	}
	if (!f->data_loc && !f->rel_loc)
		return evinfo_text(s->info, slot, s->raw.p + f->offset, f->size);
	b = evfield_bytes(f, s->raw);
	return evinfo_text(s->info, slot, b.p, bytes_left(&b));
}

/* Make the name of a value, as one word. */
static void
make_name(const struct evnames *all, uint64_t value, struct name *n)
{
	size_t i;

	n->value = value;
	n->len = evnames_put(all, value, n->text);
	for (i = 0; i < n->len; i++)
		if (n->text[i] <= ' ' || n->text[i] >= 0x7f || n->text[i] == '\\')
			n->text[i] = '?';
	if (n->len == 1 && *n->text == '-')
		*n->text = '?';
}

/* The name of a field's value. */
static struct str
get_name(const struct source *s, int field)
{
	struct name *n;
	uint64_t value;

	if (s->text != NULL)
		return s->text->value[field];
	value = (uint64_t)get(s, field);
	n = &s->e->named->recent[value % NAMES];
	if (n->len == 0 || n->value != value)
		make_name(&s->e->named->all, value, n);
	return (struct str){ n->text, n->len };
}

/* Assigned field by field: a compound literal would be built elsewhere and copied, which takes
 * longer than all the rest. */
static bool
fill_switch(const struct source *s, struct rec *r)
{
	struct rec_switch *w = &r->switch_;
	int64_t tid = get(s, 1), next = get(s, 5);

	r->tid = (int32_t)tid;
	w->comm = get_text(s, 0, 0);
	w->prio = get(s, 2);
	w->state = get_name(s, 3);
	w->next_comm = get_text(s, 4, 1);
	w->next_tid = (int32_t)next;
	w->next_prio = get(s, 6);
	w->stack = s->stack;
	return is_id(tid) && is_id(next);
}

static struct str
context(const struct source *s)
{
	int64_t flags = s->e->flags == NULL ? 0 : evfield_int(s->e->flags, s->raw);

	if (s->text != NULL)
		return s->text->context;
	if (flags & IN_NMI)
		return STR("nmi");
	if (flags & IN_HARDIRQ)
		return STR("hardirq");
	return flags & IN_SOFTIRQ ? STR("softirq") : STR("task");
}

static struct str
wakeup_type(struct str variant)
{
	if (str_eq(variant, STR("eup")))
		return STR("wakeup");
	return str_eq(variant, STR("eup_new")) ? STR("new") : STR("waking");
}

static bool
fill_wakeup(const struct source *s, struct rec *r)
{
	struct rec_wakeup *w = &r->wakeup;
	int64_t wakee = get(s, 1);

	w->type = wakeup_type(s->e->variant);
	w->context = context(s);
	w->wakee = (int32_t)wakee;
	w->comm = get_text(s, 0, 0);
	w->prio = get(s, 2);
	w->target = (int32_t)get_some(s, 3, REC_NO_ID);
	w->stack = s->stack;
	/* old kernels also report wakeups that found the task awake */
	return is_id(wakee) && get_some(s, 4, 1) != 0;
}

static bool
fill_migrate(const struct source *s, struct rec *r)
{
	int64_t task = get(s, 1), from = get(s, 3), to = get(s, 4);

	r->migrate = (struct rec_migrate){
		.task = (int32_t)task,
		.comm = get_text(s, 0, 0),
		.prio = get(s, 2),
		.from = (int32_t)from,
		.to = (int32_t)to,
		.stack = s->stack,
	};
	return is_id(task) && is_id(from) && is_id(to);
}

static bool
fill_idle(const struct source *s, struct rec *r)
{
	int64_t target = get(s, 1);

	r->idle = (struct rec_idle){ (int32_t)target, (int32_t)get(s, 0), s->stack };
	return is_id(target);
}

static bool
fill_freq(const struct source *s, struct rec *r)
{
	int64_t target = get(s, 1);

	r->freq = (struct rec_freq){ (int32_t)target, (uint64_t)get(s, 0), s->stack };
	return is_id(target) && r->freq.khz != REC_NO_U64;
}

static bool
fill_sysenter(const struct source *s, struct rec *r)
{
	int64_t fd = get_some(s, 0, get_some(s, 1, REC_NO_INT));

	/* the kernel's format says "unsigned int fd" in 8 bytes; -1 stays -1 */
	r->sysenter =
	    (struct rec_sysenter){ s->e->variant, fd == REC_NO_INT ? fd : (int32_t)fd, s->stack };
	return true;
}

static bool
fill_sysexit(const struct source *s, struct rec *r)
{
	r->sysexit = (struct rec_sysexit){ s->e->variant, get(s, 0), s->stack };
	return r->sysexit.ret != REC_NO_INT;
}

static bool
fill_irq(const struct source *s, struct rec *r)
{
	const struct evrec *e = s->e;
	bool entry = str_eq(e->variant, STR("entry"));

	r->irq = (struct rec_irq){
		.edge = e->variant,
		.irq = get(s, 0),
		.name = entry ? get_text(s, 1, 0) : STR_NONE,
		.handled = entry || !has(s, 2) ? STR_NONE
			   : get(s, 2) != 0    ? STR("handled")
					       : STR("unhandled"),
		.stack = s->stack,
	};
	return r->irq.irq != REC_NO_INT;
}

static bool
fill_softirq(const struct source *s, struct rec *r)
{
	uint64_t vec = (uint64_t)get(s, 0);
	struct str name = get_name(s, s->text != NULL ? 1 : 0);

	if (*name.p >= '0' && *name.p <= '9') /* the format has no name for it */
		name = STR_NONE;
	r->softirq = (struct rec_softirq){ s->e->variant, vec, name, s->stack };
	return vec != REC_NO_U64;
}

/* --- KVM: the guest runs in the task that is current, the events are the host's */

enum { KVM_VCPU, KVM_CODE, KVM_DETAIL }; /* the fields of entries and exits */

/* What the event has besides the first fields of its type. */
static struct str
get_rest(const struct source *s, size_t taken)
{
	if (s->text != NULL)
		return s->text->info;
	return evinfo_rest(s->info, s->e->format, s->raw, s->e->field, taken);
}

static bool
fill_kvmentry(const struct source *s, struct rec *r)
{
	int64_t vcpu = get_some(s, KVM_VCPU, REC_NO_ID);

	r->kvmentry.vcpu = (int32_t)vcpu;
	r->kvmentry.info = get_rest(s, 1);
	r->kvmentry.stack = s->stack;
	return vcpu == REC_NO_ID || is_id(vcpu);
}

/* Few reasons are frequent: keep their names. */
static struct str
exit_reason(struct named *named, bool arm64, uint32_t detail, uint32_t code)
{
	uint64_t value = (uint64_t)detail << 32 | code;
	struct name *n = &named->recent[value % NAMES];

	if (n->len == 0 || n->value != value) {
		n->value = value;
		n->len = arm64 ? kvmreason_arm64(code, detail, n->text)
			       : kvmreason_x86(detail, code, n->text);
	}
	return (struct str){ n->text, n->len };
}

static bool
fill_exit(const struct source *s, struct rec *r, bool arm64)
{
	int64_t vcpu = get_some(s, KVM_VCPU, REC_NO_ID);
	uint32_t code = (uint32_t)get(s, KVM_CODE);
	uint32_t detail = (uint32_t)get_some(s, KVM_DETAIL, 0);

	r->kvmexit.vcpu = (int32_t)vcpu;
	r->kvmexit.isa = arm64 ? STR("arm64") : kvmreason_isa(detail);
	r->kvmexit.code = code;
	r->kvmexit.reason = exit_reason(s->e->named, arm64, detail, code);
	r->kvmexit.info = get_rest(s, 1 + KVM_DETAIL);
	r->kvmexit.stack = s->stack;
	return vcpu == REC_NO_ID || is_id(vcpu);
}

/* A printed exit has the name of its reason only. */
static bool
fill_printed_exit(const struct source *s, struct rec *r)
{
	r->kvmexit.vcpu = (int32_t)get_some(s, KVM_VCPU, REC_NO_ID);
	r->kvmexit.isa = STR_NONE;
	r->kvmexit.code = REC_NO_U64;
	r->kvmexit.reason = get_text(s, KVM_CODE, 0);
	r->kvmexit.info = get_rest(s, 0);
	r->kvmexit.stack = s->stack;
	return true;
}

static bool
fill_kvmexit(const struct source *s, struct rec *r)
{
	return s->text != NULL ? fill_printed_exit(s, r) : fill_exit(s, r, false);
}

static bool
fill_kvmexit_arm64(const struct source *s, struct rec *r)
{
	return fill_exit(s, r, true);
}

static struct str
access_type(int64_t write)
{
	return write != 0 ? STR("write") : STR("read");
}

static bool
fill_mmio(const struct source *s, struct rec *r)
{
	int64_t type = get(s, 0);

	r->mmio.access = type == 0   ? STR("unsatisfied-read")
			 : type == 1 ? STR("read")
				     : STR("write");
	r->mmio.gpa = (uint64_t)get(s, 1);
	r->mmio.len = (uint64_t)get(s, 2);
	r->mmio.value = (uint64_t)get(s, 3);
	r->mmio.stack = s->stack;
	return type >= 0 && type <= 2;
}

static bool
fill_pio(const struct source *s, struct rec *r)
{
	r->pio.access = access_type(get(s, 0));
	r->pio.port = (uint64_t)get(s, 1);
	r->pio.len = (uint64_t)get(s, 2);
	r->pio.count = (uint64_t)get(s, 3);
	r->pio.info = get_rest(s, 4);
	r->pio.stack = s->stack;
	return true;
}

static bool
fill_msr(const struct source *s, struct rec *r)
{
	r->msr.access = access_type(get(s, 0));
	r->msr.msr = (uint64_t)get(s, 1);
	r->msr.value = (uint64_t)get(s, 2);
	r->msr.how = get_some(s, 3, 0) != 0 ? STR("fault") : STR_NONE;
	r->msr.stack = s->stack;
	return true;
}

/* Of several entries with one name, the first whose fields the format has. */
static const struct type types[] = {
	{ "sched:sched_switch", REC_SWITCH, fill_switch,
	    { "prev_comm", "prev_pid", "prev_prio", "prev_state", "next_comm", "next_pid",
		"next_prio" },
	    "prev_state" },
	{ "sched:sched_wak*", REC_WAKEUP, fill_wakeup,
	    { "comm", "pid", "prio", "?target_cpu", "?success" }, NULL },
	{ "sched:sched_migrate_task", REC_MIGRATE, fill_migrate,
	    { "comm", "pid", "prio", "orig_cpu", "dest_cpu" }, NULL },
	{ "power:cpu_idle", REC_IDLE, fill_idle, { "state", "cpu_id" }, NULL },
	{ "power:cpu_frequency", REC_FREQ, fill_freq, { "state", "cpu_id" }, NULL },
	{ "syscalls:sys_enter_*", REC_SYSENTER, fill_sysenter, { "?fd", "?epfd" }, NULL },
	{ "syscalls:sys_exit_*", REC_SYSEXIT, fill_sysexit, { "ret" }, NULL },
	{ "irq:irq_handler_*", REC_IRQ, fill_irq, { "irq", "?name", "?ret" }, NULL },
	/* only printed events have the action */
	{ "irq:softirq_*", REC_SOFTIRQ, fill_softirq, { "vec", "?action" }, "vec" },
	{ "kvm:kvm_entry", REC_KVMENTRY, fill_kvmentry, { "vcpu_id" }, NULL },
	{ "kvm:kvm_entry", REC_KVMENTRY, fill_kvmentry, { "?vcpu_id", "vcpu_pc" }, NULL },
	{ "kvm:kvm_exit", REC_KVMEXIT, fill_kvmexit,
	    { "?vcpu_id", "exit_reason", "?isa", "guest_rip" }, "exit_reason" },
	{ "kvm:kvm_exit", REC_KVMEXIT, fill_kvmexit_arm64,
	    { "?vcpu_id", "ret", "esr_ec", "vcpu_pc" }, "ret" },
	{ "kvm:kvm_exit", REC_KVMEXIT, fill_kvmexit_arm64, /* before Linux 5.0 */
	    { "?vcpu_id", "idx", "exit_reason", "vcpu_pc" }, "idx" },
	{ "kvm:kvm_mmio", REC_MMIO, fill_mmio, { "type", "gpa", "len", "val" }, NULL },
	{ "kvm:kvm_pio", REC_PIO, fill_pio, { "rw", "port", "size", "count" }, NULL },
	{ "kvm:kvm_msr", REC_MSR, fill_msr, { "write", "ecx", "data", "?exception" }, NULL },
};

/* What each * may be, separated by blanks. The system calls are those that perf timechart draws. */
static const struct {
	enum rec_kind kind;
	const char *variants;
} variants[] = {
	{ REC_WAKEUP, " ing eup eup_new " },
	{ REC_SYSENTER,
	    " read pread64 readv preadv write pwrite64 writev pwritev sync sync_file_range "
	    "fsync msync recvfrom recvmsg recvmmsg sendto sendmsg sendmmsg epoll_wait "
	    "epoll_pwait poll ppoll select pselect6 " },
	{ REC_IRQ, " entry exit " },
	{ REC_SOFTIRQ, " raise entry exit " },
};

/* Whether the rest of an event's name is one of its kind's variants. */
static bool
is_variant(enum rec_kind kind, const char *rest)
{
	size_t i, n = strlen(rest);
	const char *p;

	if (n == 0 || strchr(rest, ' ') != NULL)
		return false;
	if (kind == REC_SYSEXIT)
		kind = REC_SYSENTER;
	for (i = 0; i < sizeof variants / sizeof *variants; i++) {
		if (variants[i].kind != kind)
			continue;
		for (p = variants[i].variants; (p = strstr(p, rest)) != NULL; p += n)
			if (p[-1] == ' ' && p[n] == ' ')
				return true;
	}
	return false;
}

/* Does an event's name, with or without its system, fit a type? */
static bool
is_named(const struct type *type, const char *name, struct str *variant)
{
	const char *own = type->name;
	size_t n;

	if (strchr(name, ':') == NULL)
		own = strchr(own, ':') + 1;
	n = strcspn(own, "*");
	if (strncmp(name, own, n) != 0)
		return false;
	*variant = str_of(name + n);
	return own[n] == '*' ? is_variant(type->kind, name + n) : variant->n == 0;
}

/* The raw data need a field, and what evfield_at() reads there. */
static void
reach(struct evrec *e, const struct evfield *f)
{
	size_t size;

	if (f == NULL)
		return;
	size = f->size < evfield_read(f) ? evfield_read(f) : f->size;
	if (f->offset + size > e->need)
		e->need = f->offset + size;
}

/* Look up the fields of a type. Returns false if one that it needs is missing. */
static bool
resolve(struct evrec *e, const struct type *type)
{
	const char *name;
	size_t need = e->need;
	int i;

	for (i = 0; i < EVREC_FIELDS; i++) {
		name = type->field[i];
		e->field[i] =
		    name == NULL ? NULL : evformat_field(e->format, *name == '?' ? name + 1 : name);
		reach(e, e->field[i]);
		if (e->field[i] == NULL && name != NULL && *name != '?') {
			e->need = need;
			return false;
		}
	}
	return true;
}

static void
set_type(struct evrec *e)
{
	size_t i;

	for (i = 0; i < sizeof types / sizeof *types && e->type == NULL; i++)
		if (is_named(&types[i], e->format->name, &e->variant) && resolve(e, &types[i]))
			e->type = &types[i];
	if (e->type == NULL || e->type->named == NULL)
		return;
	e->named = mem_alloc(sizeof *e->named);
	evnames_read(&e->named->all, e->format, e->type->named);
}

struct evrec *
evrec_new(const struct evformat *format)
{
	struct evrec *e = mem_alloc(sizeof *e);
	char *name = mem_alloc(4 * strlen(format->name) + 1);

	e->format = format;
	e->name.p = name;
	e->name.n = text_escape(name, format->name, strlen(format->name), "");
	e->flags = evformat_field(format, "common_flags");
	e->pid = evformat_field(format, "common_pid");
	reach(e, e->flags);
	set_type(e);
	return e;
}

struct evrec *
evrec_named(const char *name)
{
	struct evrec *e;
	struct str variant;
	size_t i;

	for (i = 0; i < sizeof types / sizeof *types; i++) {
		if (!is_named(&types[i], name, &variant))
			continue;
		e = mem_alloc(sizeof *e);
		e->type = &types[i];
		e->variant = variant;
		return e;
	}
	return NULL;
}

size_t
evrec_field(const struct evrec *e, struct str name)
{
	const char *own;
	size_t i;

	for (i = 0; i < EVREC_FIELDS && (own = e->type->field[i]) != NULL; i++)
		if (str_eq(str_of(*own == '?' ? own + 1 : own), name))
			return i;
	return EVREC_FIELDS;
}

void
evrec_free(struct evrec *e)
{
	if (e == NULL)
		return;
	free(e->named);
	free((char *)e->name.p);
	free(e);
}

enum rec_kind
evrec_kind(const struct evrec *e)
{
	return e->type == NULL ? REC_TRACEPOINT : e->type->kind;
}

void
evrec_fill_tracepoint(
    const struct evrec *e, struct evinfo *info, struct bytes raw, struct str stack, struct rec *r)
{
	r->kind = REC_TRACEPOINT;
	r->tracepoint.name = e->name;
	r->tracepoint.info = evinfo_fields(info, e->format, raw);
	r->tracepoint.stack = stack;
}

void
evrec_fill(struct evrec *e, struct evinfo *info, struct bytes raw, struct str stack, struct rec *r)
{
	int32_t tid = r->tid;

	if (e->type != NULL && bytes_left(&raw) >= e->need) {
		const struct source s = { .e = e, .info = info, .raw = raw, .stack = stack };

		r->kind = e->type->kind;
		if (e->type->fill(&s, r))
			return;
		r->tid = tid;
	}
	evrec_fill_tracepoint(e, info, raw, stack, r);
}

bool
evrec_fill_text(const struct evrec *e, struct evinfo *info, const struct evrec_text *text,
    struct str stack, struct rec *r)
{
	const struct source s = { .e = e, .info = info, .stack = stack, .text = text };
	size_t i;

	for (i = 0; i < EVREC_FIELDS && e->type->field[i] != NULL; i++)
		if (text->value[i].p == NULL && *e->type->field[i] != '?')
			return false;
	r->kind = e->type->kind;
	return e->type->fill(&s, r);
}

int32_t
evrec_tid(const struct evrec *e, struct bytes raw)
{
	if (e->pid == NULL || bytes_left(&raw) < (size_t)e->pid->offset + e->pid->size)
		return REC_NO_ID;
	return (int32_t)evfield_int(e->pid, raw);
}

bool
evrec_is_last(const struct rec *r)
{
	struct str s = r->switch_.state;

	if (r->kind != REC_SWITCH)
		return false;
	while (s.n > 0 && s.p[s.n - 1] != 'X' && s.p[s.n - 1] != 'Z')
		s.n--;
	return s.n > 0;
}
