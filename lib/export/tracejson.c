/* SPDX-License-Identifier: MIT */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "jsontext.h"
#include "rec/pairs.h"
#include "rec/place.h"
#include "rec/stack.h"
#include "tracejson.h"

enum {
	NAME = 4096,    /* bytes of a name, or of the text of a stack, about */
	FUNCTION = 256, /* of a function in the name of a slice */
	/* the numbers of a machine: those of tasks, and those of its CPUs' tracks */
	OF_TASKS = 9000000,
	OF_MACHINES = 400
};

#define ASSIGNED 4000000000 /* numbers from here on are assigned in turn */

struct tracejson_task {
	int64_t pid, tid; /* as written */
	int32_t known;    /* pid of the records, -1 if unknown */
	uint32_t name;    /* + 1 */
};

/* As it is written: the number of its frame, its functions, the one that says why a task waits. */
struct tracejson_stack {
	uint32_t frame; /* 0: none */
	uint32_t text, function;
};

struct tracejson_frame {
	uint32_t parent; /* 0: none; the first frame is 1 */
	uint32_t text;
};

/* --- numbers */

static uint32_t
machine_of(struct tracejson *j, struct str name)
{
	return intern_put(&j->machines, name);
}

/* The number that a machine's task or track has in the output. */
static int64_t
id_of(struct tracejson *j, uint32_t machine, uint32_t n)
{
	uint32_t key[2] = { machine, n };

	if (machine < OF_MACHINES && n < TRACEJSON_MACHINE)
		return (int64_t)machine * TRACEJSON_MACHINE + n;
	return ASSIGNED + intern_put(&j->ids, (struct str){ (const char *)key, sizeof key });
}

static int64_t
task_id(struct tracejson *j, uint32_t machine, int32_t n)
{
	/* what tracks of CPUs have is not a task's */
	if (n >= OF_TASKS && n < TRACEJSON_MACHINE)
		return id_of(j, OF_MACHINES + machine, (uint32_t)n);
	return id_of(j, machine, (uint32_t)n);
}

/* The process that has the tracks of a machine's CPUs. */
static int64_t
cpus_id(struct tracejson *j, uint32_t machine)
{
	return id_of(j, machine, OF_TASKS);
}

/* --- events */

static void
put(struct tracejson *j, struct str s)
{
	strbuf_add(&j->text, s);
}

static void
put_s64(struct tracejson *j, int64_t v)
{
	j->text.n += text_put_s64(strbuf_reserve(&j->text, TEXT_NUMBER), v);
}

/* Start a key, after a comma unless it is the first. */
static void
open_key(struct tracejson *j)
{
	if (j->text.n > 0 && j->text.p[j->text.n - 1] != '{')
		strbuf_putc(&j->text, ',');
	strbuf_putc(&j->text, '"');
}

static void
put_key(struct tracejson *j, struct str key)
{
	open_key(j);
	put(j, key);
	put(j, STR("\":"));
}

static void
put_number(struct tracejson *j, struct str key, int64_t v)
{
	put_key(j, key);
	put_s64(j, v);
}

/* A member whose value is a text; nothing if it is "-". */
static void
put_text(struct tracejson *j, struct str key, struct str field)
{
	if (str_none(field))
		return;
	put_key(j, key);
	strbuf_putc(&j->text, '"');
	jsontext_add(&j->text, field, NAME);
	strbuf_putc(&j->text, '"');
}

/* The same for a text that is JSON already. */
static void
put_json(struct tracejson *j, struct str key, struct str text)
{
	put_key(j, key);
	strbuf_putc(&j->text, '"');
	put(j, text);
	strbuf_putc(&j->text, '"');
}

/* The name of an event: one or two words, the second unless it is "-". */
static void
put_name(struct tracejson *j, struct str first, struct str second)
{
	put_key(j, STR("name"));
	strbuf_putc(&j->text, '"');
	jsontext_add(&j->text, first, NAME);
	if (!str_none(second)) {
		strbuf_putc(&j->text, ' ');
		jsontext_add(&j->text, second, FUNCTION);
	}
	strbuf_putc(&j->text, '"');
}

static void
put_u64(struct tracejson *j, struct str key, uint64_t v)
{
	put_key(j, key);
	j->text.n += text_put_u64(strbuf_reserve(&j->text, TEXT_NUMBER), v);
}

/* A number of ns in microseconds, exactly. */
static void
put_us(struct tracejson *j, struct str key, bool minus, uint64_t ns)
{
	char digits[4];

	put_key(j, key);
	if (minus)
		strbuf_putc(&j->text, '-');
	j->text.n += text_put_u64(strbuf_reserve(&j->text, TEXT_NUMBER), ns / 1000);
	text_put_four(digits, (uint32_t)(ns % 1000));
	*digits = '.';
	strbuf_add_bytes(&j->text, digits, sizeof digits);
}

/* Start an event. */
static void
event(struct tracejson *j, char phase, int64_t pid, int64_t tid, int64_t t)
{
	j->last = t;
	strbuf_clear(&j->text);
	put(j, STR("{\"ph\":\""));
	strbuf_putc(&j->text, phase);
	strbuf_putc(&j->text, '"');
	put_number(j, STR("pid"), pid);
	put_number(j, STR("tid"), tid);
	put_us(j, STR("ts"), t < 0, t < 0 ? 0 - (uint64_t)t : (uint64_t)t);
}

static void
interval(struct tracejson *j, char phase, int64_t pid, int64_t tid, const int64_t t[2])
{
	event(j, phase, pid, tid, t[0]);
	put_us(j, STR("dur"), false, t[1] > t[0] ? (uint64_t)t[1] - (uint64_t)t[0] : 0);
}

static void
put_args(struct tracejson *j)
{
	put_key(j, STR("args"));
	strbuf_putc(&j->text, '{');
}

/* End an event that has this number of open braces. */
static void
end_event(struct tracejson *j, int braces)
{
	while (braces-- > 0)
		strbuf_putc(&j->text, '}');
	out_str(j->out, j->any ? STR(",\n") : STR("\n"));
	out_str(j->out, strbuf_str(&j->text));
	j->any = true;
}

/* Give a process or task a name or an index to be sorted by. */
static void
name_event(struct tracejson *j, struct str what, int64_t pid, int64_t tid)
{
	strbuf_clear(&j->text);
	put(j, STR("{\"ph\":\"M\""));
	put_number(j, STR("pid"), pid);
	put_number(j, STR("tid"), tid);
	put_json(j, STR("name"), what);
	put_args(j);
}

static void
name_process(struct tracejson *j, uint32_t machine, int64_t pid, struct str name)
{
	int64_t index = 2 * (int64_t)machine + (pid != cpus_id(j, machine));

	name_event(j, STR("process_name"), pid, pid);
	put_key(j, STR("name"));
	strbuf_putc(&j->text, '"');
	if (machine > 0) {
		jsontext_add(&j->text, intern_str(&j->machines, machine), NAME);
		put(j, STR(": "));
	}
	jsontext_add(&j->text, name, NAME);
	strbuf_putc(&j->text, '"');
	end_event(j, 2);
	name_event(j, STR("process_sort_index"), pid, pid);
	put_number(j, STR("sort_index"), index);
	end_event(j, 2);
}

/* --- tracks */

/* The track of a lane of a CPU, which is -1 if unknown. */
static int64_t
lane_of(struct tracejson *j, uint32_t machine, int32_t cpu, struct str lane)
{
	static const struct str order[] = { STR_INIT("cpu"), STR_INIT("irq"), STR_INIT("softirq"),
		STR_INIT("wakes"), STR_INIT("idle") };
	enum { ORDERED = sizeof order / sizeof *order };
	int64_t index = 0, pid = cpus_id(j, machine), tid;
	size_t known = j->lanes.n;
	uint32_t n;

	strbuf_clear(&j->text);
	strbuf_add_bytes(&j->text, &machine, sizeof machine);
	strbuf_add_bytes(&j->text, &cpu, sizeof cpu);
	strbuf_add(&j->text, text_cut(lane, NAME));
	n = intern_put(&j->lanes, strbuf_str(&j->text));
	tid = id_of(
	    j, machine, OF_TASKS + 1 + n < TRACEJSON_MACHINE ? OF_TASKS + 1 + n : UINT32_MAX - n);
	if (n < known)
		return tid;
	if (hash_get(&j->processes, (uint64_t)pid) == NULL) {
		*hash_put(&j->processes, (uint64_t)pid) = 1;
		name_process(j, machine, pid, STR("CPUs"));
	}
	while (index < ORDERED && !str_eq(lane, order[index]))
		index++;
	name_event(j, STR("thread_name"), pid, tid);
	put_key(j, STR("name"));
	put(j, cpu < 0 ? STR("\"all CPUs") : STR("\"CPU "));
	if (cpu >= 0)
		put_s64(j, cpu);
	if (index > 0) {
		strbuf_putc(&j->text, ' ');
		jsontext_add(&j->text, lane, NAME);
	}
	strbuf_putc(&j->text, '"');
	end_event(j, 2);
	name_event(j, STR("thread_sort_index"), pid, tid);
	put_number(j, STR("sort_index"), ((int64_t)cpu + 1) * (ORDERED + 1) + index);
	end_event(j, 2);
	return tid;
}

/* Name a task's track, and its process if the task leads it or is the first one. */
static void
name_task(struct tracejson *j, uint32_t machine, const struct tracejson_task *t, struct str name)
{
	uint64_t *process = hash_put(&j->processes, (uint64_t)t->pid);

	if (str_none(name))
		return;
	if (*process == 0 || (t->pid == t->tid && *process != t->name)) {
		*process = t->name;
		name_process(j, machine, t->pid, name);
	}
	name_event(j, STR("thread_name"), t->pid, t->tid);
	put_text(j, STR("name"), name);
	end_event(j, 2);
}

struct who {
	int32_t pid, tid;
	struct str comm;
};

/* The track of a task. A new name, or a process that was not known, is written. */
static const struct tracejson_task *
track_of(struct tracejson *j, uint32_t machine, struct who w)
{
	uint64_t *at = hash_put(&j->at, hash_pair(machine, (uint32_t)w.tid));
	struct tracejson_task *t;
	uint32_t name;

	if (*at == 0) {
		j->track = mem_grow(j->track, j->ntrack, &j->cap_track, sizeof *j->track);
		j->track[j->ntrack] = (struct tracejson_task){ .known = -1 };
		*at = ++j->ntrack;
	}
	t = &j->track[*at - 1];
	name = str_none(w.comm) && t->name > 0 ? t->name : intern_put(&j->names, w.comm) + 1;
	if (name == t->name && (w.pid == t->known || w.pid < 0))
		return t;
	t->name = name;
	if (w.pid >= 0 || t->known < 0) {
		t->known = w.pid;
		t->pid = task_id(j, machine, w.pid >= 0 ? w.pid : w.tid);
		t->tid = task_id(j, machine, w.tid);
	}
	name_task(j, machine, t, intern_str(&j->names, name - 1));
	return t;
}

/* --- stacks */

/* Add the name of a frame, of max bytes, as JSON: its function, or [object] without folders. */
static void
add_frame_name(struct strbuf *b, const struct stack_frame *f, size_t max)
{
	struct stack_note note = stack_note(f->note);

	if (note.symbol.n > 0) {
		jsontext_add(b, note.symbol, max);
	} else if (note.object.n > 0) {
		strbuf_putc(b, '[');
		jsontext_add(b, str_basename(note.object), max);
		strbuf_putc(b, ']');
	} else if (f->note.n > 0) {
		strbuf_add(b, STR("[unknown]"));
	} else {
		strbuf_add(b, STR("0x"));
		b->n += text_put_hex(strbuf_reserve(b, TEXT_NUMBER), f->addr);
	}
}

/* The number of a frame that parent called. 0 if there are too many. */
static uint32_t
frame_of(struct tracejson *j, uint32_t parent, const struct stack_frame *f)
{
	struct stack_note note = stack_note(f->note);
	uint64_t *at;
	uint32_t text;

	strbuf_clear(&j->text);
	put(j, STR("\"category\":\""));
	jsontext_add(&j->text, str_basename(note.object), NAME);
	put(j, STR("\",\"name\":\""));
	add_frame_name(&j->text, f, NAME);
	strbuf_putc(&j->text, '"');
	text = intern_put(&j->texts, strbuf_str(&j->text));
	at = hash_put(&j->frame_at, hash_pair(parent, text));
	if (*at == 0 && j->nframe < TRACEJSON_FRAMES) {
		j->frame = mem_grow(j->frame, j->nframe, &j->cap_frame, sizeof *j->frame);
		j->frame[j->nframe] = (struct tracejson_frame){ parent, text };
		*at = ++j->nframe;
	}
	return (uint32_t)*at;
}

/* The number of the innermost frame of a stack. */
static uint32_t
frames_of(struct tracejson *j, struct str stack)
{
	struct stack_frame f;
	uint32_t frame = 0;

	while (!j->cut && stack_take_last(&stack, &f)) {
		frame = frame_of(j, frame, &f);
		j->cut = frame == 0;
	}
	return frame;
}

/* The functions of a stack as JSON, innermost first. */
static uint32_t
functions_of(struct tracejson *j, struct str stack)
{
	struct stack_walk w = stack_walk(stack);
	struct stack_frame f;

	strbuf_clear(&j->text);
	while (j->text.n < NAME && stack_next(&w, &f)) {
		if (j->text.n > 0)
			put(j, STR(" < "));
		add_frame_name(&j->text, &f, FUNCTION);
	}
	if (w.p < w.end)
		put(j, STR(" < ..."));
	return intern_put(&j->texts, strbuf_str(&j->text));
}

static uint32_t
add_stack(struct tracejson *j, struct str frames)
{
	struct tracejson_stack s;

	s.frame = frames_of(j, frames);
	s.text = functions_of(j, frames);
	strbuf_clear(&j->text);
	jsontext_add(&j->text, place_function(frames), FUNCTION);
	s.function = intern_put(&j->texts, strbuf_str(&j->text));
	j->stack = mem_grow(j->stack, j->nstack, &j->cap_stack, sizeof *j->stack);
	j->stack[j->nstack++] = s;
	return (uint32_t)j->nstack;
}

/* The stack of a record as it is written; NULL if it is unknown. */
static const struct tracejson_stack *
stack_of(struct tracejson *j, struct str stack)
{
	uint64_t hash, *known;
	size_t n = j->inlined.n;
	uint32_t at;

	if (str_none(stack))
		return NULL;
	if (stack_is_ref(stack, &hash)) {
		known = hash_put(&j->refs, hash);
		if (*known == 0 && (stack = stackdefs_get(&j->stacks, hash, NULL)).n > 0)
			*known = add_stack(j, stack);
		return *known == 0 ? NULL : &j->stack[*known - 1];
	}
	at = intern_put(&j->inlined, stack);
	if (at == n) {
		j->inline_at = mem_grow(j->inline_at, n, &j->cap_inline, sizeof *j->inline_at);
		j->inline_at[n] = add_stack(j, stack);
	}
	return &j->stack[j->inline_at[at] - 1];
}

/* --- states */

/* The letters that the kernel gives a state, which Perfetto takes; empty: it takes none. */
static struct str
letters_of(struct str state)
{
	static const struct {
		struct str state, letters;
	} table[] = { { STR_INIT("running"), STR_INIT("Running") },
		{ STR_INIT("runnable"), STR_INIT("R") }, { STR_INIT("preempted"), STR_INIT("R+") },
		{ STR_INIT("sleeping"), STR_INIT("S") },
		{ STR_INIT("uninterruptible"), STR_INIT("D") }, { STR_INIT("idle"), STR_INIT("I") },
		{ STR_INIT("stopped"), STR_INIT("T") }, { STR_INIT("traced"), STR_INIT("t") },
		{ STR_INIT("parked"), STR_INIT("P") } };
	size_t i;

	for (i = 0; i < sizeof table / sizeof *table; i++)
		if (str_eq(state, table[i].state))
			return table[i].letters;
	return STR("");
}

/* Is it a state in which a function of the task's stack says why it waits? */
static bool
is_blocked(struct str letters)
{
	return letters.n == 1 && *letters.p != 'R';
}

/* Pairs of an info field, as members. */
static void
put_info(struct tracejson *j, struct str info)
{
	struct str pair;
	const char *equal;

	while (!str_none(info) && (pair = str_word(&info)).n > 0) {
		equal = memchr(pair.p, '=', pair.n);
		if (equal == NULL || equal == pair.p)
			continue;
		open_key(j);
		jsontext_add(&j->text, (struct str){ pair.p, (size_t)(equal - pair.p) }, NAME);
		put(j, STR("\":\""));
		pair = (struct str){ equal + 1, (size_t)(pair.p + pair.n - equal) - 1 };
		jsontext_add(&j->text, pair, NAME);
		strbuf_putc(&j->text, '"');
	}
}

static void
put_id(struct tracejson *j, struct str key, int32_t id)
{
	if (id >= 0)
		put_number(j, key, id);
}

/* What a task did, for viewers that know no states: a slice with its stack. */
static void
put_slice(struct tracejson *j, const struct rec *r, const struct tracejson_task *t,
    const struct tracejson_stack *s, bool blocked)
{
	struct str function = s == NULL ? STR("") : intern_str(&j->texts, s->function);

	interval(j, 'X', t->pid, t->tid, (const int64_t[]){ r->t, r->state.end });
	put_text(j, STR("cat"), r->state.state);
	put_name(j, r->state.state, STR_NONE);
	if (blocked && function.n > 0) {
		j->text.n--;
		strbuf_putc(&j->text, ' ');
		put(j, function);
		strbuf_putc(&j->text, '"');
	}
	if (s != NULL && s->frame > 0) {
		put_key(j, STR("sf"));
		strbuf_putc(&j->text, '"');
		put_s64(j, s->frame);
		strbuf_putc(&j->text, '"');
	}
	put_args(j);
	put_text(j, STR("comm"), r->state.comm);
	put_id(j, STR("cpu"), r->cpu);
	if (r->state.prio != REC_NO_INT)
		put_number(j, STR("prio"), r->state.prio);
	put_info(j, r->state.info);
	if (s != NULL)
		put_json(j, STR("stack"), intern_str(&j->texts, s->text));
	end_event(j, 2);
}

static void
add_state(struct tracejson *j, const struct rec *r)
{
	uint32_t machine = machine_of(j, r->machine);
	const struct tracejson_task *t =
	    track_of(j, machine, (struct who){ r->pid, r->tid, r->state.comm });
	const struct tracejson_stack *s = stack_of(j, r->state.stack);
	struct str letters = letters_of(r->state.state);
	bool blocked = is_blocked(letters);
	int64_t tid;

	if (letters.n > 0) {
		interval(j, 'T', t->pid, t->tid, (const int64_t[]){ r->t, r->state.end });
		put_json(j, STR("name"), letters);
		put_args(j);
		put_id(j, STR("cpu"), r->cpu);
		if (blocked && s != NULL && intern_str(&j->texts, s->function).n > 0)
			put_json(j, STR("blocked_function"), intern_str(&j->texts, s->function));
		end_event(j, 2);
	}
	put_slice(j, r, t, s, blocked);
	if (!str_eq(letters, STR("Running")) || r->cpu < 0)
		return;
	tid = lane_of(j, machine, r->cpu, STR("cpu"));
	interval(j, 'X', cpus_id(j, machine), tid, (const int64_t[]){ r->t, r->state.end });
	put_name(j, r->state.comm, STR_NONE);
	put_args(j);
	put_id(j, STR("pid"), r->pid);
	put_id(j, STR("tid"), r->tid);
	end_event(j, 2);
}

/* --- CPUs */

static void
add_freq(struct tracejson *j, const struct rec *r, uint32_t machine)
{
	uint64_t khz;
	struct str s = r->cpustate.state;

	if (text_u64(s.p, s.p + s.n, &khz) != s.p + s.n)
		return;
	event(j, 'C', cpus_id(j, machine), cpus_id(j, machine), r->t);
	put_key(j, STR("name"));
	put(j, STR("\"CPU "));
	put_s64(j, r->cpu);
	put(j, STR(" frequency\""));
	put_args(j);
	put_u64(j, STR("kHz"), khz);
	end_event(j, 2);
}

static void
add_cpustate(struct tracejson *j, const struct rec *r)
{
	const struct rec_cpustate *c = &r->cpustate;
	uint32_t machine = machine_of(j, r->machine);
	struct str name = pairs_get(c->info, STR("name"));
	int64_t tid;

	if (str_eq(c->lane, STR("freq"))) {
		add_freq(j, r, machine);
		return;
	}
	tid = lane_of(j, machine, r->cpu, c->lane);
	interval(j, 'X', cpus_id(j, machine), tid, (const int64_t[]){ r->t, c->end });
	put_text(j, STR("cat"), c->lane);
	if (str_eq(c->lane, STR("cpu")))
		put_name(j, c->state, STR_NONE);
	else
		put_name(j, c->lane, name.p == NULL ? c->state : name);
	put_args(j);
	put_text(j, STR("state"), c->state);
	put_id(j, STR("pid"), r->pid);
	put_id(j, STR("tid"), r->tid);
	put_info(j, c->info);
	end_event(j, 2);
}

/* A loss or a gap, at its end, as a mark on its CPU or all. */
static void
add_loss(struct tracejson *j, const struct rec *r)
{
	bool lost = r->kind == REC_LOST;
	int64_t since = lost ? r->lost.since : r->gap.since;
	uint64_t n = lost ? r->lost.count : r->gap.bytes;
	uint32_t machine = machine_of(j, r->machine);
	int64_t tid = lane_of(j, machine, r->cpu, STR("cpu"));

	event(j, 'i', cpus_id(j, machine), tid, r->t == REC_NO_NS ? j->last : r->t);
	put_json(j, STR("s"), r->cpu < 0 ? STR("p") : STR("t"));
	put_json(j, STR("cat"), STR("loss"));
	put_name(j, lost ? r->lost.what : r->gap.what, STR_NONE);
	put_args(j);
	put_json(j, STR("kind"), str_of(rec_name(r->kind)));
	if (since != REC_NO_NS)
		put_number(j, STR("since_ns"), since);
	if (n != REC_NO_U64)
		put_u64(j, lost ? STR("events") : STR("bytes"), n);
	end_event(j, 2);
}

/* --- wakes */

static void
put_flow(struct tracejson *j, char phase, int64_t pid, int64_t tid, int64_t t)
{
	event(j, phase, pid, tid, t);
	put_json(j, STR("cat"), STR("wakeup"));
	put_json(j, STR("name"), STR("wakeup"));
	put_number(j, STR("id"), (int64_t)j->flows);
	end_event(j, 1);
}

/* A wake by an interrupt, or by the idle task: a slice without length on the CPU. Returns its
 * track. */
static int64_t
put_wake(struct tracejson *j, const struct rec *r, uint32_t machine)
{
	const struct tracejson_stack *s = stack_of(j, r->arrow.stack);
	int64_t tid = lane_of(j, machine, r->cpu, STR("wakes"));

	interval(j, 'X', cpus_id(j, machine), tid, (const int64_t[]){ r->t, r->t });
	put_json(j, STR("cat"), STR("wakeup"));
	put_name(j, STR("wakes"), r->arrow.wakee_comm);
	put_args(j);
	put_text(j, STR("context"), r->arrow.context);
	put_id(j, STR("wakee"), r->arrow.wakee);
	put_text(j, STR("interrupted"), r->arrow.comm);
	if (s != NULL)
		put_json(j, STR("stack"), intern_str(&j->texts, s->text));
	end_event(j, 2);
	return tid;
}

/* A flow from the waker's slice to the one of the wakee that starts then. */
static void
add_arrow(struct tracejson *j, const struct rec *r)
{
	const struct rec_arrow *a = &r->arrow;
	uint32_t machine = machine_of(j, r->machine);
	const struct tracejson_task *t;

	if (a->waited == 0 && !str_eq(a->type, STR("new")))
		return;
	j->flows++;
	if (str_eq(a->context, STR("task")) && r->tid > 0) {
		t = track_of(j, machine, (struct who){ r->pid, r->tid, a->comm });
		put_flow(j, 's', t->pid, t->tid, r->t);
	} else {
		put_flow(j, 's', cpus_id(j, machine), put_wake(j, r, machine), r->t);
	}
	t = track_of(j, machine, (struct who){ a->wakee_pid, a->wakee, a->wakee_comm });
	put_flow(j, 'f', t->pid, t->tid, r->t);
}

/* --- calls and requests, which overlap others: asynchronous slices */

static void
begin_async(struct tracejson *j, int64_t pid, int64_t tid, int64_t t, struct str category)
{
	event(j, 'b', pid, tid, t);
	put_json(j, STR("cat"), category);
	put_number(j, STR("id"), (int64_t)j->flows);
}

static void
end_async(struct tracejson *j, int64_t pid, int64_t tid, int64_t t, struct str category)
{
	event(j, 'e', pid, tid, t);
	put_json(j, STR("cat"), category);
	put_number(j, STR("id"), (int64_t)j->flows);
}

static void
put_bytes(struct tracejson *j, uint64_t bytes, int64_t error, struct str info)
{
	if (bytes != REC_NO_U64)
		put_u64(j, STR("bytes"), bytes);
	if (error != REC_NO_INT)
		put_number(j, STR("error"), error);
	put_info(j, info);
}

static void
add_iostate(struct tracejson *j, const struct rec *r)
{
	const struct rec_iostate *io = &r->iostate;
	const struct tracejson_task *t =
	    track_of(j, machine_of(j, r->machine), (struct who){ r->pid, r->tid, io->comm });
	const struct tracejson_stack *s = stack_of(j, io->stack);

	j->flows++;
	begin_async(j, t->pid, t->tid, r->t, STR("io"));
	put_name(j, io->call, io->file);
	put_args(j);
	put_id(j, STR("tid"), r->tid);
	put_text(j, STR("comm"), io->comm);
	if (io->fd != REC_NO_INT)
		put_number(j, STR("fd"), io->fd);
	put_bytes(j, io->bytes, io->error, io->info);
	if (s != NULL)
		put_json(j, STR("stack"), intern_str(&j->texts, s->text));
	end_event(j, 2);
	end_async(j, t->pid, t->tid, io->end > r->t ? io->end : r->t, STR("io"));
	put_name(j, io->call, io->file);
	end_event(j, 1);
}

static void
add_request(struct tracejson *j, const struct rec *r)
{
	const struct rec_request *q = &r->request;
	uint32_t machine = machine_of(j, r->machine);
	int64_t pid = cpus_id(j, machine), tid = lane_of(j, machine, -1, STR("block"));

	j->flows++;
	begin_async(j, pid, tid, r->t, STR("block"));
	put_name(j, q->device, q->op);
	put_args(j);
	put_id(j, STR("cpu"), r->cpu);
	put_id(j, STR("tid"), r->tid);
	put_text(j, STR("comm"), q->comm);
	if (q->sector != REC_NO_U64)
		put_u64(j, STR("sector"), q->sector);
	put_bytes(j, q->bytes, q->error, q->info);
	end_event(j, 2);
	end_async(j, pid, tid, q->end > r->t ? q->end : r->t, STR("block"));
	put_name(j, q->device, q->op);
	end_event(j, 1);
}

/* --- counters */

/* Start the event of a counter, whose name has its place. */
static void
counter_event(
    struct tracejson *j, const struct rec *r, int64_t t, struct str name, const int32_t place[3])
{
	static const struct str parts[] = { STR_INIT(" socket "), STR_INIT(" die "),
		STR_INIT(" core ") };
	int64_t pid = cpus_id(j, machine_of(j, r->machine));
	size_t i;

	event(j, 'C', pid, pid, t);
	put_name(j, name, STR_NONE);
	j->text.n--;
	for (i = 0; i < 3; i++)
		if (place[i] >= 0) {
			put(j, parts[i]);
			put_s64(j, place[i]);
		}
	if (r->cpu >= 0) {
		put(j, STR(" CPU "));
		put_s64(j, r->cpu);
	}
	strbuf_putc(&j->text, '"');
	put_args(j);
}

/* The number of a field that is one, else NAN. */
static double
decimal(struct str field)
{
	char text[64], *end;
	double v;

	if (field.p == NULL || field.n == 0 || field.n >= sizeof text)
		return NAN;
	memcpy(text, field.p, field.n);
	text[field.n] = '\0';
	v = strtod(text, &end);
	return *end == '\0' ? v : NAN;
}

/* The mean power over a whole interval, in its part in the window, and 0 after it. */
static void
add_energy(struct tracejson *j, const struct rec *r)
{
	const struct rec_energy *e = &r->energy;
	const int32_t place[] = { e->socket, e->die, e->core };
	struct str recorded = pairs_get(e->info, STR("watts"));
	struct cut part = cut_of(&j->time, r);
	char text[32];
	double watts;

	if (r->t == REC_NO_NS || cut_length(&part) == 0)
		return;
	watts = recorded.p != NULL ? decimal(recorded)
				   : decimal(e->joules) / ((double)e->end - (double)r->t) * 1e9;
	if (!(watts >= 0 && watts < 1e12))
		return;
	j->used++;
	counter_event(j, r, part.t, e->event, place);
	put_key(j, STR("W"));
	snprintf(text, sizeof text, "%.6f", watts);
	put(j, str_of(text));
	end_event(j, 2);
	counter_event(j, r, part.end, e->event, place);
	put_number(j, STR("W"), 0);
	end_event(j, 2);
}

static void
add_count(struct tracejson *j, const struct rec *r)
{
	const struct rec_count *c = &r->count;

	counter_event(j, r, r->t, c->event, (const int32_t[]){ c->socket, c->die, c->core });
	put_u64(j, STR("count"), c->value);
	end_event(j, 2);
}

/* --- the whole */

void
tracejson_begin(struct tracejson *j)
{
	out_str(j->out, STR("{\"displayTimeUnit\":\"ns\",\"traceEvents\":["));
}

static void
add_interval(struct tracejson *j, const struct rec *r)
{
	j->used++;
	j->backward += cut_end(r) < r->t;
	if (r->kind == REC_STATE)
		add_state(j, r);
	else if (r->kind == REC_CPUSTATE)
		add_cpustate(j, r);
	else if (r->kind == REC_IOSTATE)
		add_iostate(j, r);
	else
		add_request(j, r);
}

/* Take in a record that is in the window, and cut to it. */
static void
add_cut(struct tracejson *j, const struct rec *r)
{
	switch (r->kind) {
	case REC_STATE:
	case REC_CPUSTATE:
	case REC_IOSTATE:
	case REC_REQUEST:
		add_interval(j, r);
		break;
	case REC_ARROW:
		add_arrow(j, r);
		break;
	case REC_LOST:
	case REC_GAP:
		add_loss(j, r);
		break;
	case REC_COUNT:
		j->used++;
		add_count(j, r);
		break;
	default:
		break;
	}
}

void
tracejson_add(struct tracejson *j, const struct rec *r)
{
	struct rec part = *r;

	if (r->kind == REC_STACK) {
		stackdefs_put(&j->stacks, r->stack.hash, r->stack.frames);
		hash_remove(&j->refs, r->stack.hash);
	} else if (r->kind == REC_ENERGY) {
		add_energy(j, r);
	} else if (cut_rec(&j->time, &part)) {
		add_cut(j, &part);
	}
}

void
tracejson_end(struct tracejson *j)
{
	size_t i;

	out_str(j->out, STR("\n],\"stackFrames\":{"));
	for (i = 0; i < j->nframe; i++) {
		out_str(j->out, i == 0 ? STR("\n\"") : STR(",\n\""));
		out_u64(j->out, i + 1);
		out_str(j->out, STR("\":{"));
		out_str(j->out, intern_str(&j->texts, j->frame[i].text));
		if (j->frame[i].parent > 0) {
			out_str(j->out, STR(",\"parent\":\""));
			out_u64(j->out, j->frame[i].parent);
			out_char(j->out, '"');
		}
		out_char(j->out, '}');
	}
	out_str(j->out, STR("\n}}\n"));
}

void
tracejson_free(struct tracejson *j)
{
	stackdefs_free(&j->stacks);
	intern_free(&j->machines);
	intern_free(&j->ids);
	hash_free(&j->at);
	hash_free(&j->processes);
	free(j->track);
	intern_free(&j->lanes);
	intern_free(&j->names);
	intern_free(&j->texts);
	intern_free(&j->inlined);
	hash_free(&j->refs);
	free(j->inline_at);
	free(j->stack);
	hash_free(&j->frame_at);
	free(j->frame);
	strbuf_free(&j->text);
}
