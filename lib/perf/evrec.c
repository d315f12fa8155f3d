/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "evinfo.h"
#include "evnames.h"
#include "evrec.h"

enum { MAXFIELDS = 8, MAXSTRINGS = 2 };

/* common_flags, include/linux/trace_events.h */
enum { IN_HARDIRQ = 0x08, IN_SOFTIRQ = 0x10, IN_NMI = 0x40 };

struct evrec {
	const struct tracing_event *event;
	struct str name; /* escaped */
	const struct type *type;
	struct str variant;                     /* how the type goes on in the event's name */
	const struct evfield *field[MAXFIELDS]; /* in the order of the type */
	const struct evfield *flags, *pid;
	size_t need; /* the least bytes of raw data that have all those fields */
	struct evnames names;
	uint64_t named; /* the value that was named last, and how */
	char text[EVNAMES_TEXT];
	size_t len;
	struct evinfo info;
	struct evinfo string[MAXSTRINGS];
};

/* The events that have kinds: a field whose name starts with ? may be missing. */
struct type {
	const char *name; /* ends with * where variants follow */
	enum rec_kind kind;
	bool (*fill)(struct evrec *, struct bytes, struct str, struct rec *);
	const char *field[MAXFIELDS];
	const char *named; /* the field whose values have names */
};

/* A number, which raw is long enough for. */
static int64_t
get(const struct evrec *e, int field, struct bytes raw)
{
	const struct evfield *f = e->field[field];

	if (f->each != sizeof(uint32_t))
		return evfield_int(f, raw);
	bytes_take(&raw, f->offset);
	return f->is_signed ? (int32_t)bytes_u32(&raw) : (int64_t)bytes_u32(&raw);
}

/* A field that may be missing. */
static int64_t
get_some(const struct evrec *e, int field, struct bytes raw, int64_t none)
{
	return e->field[field] == NULL ? none : get(e, field, raw);
}

static struct str
get_text(struct evrec *e, int field, struct bytes raw, int which)
{
	const struct evfield *f = e->field[field];
	struct bytes b;

	if (f == NULL)
		return STR_NONE;
	if (!f->data_loc && !f->rel_loc)
		return evinfo_text(&e->string[which], raw.p + f->offset, f->size);
	b = evfield_bytes(f, raw);
	return evinfo_text(&e->string[which], b.p, bytes_left(&b));
}

/* The name of a value, as one word. */
static struct str
get_name(struct evrec *e, uint64_t value)
{
	size_t i;

	if (e->len == 0 || e->named != value) {
		e->named = value;
		e->len = evnames_put(&e->names, value, e->text);
		for (i = 0; i < e->len; i++)
			if (e->text[i] <= ' ' || e->text[i] == '\\' || e->text[i] == 0x7f)
				e->text[i] = '?';
	}
	return (struct str){ e->text, e->len };
}

/* Field by field: a literal would be made elsewhere and copied, which takes longer than all the
 * rest. */
static bool
fill_switch(struct evrec *e, struct bytes raw, struct str stack, struct rec *r)
{
	struct rec_switch *w = &r->switch_;
	int64_t tid = get(e, 1, raw), next = get(e, 5, raw);

	r->tid = (int32_t)tid;
	w->comm = get_text(e, 0, raw, 0);
	w->prio = get(e, 2, raw);
	w->state = get_name(e, (uint64_t)get(e, 3, raw));
	w->next_comm = get_text(e, 4, raw, 1);
	w->next_tid = (int32_t)next;
	w->next_prio = get(e, 6, raw);
	w->stack = stack;
	return tid >= 0 && next >= 0;
}

static struct str
context(const struct evrec *e, struct bytes raw)
{
	int64_t flags = e->flags == NULL ? 0 : evfield_int(e->flags, raw);

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
fill_wakeup(struct evrec *e, struct bytes raw, struct str stack, struct rec *r)
{
	struct rec_wakeup *w = &r->wakeup;
	int64_t wakee = get(e, 1, raw);

	w->type = wakeup_type(e->variant);
	w->context = context(e, raw);
	w->wakee = (int32_t)wakee;
	w->comm = get_text(e, 0, raw, 0);
	w->prio = get(e, 2, raw);
	w->target = (int32_t)get_some(e, 3, raw, REC_NO_ID);
	w->stack = stack;
	/* old kernels told of wakeups that found the task awake */
	return wakee >= 0 && get_some(e, 4, raw, 1) != 0;
}

static bool
fill_migrate(struct evrec *e, struct bytes raw, struct str stack, struct rec *r)
{
	int64_t task = get(e, 1, raw), from = get(e, 3, raw), to = get(e, 4, raw);

	r->migrate = (struct rec_migrate){
		.task = (int32_t)task,
		.comm = get_text(e, 0, raw, 0),
		.prio = get(e, 2, raw),
		.from = (int32_t)from,
		.to = (int32_t)to,
		.stack = stack,
	};
	return task >= 0 && from >= 0 && to >= 0;
}

static bool
fill_idle(struct evrec *e, struct bytes raw, struct str stack, struct rec *r)
{
	int64_t target = get(e, 1, raw);

	r->idle = (struct rec_idle){ (int32_t)target, (int32_t)get(e, 0, raw), stack };
	return target >= 0 && target <= INT32_MAX;
}

static bool
fill_freq(struct evrec *e, struct bytes raw, struct str stack, struct rec *r)
{
	int64_t target = get(e, 1, raw);

	r->freq = (struct rec_freq){ (int32_t)target, (uint64_t)get(e, 0, raw), stack };
	return target >= 0 && target <= INT32_MAX;
}

static bool
fill_sysenter(struct evrec *e, struct bytes raw, struct str stack, struct rec *r)
{
	int64_t fd = get_some(e, 0, raw, get_some(e, 1, raw, REC_NO_INT));

	/* the kernel's table says "unsigned int fd" in 8 bytes: -1 is passed on as it is */
	r->sysenter =
	    (struct rec_sysenter){ e->variant, fd == REC_NO_INT ? fd : (int32_t)fd, stack };
	return true;
}

static bool
fill_sysexit(struct evrec *e, struct bytes raw, struct str stack, struct rec *r)
{
	r->sysexit = (struct rec_sysexit){ e->variant, get(e, 0, raw), stack };
	return true;
}

static bool
fill_irq(struct evrec *e, struct bytes raw, struct str stack, struct rec *r)
{
	bool entry = str_eq(e->variant, STR("entry"));

	r->irq = (struct rec_irq){
		.edge = e->variant,
		.irq = get(e, 0, raw),
		.name = entry ? get_text(e, 1, raw, 0) : STR_NONE,
		.handled = entry || e->field[2] == NULL ? STR_NONE
			   : get(e, 2, raw) != 0        ? STR("handled")
							: STR("unhandled"),
		.stack = stack,
	};
	return true;
}

static bool
fill_softirq(struct evrec *e, struct bytes raw, struct str stack, struct rec *r)
{
	uint64_t vec = (uint64_t)get(e, 0, raw);
	struct str name = get_name(e, vec);

	if (*name.p >= '0' && *name.p <= '9') /* the format has no name for it */
		name = STR_NONE;
	r->softirq = (struct rec_softirq){ e->variant, vec, name, stack };
	return true;
}

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
	{ "irq:softirq_*", REC_SOFTIRQ, fill_softirq, { "vec" }, "vec" },
};

/* What may stand for each *, blanks between: the calls are those that perf timechart draws. */
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

/* Is the rest of an event's name one that the kind knows? */
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

static const struct type *
type_named(const char *name, struct str *variant)
{
	size_t i, n;

	for (i = 0; i < sizeof types / sizeof *types; i++) {
		n = strcspn(types[i].name, "*");
		if (strncmp(name, types[i].name, n) != 0)
			continue;
		*variant = str_of(name + n);
		if (types[i].name[n] == '*' ? is_variant(types[i].kind, name + n) : variant->n == 0)
			return &types[i];
	}
	return NULL;
}

static void
reach(struct evrec *e, const struct evfield *f)
{
	if (f != NULL && (size_t)f->offset + f->size > e->need)
		e->need = (size_t)f->offset + f->size;
}

/* Look the fields of a type up; without all of them the event is a tracepoint like others. */
static void
resolve(struct evrec *e)
{
	const struct evformat *format = &e->event->format;
	const char *name;
	int i;

	for (i = 0; i < MAXFIELDS && e->type != NULL && e->type->field[i] != NULL; i++) {
		name = e->type->field[i];
		e->field[i] = evformat_field(format, *name == '?' ? name + 1 : name);
		reach(e, e->field[i]);
		if (e->field[i] == NULL && *name != '?')
			e->type = NULL;
	}
	if (e->type != NULL && e->type->named != NULL)
		evnames_read(&e->names, format, e->type->named);
}

struct evrec *
evrec_new(const struct tracing_event *event)
{
	struct evrec *e = mem_alloc(sizeof *e);
	char *name = mem_alloc(4 * strlen(event->name) + 1);

	e->event = event;
	e->name = (struct str){ name, text_escape(name, event->name, strlen(event->name), "") };
	e->flags = evformat_field(&event->format, "common_flags");
	e->pid = evformat_field(&event->format, "common_pid");
	reach(e, e->flags);
	e->type = type_named(event->name, &e->variant);
	resolve(e);
	return e;
}

void
evrec_free(struct evrec *e)
{
	int i;

	if (e == NULL)
		return;
	for (i = 0; i < MAXSTRINGS; i++)
		evinfo_free(&e->string[i]);
	evinfo_free(&e->info);
	free((char *)e->name.p);
	free(e);
}

enum rec_kind
evrec_kind(const struct evrec *e)
{
	return e->type == NULL ? REC_TRACEPOINT : e->type->kind;
}

void
evrec_fill(struct evrec *e, struct bytes raw, struct str stack, struct rec *r)
{
	int32_t tid = r->tid;

	if (e->type != NULL && bytes_left(&raw) >= e->need && e->type->fill(e, raw, stack, r)) {
		r->kind = e->type->kind;
		return;
	}
	r->kind = REC_TRACEPOINT;
	r->tid = tid;
	r->tracepoint = (struct rec_tracepoint){ e->name,
		evinfo_pairs(&e->info, &e->event->format, raw), stack };
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

	return r->kind == REC_SWITCH &&
	       (memchr(s.p, 'X', s.n) != NULL || memchr(s.p, 'Z', s.n) != NULL);
}
