/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/intern.h"
#include "base/lines.h"
#include "base/mem.h"
#include "perf/evinfo.h"
#include "rec/place.h"
#include "rec/stacks.h"
#include "script.h"
#include "scriptevent.h"
#include "scriptframe.h"
#include "scriptgraph.h"
#include "scriptline.h"
#include "scriptrecord.h"

enum {
	STACK_MOST = 16 * 1024 * 1024, /* bytes of a stack */
	STACK_WORDS = 8192,            /* frames of a stack that is written once */
	SHOWN = 100,                   /* bytes of a line that are shown */
	TEXT = 160,
	CPUS = 4096,  /* those whose losses have a start */
	SAME_TIME = 8 /* lines among which a copy is looked for */
};

enum what { HELD_EVENT, HELD_RECORD, HELD_GRAPH, HELD_LOST };

/* A line whose record is not yet written. */
struct held {
	enum what what;
	struct strbuf line; /* l points into it */
	struct scriptline l;
	uint64_t lost; /* REC_NO_U64: not counted */
	uint64_t number;
	struct scriptstack stack;
};

struct script {
	struct lines lines;
	struct out *out;
	struct script_options options;
	struct script_counts counts;
	struct held held[SCRIPT_HELD]; /* a ring */
	size_t first, nheld;
	struct held *open; /* the event that frames belong to; NULL: none */
	bool blank;        /* an empty line was read since the last frame or event */
	bool user;         /* the open stack is one of user frames */
	bool headed;       /* a line of an event was read: frames belong to one */
	bool any;          /* an event was met */
	struct scripttypes *types;
	struct evinfo info;
	struct strbuf name;    /* of an event; the texts of a record that is no sample */
	struct stacks *stacks; /* NULL: inline */
	uint64_t word[STACK_WORDS];
	char ref[TEXT_NUMBER];
	struct intern comms;
	struct hash comm_of, pid_of; /* by tid: the number of the name, the pid; both plus one */
	int64_t t;                   /* of the last record */
	bool begun;                  /* there was one */
	uint64_t precision;          /* as last written; UINT64_MAX: never */
	int64_t last[CPUS];          /* the time of the last event of a CPU */
};

struct script *
script_new(struct input *in, struct out *o, const struct script_options *options)
{
	struct script *s = mem_alloc(sizeof *s);
	size_t i;

	s->lines.in = in;
	s->out = o;
	s->options = *options;
	s->types = scripttypes_new();
	s->stacks = options->once ? stacks_new() : NULL;
	s->precision = UINT64_MAX;
	for (i = 0; i < CPUS; i++)
		s->last[i] = REC_NO_NS;
	return s;
}

void
script_free(struct script *s)
{
	size_t i;

	for (i = 0; i < SCRIPT_HELD; i++) {
		strbuf_free(&s->held[i].line);
		scriptframe_free(&s->held[i].stack);
	}
	scripttypes_free(s->types);
	if (s->stacks != NULL)
		stacks_free(s->stacks);
	evinfo_free(&s->info);
	strbuf_free(&s->name);
	intern_free(&s->comms);
	hash_free(&s->comm_of);
	hash_free(&s->pid_of);
	free(s);
}

const struct script_counts *
script_counts(const struct script *s)
{
	return &s->counts;
}

/* Report a line that cannot be parsed. */
static void
bad(struct script *s, uint64_t number, const char *why, struct str line)
{
	char text[TEXT + SHOWN];
	int shown = line.n < SHOWN ? (int)line.n : SHOWN;

	s->counts.bad++;
	snprintf(text, sizeof text, "%llu: %s%s%.*s", (unsigned long long)number, why,
	    shown > 0 ? ": " : "", shown, line.p);
	s->options.note(s->options.arg, "bad lines", text);
}

/* --- records */

static struct rec
new_rec(const struct script *s, enum rec_kind kind, int64_t t)
{
	return (struct rec){ .kind = kind,
		.t = t,
		.machine = s->options.machine,
		.cpu = REC_NO_ID,
		.pid = REC_NO_ID,
		.tid = REC_NO_ID };
}

/* Write a definition or a loss. */
static void
put(struct script *s, const struct rec *r)
{
	struct select *select = s->options.select;

	if (s->stacks != NULL)
		stacks_note(s->stacks, r);
	if (select != NULL)
		select_note(select, r);
	if (select == NULL || select_touches(select, r))
		rec_put(s->out, r);
}

static void
put_meta(struct script *s, int64_t t, const char *key, struct str value)
{
	struct rec r = new_rec(s, REC_META, t);

	r.meta.key = str_of(key);
	r.meta.value = evinfo_text(&s->info, 0, value.p, value.n);
	put(s, &r);
}

/* Write what a line of the header says, as perf2rec does. */
static void
put_header(struct script *s, struct str line)
{
	static const struct {
		const char *name, *key;
	} keys[] = {
		{ "# hostname : ", "hostname" },
		{ "# os release : ", "osrelease" },
		{ "# perf version : ", "perf" },
		{ "# arch : ", "arch" },
		{ "# nrcpus online : ", "nrcpus" },
		{ "# cpudesc : ", "cpudesc" },
		{ "# cpuid : ", "cpuid" },
		{ "# total memory : ", "memory_kb" },
		{ "# cmdline : ", "cmdline" },
	};
	size_t i;

	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (!script_take(&line, keys[i].name))
			continue;
		line = script_trim(line);
		if (strcmp(keys[i].key, "memory_kb") == 0 && line.n > 3)
			line.n -= 3; /* " kB" */
		if (line.n > 0)
			put_meta(s, REC_NO_NS, keys[i].key, line);
	}
}

/* Tell how exact the times are. */
static void
put_precision(struct script *s, const struct scriptline *l, int64_t t)
{
	char d[TEXT_NUMBER];
	size_t n;

	if (!s->any && l->form == SCRIPT_FTRACE)
		put_meta(s, REC_NO_NS, "recorder", STR("ftrace"));
	if (l->has_time && l->precision != s->precision) {
		n = text_put_u64(d, l->precision);
		put_meta(s, s->precision == UINT64_MAX ? REC_NO_NS : t, "precision",
		    l->precision == 0 ? STR("ticks") : (struct str){ d, n });
		s->precision = l->precision;
		s->counts.ticks |= l->precision == 0;
	}
	s->any = true;
}

/* Is it what perf and the kernel print for a name that they do not know? */
static bool
is_no_name(struct str name, int32_t tid)
{
	uint64_t v;

	return name.n == 0 || str_eq(name, STR("<...>")) ||
	       (script_take(&name, ":") && script_number(&name, INT32_MAX, &v) && name.n == 0 &&
		   v == (uint64_t)tid);
}

/* Name a task, unless that is its name already. */
static void
put_comm(struct script *s, int64_t t, int32_t pid, int32_t tid, struct str name)
{
	uint64_t id, *known;
	struct rec r;

	if (tid <= 0 || is_no_name(name, tid))
		return;
	id = intern_put(&s->comms, name) + (uint64_t)1;
	known = hash_put(&s->comm_of, (uint32_t)tid);
	if (*known == id)
		return;
	*known = id;
	r = new_rec(s, REC_COMM, t);
	r.pid = pid;
	r.tid = tid;
	r.comm.how = STR_NONE;
	r.comm.name = evinfo_text(&s->info, 0, name.p, name.n);
	put(s, &r);
}

/* The process of a task, learned from lines that print it. */
static int32_t
pid_of(struct script *s, int32_t pid, int32_t tid)
{
	const uint64_t *known;

	if (tid == 0)
		return 0;
	if (tid < 0) /* a thread that exits has lost its own id first */
		return pid >= 0 ? pid : REC_NO_ID;
	if (pid >= 0) {
		*hash_put(&s->pid_of, (uint32_t)tid) = (uint32_t)pid + (uint64_t)1;
		return pid;
	}
	known = hash_get(&s->pid_of, (uint32_t)tid);
	return known == NULL ? REC_NO_ID : (int32_t)(*known - 1);
}

/* --- stacks */

/* The stack field of a record; writes its definition before it if that is new. */
static struct str
stack_field(struct script *s, struct held *h, const struct rec *r)
{
	struct str text = strbuf_field(&h->stack.text);
	struct stacks_key key;
	enum stacks_answer answer;
	struct rec define;
	size_t n;

	if (s->stacks == NULL || h->stack.text.n == 0)
		return text;
	n = stack_words(text, s->word, STACK_WORDS);
	if (n == 0)
		return text;
	key = stacks_key(s->stacks, r, s->word, n, text);
	answer = stacks_find(s->stacks, key);
	if (answer == STACKS_CLASH)
		return text;
	if (answer == STACKS_NEW) {
		define = stacks_define(r, s->word, n, text, key.hash);
		rec_put(s->out, &define);
	}
	*s->ref = '@';
	return (struct str){ s->ref, 1 + text_put_hex(s->ref + 1, key.hash) };
}

/* --- events */

static bool
is_selected(struct script *s, const struct rec *r)
{
	struct select *select = s->options.select;

	if (select == NULL)
		return true;
	select_add_time(&select->time, r);
	select_note(select, r);
	return select_matches(select, r, STR_NONE);
}

/* Write an event with its stack. */
static void
put_event(struct script *s, struct held *h, struct rec *r)
{
	struct str *stack = rec_stack(r);

	if (!is_selected(s, r)) {
		s->counts.filtered++;
		return;
	}
	if (stack != NULL)
		*stack = stack_field(s, h, r);
	rec_put(s->out, r);
}

/* The context of a wakeup, from the kernel's flag. */
static struct str
context_of(char flag)
{
	switch (flag) {
	case '.':
		return STR("task");
	case 's':
		return STR("softirq");
	case 'h':
	case 'H':
		return STR("hardirq");
	case 'z':
	case 'Z':
		return STR("nmi");
	default:
		return STR("unknown");
	}
}

/* The mode of a processor from perf's letters: the modes of guests are printed with those that
 * their bits contain. */
static enum stack_mode
mode_of(struct str modes)
{
	static const struct {
		char letter;
		enum stack_mode mode;
	} letters[] = { { 'g', MODE_GUEST_USER }, { 'G', MODE_GUEST_KERNEL }, { 'H', MODE_HV },
		{ 'U', MODE_USER }, { 'K', MODE_KERNEL } };
	size_t i;

	for (i = 0; i < sizeof letters / sizeof *letters; i++)
		if (modes.n > 0 && memchr(modes.p, letters[i].letter, modes.n) != NULL)
			return letters[i].mode;
	return MODE_NONE;
}

/* Make a record the one of a guest: its host is in pairs. */
static void
set_guest(struct script *s, struct rec *r)
{
	struct strbuf *name = &s->info.text[1];

	if (r->tid < 0)
		return;
	if (r->cpu >= 0)
		evinfo_add(&s->info, "host_cpu", (uint32_t)r->cpu);
	if (r->pid >= 0)
		evinfo_add(&s->info, "host_pid", (uint32_t)r->pid);
	evinfo_add(&s->info, "host_tid", (uint32_t)r->tid);
	strbuf_clear(name);
	strbuf_add(name, STR("vm"));
	if (r->pid >= 0)
		name->n += text_put_u64(strbuf_reserve(name, TEXT_NUMBER), (uint32_t)r->pid);
	r->machine = strbuf_str(name);
	r->cpu = r->pid = r->tid = REC_NO_ID;
}

static void
put_sample(struct script *s, struct held *h, const struct scriptevent *e, struct rec *r)
{
	struct strbuf *b = &s->info.pairs;
	enum stack_mode mode = mode_of(h->l.modes);
	struct str ip = STR_NONE, pairs;
	struct stack_frame at;
	struct scriptframe f;
	size_t n;

	r->kind = REC_SAMPLE;
	strbuf_clear(b);
	if (mode == MODE_GUEST_KERNEL || mode == MODE_GUEST_USER)
		set_guest(s, r);
	n = b->n;
	if (h->stack.text.n > 0) {
		at = scriptframe_ip(&h->stack);
		mode = mode == MODE_NONE ? at.mode : mode;
		ip = at.token;
	} else if (e->text.n > 0 && scriptframe_perf(e->text, &f)) {
		if (mode == MODE_NONE)
			mode = f.mode;
		strbuf_clear(&s->info.text[0]);
		scriptframe_put(&s->info.text[0], &f);
		ip = strbuf_str(&s->info.text[0]);
	}
	if (e->text.n > 0 && str_none(ip)) {
		strbuf_add(b, n > 0 ? STR(" text=") : STR("text="));
		b->n += text_escape(strbuf_reserve(b, 4 * e->text.n), e->text.p, e->text.n, " ");
	}
	pairs = evinfo_pairs(&s->info);
	strbuf_clear(&s->name);
	s->name.n = text_escape(strbuf_reserve(&s->name, 4 * e->name.n), e->name.p, e->name.n, "");
	r->sample = (struct rec_sample){ strbuf_str(&s->name), e->period, stack_mode_name(mode), ip,
		pairs, STR_NONE };
	put_event(s, h, r);
}

/* Write what an event says of another task. */
static void
put_task(struct script *s, const struct scriptevent *e, const struct rec *at)
{
	struct scripttask task;
	struct rec r = *at;

	if (!scriptevent_task(e, &task))
		return;
	if (task.is_new) {
		r.kind = REC_FORK;
		r.fork.child_tid = task.tid;
		r.fork.child_pid = task.is_thread ? at->pid : task.tid;
		r.fork.how = task.is_thread ? STR("thread") : STR("process");
		pid_of(s, r.fork.child_pid, task.tid);
		if (r.fork.child_pid >= 0)
			put(s, &r);
	}
	put_comm(s, at->t, pid_of(s, REC_NO_ID, task.tid), task.tid, task.comm);
}

/* Without a stack, that of a function is where it was called. */
static void
add_function(struct held *h, struct str function, struct str caller)
{
	struct scriptframe f;

	if (scriptframe_ftrace(function, &f)) {
		f.mode = MODE_KERNEL;
		scriptframe_add(&h->stack, &f);
	}
	if (caller.n > 0 && scriptframe_ftrace(caller, &f))
		scriptframe_add(&h->stack, &f);
}

static void
add_called(struct held *h, const struct scriptevent *e)
{
	const char *arrow = memmem(e->text.p, e->text.n, " <-", 3);
	struct str function = e->text, caller = STR("");

	if (h->stack.text.n > 0 || !str_eq(e->name, STR("ftrace:function")))
		return;
	if (arrow != NULL) {
		function.n = (size_t)(arrow - function.p);
		caller = (struct str){ arrow + 3, e->text.n - function.n - 3 };
		script_take(&caller, "-");
		caller = script_trim(caller);
	}
	add_function(h, function, caller);
}

/* A tracepoint, or an event with a kind. */
static void
put_tracepoint(struct script *s, struct held *h, const struct scriptevent *e, struct rec *r)
{
	put_task(s, e, r);
	add_called(h, e);
	if (!scripttypes_fill(s->types, e, context_of(h->l.context), STR_NONE, r))
		bad(s, h->number, "not the fields of this event, a tracepoint now", h->l.rest);
	if (r->kind == REC_SWITCH && r->pid < 0)
		r->pid = pid_of(s, REC_NO_ID, r->tid);
	put_event(s, h, r);
}

/* Whether a line of perf is a copy of one before: perf record can write a part of a buffer twice
 * (see perf/perf.c). No event happens twice on one CPU in one nanosecond. The lines that were
 * written last are still in the ring. */
static bool
is_copy(struct script *s, const struct held *h)
{
	const struct held *before;
	size_t i;

	if (h->l.precision != 1 || h->l.t == 0 || h->l.cpu < 0)
		return false;
	for (i = 1; i <= SAME_TIME; i++) {
		before = &s->held[(s->first + SCRIPT_HELD - i) % SCRIPT_HELD];
		if (before->l.t != h->l.t)
			return false;
		if (str_eq(strbuf_str(&before->line), strbuf_str(&h->line)) &&
		    str_eq(strbuf_str(&before->stack.text), strbuf_str(&h->stack.text))) {
			s->counts.copies++;
			return true;
		}
	}
	return false;
}

static void
put_perf(struct script *s, struct held *h, struct rec *r)
{
	struct scriptevent e;

	if (!scriptevent_perf(h->l.rest, &e)) {
		e.name = STR("unknown");
		e.period = REC_NO_U64;
		e.text = script_trim(h->l.rest);
	} else if (is_copy(s, h)) {
		return;
	}
	s->counts.events++;
	put_comm(s, r->t, r->pid, r->tid, h->l.comm);
	if (scriptevent_is_tracepoint(e.name)) {
		if (h->stack.text.n == 0)
			scriptframe_cut(&e.text);
		put_tracepoint(s, h, &e, r);
	} else
		put_sample(s, h, &e, r);
}

/* Write a record of perf other than a sample. */
static void
put_perf_record(struct script *s, struct held *h, struct rec *r)
{
	uint64_t comm, *known;

	if (is_copy(s, h))
		return;
	switch (scriptrecord_read(h->l.rest, &s->name, r)) {
	case SCRIPTRECORD_DONE:
		if (select_is_event(r))
			put_event(s, h, r);
		else
			put(s, r);
		break;
	case SCRIPTRECORD_BAD:
		bad(s, h->number, "not as perf prints such a record", h->l.rest);
		return;
	default:
		s->counts.unconverted++;
		return;
	}
	s->counts.events++;
	if (r->kind == REC_COMM && r->tid > 0) {
		/* its name is known now, and so is its pid */
		comm = intern_put(&s->comms, r->comm.name) + (uint64_t)1;
		*hash_put(&s->comm_of, (uint32_t)r->tid) = comm;
		pid_of(s, r->pid, r->tid);
	} else if (r->kind == REC_FORK) {
		known = hash_get(&s->comm_of, (uint32_t)r->tid);
		comm = known == NULL ? 0 : *known;
		if (comm != 0)
			*hash_put(&s->comm_of, (uint32_t)r->fork.child_tid) = comm;
		pid_of(s, r->fork.child_pid, r->fork.child_tid);
	}
}

/* --- function_graph */

/* Set the pairs of a function's entry or exit. */
static void
set_graph(struct script *s, const struct scriptgraph *g)
{
	struct strbuf *b = &s->info.pairs;

	evinfo_begin(&s->info);
	if (g->text.n > 0) {
		strbuf_add(b, STR("func="));
		b->n += text_escape(strbuf_reserve(b, 4 * g->text.n), g->text.p, g->text.n, " ");
	}
	evinfo_add(&s->info, "depth", g->depth);
	if (g->has_duration)
		evinfo_add(&s->info, "duration", g->duration);
}

/* A comment is an event that is printed between functions, or the text of a marker. */
static void
put_comment(struct script *s, struct held *h, struct str text, struct rec *r)
{
	struct scriptevent e;

	if (!scriptevent_ftrace(text, &e) || !scripttypes_has(s->types, e.name)) {
		e.name = STR("ftrace:print");
		e.text = text;
	}
	put_tracepoint(s, h, &e, r);
}

static void
put_graph(struct script *s, struct held *h, struct str text, struct rec *r)
{
	struct scriptgraph g;

	if (!scriptgraph_read(text, &g)) {
		bad(s, h->number, "not as function_graph prints a function", text);
		return;
	}
	s->counts.events++;
	put_comm(s, r->t, r->pid, r->tid, h->l.comm);
	if (g.is == GRAPH_COMMENT) {
		put_comment(s, h, g.text, r);
		return;
	}
	if (h->stack.text.n == 0 && g.is == GRAPH_ENTRY)
		add_function(h, g.text, STR(""));
	set_graph(s, &g);
	r->kind = REC_TRACEPOINT;
	r->tracepoint = (struct rec_tracepoint){ g.is == GRAPH_EXIT ? STR("ftrace:funcgraph_exit")
								    : STR("ftrace:funcgraph_entry"),
		evinfo_pairs(&s->info), STR_NONE };
	put_event(s, h, r);
}

static void
put_ftrace(struct script *s, struct held *h, struct rec *r)
{
	struct scriptevent e;

	if (!scriptevent_ftrace(h->l.rest, &e)) {
		bad(s, h->number, "an event without a name", h->l.rest);
		return;
	}
	if (str_eq(e.name, STR("funcgraph_entry")) || str_eq(e.name, STR("funcgraph_exit"))) {
		put_graph(s, h, e.text, r);
		return;
	}
	s->counts.events++;
	put_comm(s, r->t, r->pid, r->tid, h->l.comm);
	put_tracepoint(s, h, &e, r);
}

/* --- lines that are held */

/* The time of a line; without one, that of the record before. Returns false if no record can have
 * it. */
static bool
time_of(struct script *s, const struct held *h, int64_t *t)
{
	if (!h->l.has_time) {
		*t = s->t;
		s->counts.timeless++;
		return true;
	}
	return !__builtin_add_overflow((int64_t)h->l.t, s->options.offset, t) && *t != REC_NO_NS;
}

static struct held *
held_at(struct script *s, size_t i)
{
	return &s->held[(s->first + i) % SCRIPT_HELD];
}

/* The loss that precedes the next event of its CPU. */
static void
put_lost(struct script *s, const struct held *h)
{
	struct rec r = new_rec(s, REC_LOST, s->t);
	const struct held *next;
	int64_t t;
	size_t i;

	for (i = 1; i < s->nheld; i++) {
		next = held_at(s, i);
		if (next->what == HELD_LOST || !next->l.has_time ||
		    (h->l.cpu >= 0 && next->l.cpu != h->l.cpu))
			continue;
		if (!__builtin_add_overflow((int64_t)next->l.t, s->options.offset, &t) &&
		    t != REC_NO_NS)
			r.t = t;
		break;
	}
	r.cpu = h->l.cpu;
	r.lost.since = r.cpu >= 0 && r.cpu < CPUS ? s->last[r.cpu] : REC_NO_NS;
	r.lost.count = h->lost;
	r.lost.what = STR("ring buffer");
	put(s, &r);
}

static void
put_held(struct script *s, struct held *h)
{
	struct rec r = new_rec(s, REC_OTHER, 0);

	if (!time_of(s, h, &r.t)) {
		bad(s, h->number, "its time is none that a record can have", h->l.rest);
		return;
	}
	put_precision(s, &h->l, r.t);
	s->counts.late += s->begun && r.t < s->t;
	s->begun = true;
	s->t = r.t;
	r.cpu = h->l.cpu;
	r.tid = h->l.tid;
	r.pid = pid_of(s, h->l.pid, h->l.tid);
	if (r.cpu >= 0 && r.cpu < CPUS) {
		s->counts.coarse +=
		    h->what == HELD_EVENT && h->l.precision > 1 && s->last[r.cpu] == r.t;
		s->last[r.cpu] = r.t;
	}
	if (h->what == HELD_GRAPH)
		put_graph(s, h, h->l.rest, &r);
	else if (h->what == HELD_RECORD)
		put_perf_record(s, h, &r);
	else if (h->l.form == SCRIPT_FTRACE)
		put_ftrace(s, h, &r);
	else
		put_perf(s, h, &r);
}

/* Write all lines that are held but the newest. */
static void
flush(struct script *s, size_t keep)
{
	struct held *h;

	while (s->nheld > keep) {
		h = held_at(s, 0);
		if (h->what == HELD_LOST)
			put_lost(s, h);
		else
			put_held(s, h);
		s->first = (s->first + 1) % SCRIPT_HELD;
		s->nheld--;
	}
}

/* Point into a copy of the line. */
static void
rebase(struct str *s, const char *from, const char *to)
{
	if (s->n > 0)
		s->p = to + (s->p - from);
}

static struct held *
hold(struct script *s, enum what what, struct str line, const struct scriptline *l)
{
	struct held *h;

	flush(s, l->form == SCRIPT_PERF ? 0 : SCRIPT_HELD - 1);
	h = held_at(s, s->nheld++);
	h->what = what;
	h->number = s->lines.n;
	h->l = *l;
	scriptframe_clear(&h->stack);
	strbuf_clear(&h->line);
	strbuf_add(&h->line, line);
	rebase(&h->l.comm, line.p, h->line.p);
	rebase(&h->l.modes, line.p, h->line.p);
	rebase(&h->l.rest, line.p, h->line.p);
	s->open = what == HELD_LOST ? NULL : h;
	s->blank = false;
	return h;
}

/* --- frames */

/* Add a frame to the open event. */
static void
add_frame(struct script *s, struct scriptframe *f)
{
	s->blank = false;
	if (f->addr >= SCRIPTFRAME_MOST)
		return;
	if (s->open->stack.text.n > STACK_MOST)
		s->counts.cut_stacks++;
	else
		s->counts.no_object += scriptframe_add(&s->open->stack, f);
}

/* A frame of perf; of the first stack, if only stacks are printed. */
static bool
read_perf_frame(struct script *s, struct str line)
{
	struct scriptline l = { .form = SCRIPT_PERF, .pid = -1, .tid = -1, .cpu = -1 };
	struct scriptframe f;

	/* where only stacks are printed, they have perf's own form */
	if ((s->headed ? s->open == NULL || s->open->l.form != SCRIPT_PERF : *line.p != '\t') ||
	    !scriptframe_perf(line, &f))
		return false;
	if (!s->headed && (s->open == NULL || s->blank)) {
		l.rest = (struct str){ line.p, 0 };
		hold(s, HELD_EVENT, l.rest, &l);
	}
	add_frame(s, &f);
	return true;
}

/* The source of a frame, "  FILE:LINE"; "  OBJECT[ADDRESS]" if it is unknown. */
static bool
read_source(struct script *s, struct str line)
{
	const char *colon;
	struct str number;
	uint64_t n;

	if (s->open == NULL || s->open->stack.text.n == 0 || !script_take(&line, "  ") ||
	    line.n == 0 || *line.p == ' ')
		return false;
	if (line.p[line.n - 1] == ']')
		return true;
	if ((colon = memrchr(line.p, ':', line.n)) == NULL)
		return false;
	number = (struct str){ colon + 1, (size_t)(line.p + line.n - colon) - 1 };
	if (!script_number(&number, UINT32_MAX, &n) || number.n > 0)
		return false;
	scriptframe_source(&s->open->stack, line);
	return true;
}

/* A frame of the kernel or of trace-cmd: "=> ...". */
static bool
read_ftrace_frame(struct script *s, struct str line)
{
	struct scriptframe f;

	line = script_skip(line);
	if (s->open == NULL || s->open->l.form != SCRIPT_FTRACE || !script_take(&line, "=>") ||
	    !scriptframe_ftrace(line, &f))
		return false;
	f.mode = s->user ? MODE_USER : MODE_KERNEL;
	if (s->open->stack.text.n == 0 && !s->user && place_is_tracer(f.symbol))
		return true;
	if (f.addr != 0 || f.is_named)
		add_frame(s, &f);
	return true;
}

/* The newest event of a CPU. */
static struct held *
newest(struct script *s, int32_t cpu)
{
	struct held *h;
	size_t i;

	for (i = s->nheld; i-- > 0;) {
		h = held_at(s, i);
		if (h->what != HELD_LOST && h->l.cpu == cpu)
			return h;
	}
	return NULL;
}

/* The start of a stack: of the event before it on its CPU, if that is of the same task. */
static bool
read_ftrace_stack(struct script *s, struct str line, const struct scriptline *l)
{
	enum scriptevent_stack is;
	struct scriptevent e;
	struct held *h;

	if (l->form != SCRIPT_FTRACE || !scriptevent_ftrace(l->rest, &e) ||
	    (is = scriptevent_stack(&e)) == SCRIPT_NO_STACK)
		return false;
	h = newest(s, l->cpu);
	if (h != NULL && h->l.tid == l->tid) {
		s->open = h;
		h->stack.mode = MODE_NONE;
		s->counts.stacks++;
	} else {
		hold(s, HELD_EVENT, line, l);
	}
	s->user = is == SCRIPT_USER_STACK;
	read_ftrace_frame(s, e.text); /* trace-cmd starts in the same line */
	return true;
}

/* --- lines */

/* "CPU:N [LOST M EVENTS]" of the kernel, "CPU:N [M EVENTS DROPPED]" of trace-cmd; without a number
 * if they were not counted. */
static bool
read_lost(struct script *s, struct str line)
{
	struct scriptline l = { .form = SCRIPT_FTRACE, .pid = -1, .tid = -1 };
	struct str at = script_skip(line);
	uint64_t cpu, n = REC_NO_U64;
	struct held *h;

	if (!script_take(&at, "CPU:") || !script_number(&at, INT32_MAX, &cpu) ||
	    !script_take(&at, " ["))
		return false;
	script_take(&at, "LOST ");
	if (script_number(&at, UINT64_MAX - 1, &n))
		script_take(&at, " ");
	else
		n = REC_NO_U64;
	if (!script_take(&at, "EVENTS"))
		return false;
	script_take(&at, " DROPPED");
	if (!str_eq(at, STR("]")))
		return false;
	l.cpu = (int32_t)cpu;
	h = hold(s, HELD_LOST, line, &l);
	h->lost = n;
	return true;
}

/* "# entries-in-buffer/entries-written: A/B": the kernel has overwritten the rest. */
static void
read_written(struct script *s, struct str line)
{
	struct scriptline l = { .form = SCRIPT_FTRACE, .pid = -1, .tid = -1, .cpu = -1 };
	struct str at = line;
	uint64_t in, written;

	if (script_take(&at, "# entries-in-buffer/entries-written: ") &&
	    script_number(&at, UINT64_MAX, &in) && script_take(&at, "/") &&
	    script_number(&at, UINT64_MAX, &written) && written > in)
		hold(s, HELD_LOST, line, &l)->lost = written - in;
}

/* A line that starts with # and is no event's. */
static bool
read_comment(struct script *s, struct str line)
{
	if (line.n == 0 || *line.p != '#')
		return false;
	flush(s, 0);
	s->open = NULL;
	put_header(s, line);
	read_written(s, line);
	return true;
}

/* Lines that say nothing, or nothing that a record has. */
static bool
read_other(struct script *s, struct str line)
{
	static const char *const empty[] = { "cpus=", "version = ", "trace-cmd version ",
		" ------------------------------------------", "-----------------" };
	static const char *const others[] = { "PERF_RECORD_", "ABI:", "insn:", "CPU ",
		"Dump stack" };
	const char *p;
	size_t i;

	for (i = 0; i < sizeof empty / sizeof *empty; i++)
		if (line.n >= strlen(empty[i]) && memcmp(line.p, empty[i], strlen(empty[i])) == 0)
			return true;
	line = script_skip(line);
	for (i = 0; i < sizeof others / sizeof *others; i++)
		if (line.n > strlen(others[i]) &&
		    memcmp(line.p, others[i], strlen(others[i])) == 0) {
			s->counts.unconverted++;
			return true;
		}
	/* function_graph changes to another task: " CPU) NAME-TID => NAME-TID" */
	p = memmem(line.p, line.n, " => ", 4);
	return p != NULL && line.n > 0 && *line.p >= '0' && *line.p <= '9' &&
	       memchr(line.p, ')', (size_t)(p - line.p)) != NULL;
}

/* A line of perf that has no time. */
static bool
read_timeless(struct script *s, struct str line)
{
	struct scriptline l;
	struct scriptevent e;

	/* perf ends each field with a blank */
	if (scriptline_read_timeless(line, &l) &&
	    (l.rest.n == 0 ? line.p[line.n - 1] == ' ' : scriptevent_perf(l.rest, &e))) {
		hold(s, HELD_EVENT, line, &l);
		return s->headed = true;
	}
	if (!scriptevent_perf(line, &e) || (e.text.n > 0 && !scriptevent_is_tracepoint(e.name)))
		return false;
	l = (struct scriptline){ .pid = -1, .tid = -1, .cpu = -1, .rest = line };
	hold(s, HELD_EVENT, line, &l);
	return s->headed = true;
}

static bool
read_timed(struct script *s, struct str line)
{
	struct scriptline l;

	if (scriptline_read(line, &l)) {
		if (!read_ftrace_stack(s, line, &l))
			hold(s, scriptrecord_is(l.rest) ? HELD_RECORD : HELD_EVENT, line, &l);
		return s->headed = true;
	}
	if (scriptgraph_line(line, &l)) {
		hold(s, HELD_GRAPH, line, &l);
		return s->headed = true;
	}
	return false;
}

static void
read_line(struct script *s, struct str line)
{
	if (line.n > 0 && *line.p == '\t' && read_perf_frame(s, line))
		return;
	if (script_skip(line).n == 0) {
		s->blank = true;
		return;
	}
	if (read_timed(s, line) || read_comment(s, line) || read_lost(s, line) ||
	    read_ftrace_frame(s, line) || read_source(s, line))
		return;
	/* a frame most often ends with its object */
	if (*line.p == ' ' && line.p[line.n - 1] == ')' && read_perf_frame(s, line))
		return;
	if (read_other(s, line) || read_timeless(s, line) || read_perf_frame(s, line))
		return;
	bad(s, s->lines.n, "neither an event nor a frame", line);
	/* after an empty line it may be an event, whose frames are not those of the one before;
	 * elsewhere it is the rest of a name with a newline */
	if (s->blank)
		s->open = NULL;
}

void
script_run(struct script *s)
{
	enum lines_kind kind;
	struct str line;

	while (s->out->error == 0 && (kind = lines_next(&s->lines, &line)) != LINES_END) {
		s->counts.lines++;
		if (kind == LINES_TEXT)
			read_line(s, line);
		else if (kind == LINES_LONG)
			bad(s, s->lines.n, "longer than 65536 bytes", STR(""));
		else if (kind == LINES_NUL)
			bad(s, s->lines.n, "a NUL byte: not text", STR(""));
		else
			bad(s, s->lines.n, "the last line has no newline", line);
	}
	flush(s, 0);
}
