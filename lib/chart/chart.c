/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "chart_int.h"
#include "rec/stack.h"

enum { MB = 1024 * 1024, MAXKHZ = 1000 * 1000 * 1000 };

static const struct str states[CHART_TASK_STATES] = {
	[CHART_RUNNING] = STR_INIT("running"),
	[CHART_PREEMPTED] = STR_INIT("preempted"),
	[CHART_RUNNABLE] = STR_INIT("runnable"),
	[CHART_UNINTERRUPTIBLE] = STR_INIT("uninterruptible"),
	[CHART_STOPPED] = STR_INIT("stopped"),
	[CHART_TRACED] = STR_INIT("traced"),
	[CHART_PARKED] = STR_INIT("parked"),
	[CHART_IDLE] = STR_INIT("idle"),
	[CHART_SLEEPING] = STR_INIT("sleeping"),
	[CHART_UNKNOWN] = STR_INIT("unknown"),
};

void
chart_open(struct chart *c)
{
	c->bins.max = c->power.bins.max = c->own_clock.bins.max = 2 * c->columns + 2;
	chart_kept_open(&c->kept, &c->rows);
	c->stacks = chart_stacks_new((size_t)CHART_STACK_MB * MB, c->whole);
	c->lineage = chart_lineage_new();
	c->intervals = c->whole ? chart_intervals_new() : NULL;
}

static enum chart_state
state_of(struct str word)
{
	enum chart_state s = CHART_RUNNING;

	if (str_eq(word, states[CHART_SLEEPING]))
		return CHART_SLEEPING;
	while (s < CHART_UNKNOWN && !str_eq(word, states[s]))
		s++;
	return s;
}

/* Select the row of a state's task if it is one of those to draw. A task may change its name. */
static void
select_row(struct chart *c, const struct rec *r, struct chart_row *row)
{
	uint64_t ids = tasklist_ids(&c->tasks, r->tid, r->pid, TASKLIST_ANY),
		 name = tasklist_name(&c->tasks, r->state.comm, TASKLIST_ANY);

	row->selected |= c->tasks.n == 0 || ((ids | name) & TASKLIST_ALONE) != 0;
	if ((ids & TASKLIST_FAMILY) != 0)
		row->since = INT64_MIN;
	else if ((name & TASKLIST_FAMILY) != 0 && r->state.end < row->since)
		row->since = r->state.end;
}

/* Give a row the name of its latest state; of two states that end together, the greater name. */
static void
name_row(struct chart_row *row, struct str comm, int64_t end)
{
	if (str_none(comm))
		return;
	comm.n = comm.n < CHART_COMM ? comm.n : CHART_COMM;
	if (row->comm_n > 0 &&
	    (end < row->named || (end == row->named && chart_order(comm, chart_comm(row)) < 0)))
		return;
	str_put(row->comm, comm);
	row->comm_n = (uint8_t)comm.n;
	row->named = end;
}

/* Find or add the row of a CPU. */
static uint32_t
cpu_row(struct chart *c, uint32_t machine, int32_t cpu)
{
	return chart_row_of(&c->rows, &c->bins, &(struct chart_key){ machine, cpu, -1, -1, 0 });
}

static void
add_running(struct chart *c, const struct rec *r, struct chart_row *row, int64_t t, int64_t end)
{
	uint32_t cpu;

	row->first_run = row->first_run < t ? row->first_run : t;
	if (r->cpu < 0)
		return;
	cpu = cpu_row(c, row->key.machine, r->cpu);
	bins_add(&c->bins, chart_lane(&c->rows.row[cpu], chart_on_cpu(r->tid)), t, end, 1);
}

/* Keep an interval whole: a state or a cpustate record. */
static void
keep_box(struct chart *c, const struct rec *r, uint32_t row, enum chart_state s, uint64_t ns)
{
	struct chart_box box = {
		.item.rank = ns, .t = r->t, .row = row, .state = s, .cpu = r->cpu
	};

	if (r->kind == REC_STATE) {
		box.end = r->state.end;
		box.prio = r->state.prio;
		box.comm = r->state.comm;
		box.word = r->state.state;
		box.info = r->state.info;
		box.stack = r->state.stack;
	} else {
		box.end = r->cpustate.end;
		box.prio = REC_NO_INT;
		box.comm = r->cpustate.lane;
		box.word = r->cpustate.state;
		box.info = r->cpustate.info;
		box.stack = STR_NONE;
	}
	chart_kept_box(&c->kept, &box);
}

static bool
add_state(struct chart *c, struct recin *in, const struct rec *r)
{
	struct chart_key key = { .cpu = -1, .pid = r->pid, .tid = r->tid, .birth = r->state.birth };
	enum chart_state s = state_of(r->state.state);
	struct chart_row *row;
	struct cut part;
	uint64_t stack;
	uint32_t id;

	if (r->state.end < r->t)
		return rec_bad(in, "state: ends before it starts");
	c->records++;
	c->switched |= s < CHART_UNKNOWN;
	if (!chart_cut(c, r, &part))
		return true;
	key.machine = chart_machine_of(&c->rows, r->machine);
	stack = chart_stacks_key(c->stacks, c->rows.machine[key.machine].stacks, r->state.stack);
	id = chart_row_of(&c->rows, c->whole ? NULL : &c->bins, &key);
	row = &c->rows.row[id];
	select_row(c, r, row);
	row->first = row->first < part.t ? row->first : part.t;
	row->end = row->end > part.end ? row->end : part.end;
	name_row(row, r->state.comm, part.end);
	bins_reach(&c->bins, part.t, part.end);
	if (s == CHART_RUNNING)
		add_running(c, r, row, part.t, part.end);
	if (c->whole && r->t < r->state.end)
		chart_intervals_add(c->intervals, r, id, s, stack); /* counts the stack later */
	else
		chart_stacks_count(c->stacks, stack, 1);
	if (!c->whole)
		bins_add(&c->bins, chart_lane(row, s), part.t, part.end, 1);
	if (chart_kept_long(&c->kept, c, part.t, part.end))
		keep_box(c, r, id, s, cut_length(&part));
	return true;
}

static void
add_freq(struct chart *c, const struct chart_row *row, struct str state, int64_t t, int64_t end)
{
	const char *stop = state.p + state.n;
	uint64_t khz;

	if (text_u64(state.p, stop, &khz) != stop)
		return;
	khz = khz < MAXKHZ ? khz : MAXKHZ;
	bins_add(&c->bins, chart_lane(row, CHART_FREQ_TIME), t, end, 1);
	bins_add(&c->bins, chart_lane(row, CHART_FREQ), t, end, (int32_t)khz);
}

/* The state that a cpustate gives; CHART_STATES if its lane is not drawn. */
static enum chart_state
cpu_state(const struct rec *r)
{
	struct str lane = r->cpustate.lane, state = r->cpustate.state;
	const char *end = state.p + state.n;
	uint64_t n;

	if (str_eq(lane, STR("cpu")))
		return str_eq(state, STR("idle")) ? CHART_CPU_IDLE : CHART_CPU_UNKNOWN;
	if (str_eq(lane, STR("freq")))
		return CHART_FREQ;
	if (str_eq(lane, STR("irq")))
		return CHART_IN_IRQ;
	if (str_eq(lane, STR("softirq")))
		return CHART_IN_SOFTIRQ;
	if (str_eq(lane, STR("idle")) && text_u64(state.p, end, &n) == end)
		return n < CHART_C7 - CHART_C0 ? CHART_C0 + (enum chart_state)n : CHART_C7;
	return CHART_STATES;
}

static bool
add_cpustate(struct chart *c, struct recin *in, const struct rec *r)
{
	enum chart_state s = cpu_state(r);
	struct cut part;
	uint32_t row;

	if (r->cpustate.end < r->t)
		return rec_bad(in, "cpustate: ends before it starts");
	c->records++;
	if (!chart_cut(c, r, &part))
		return true;
	if (rec_is_loss(r))
		chart_kept_mark(c, r);
	if (r->cpu < 0 || s == CHART_STATES)
		return true;
	bins_reach(&c->bins, part.t, part.end);
	row = cpu_row(c, chart_machine_of(&c->rows, r->machine), r->cpu);
	if (s == CHART_FREQ) {
		add_freq(c, &c->rows.row[row], r->cpustate.state, part.t, part.end);
		return true;
	}
	bins_add(&c->bins, chart_lane(&c->rows.row[row], s), part.t, part.end, 1);
	if (c->whole && s < CHART_C0 && r->t < r->cpustate.end)
		chart_intervals_add(c->intervals, r, row, s, 0);
	if (s == CHART_IN_IRQ || s == CHART_IN_SOFTIRQ)
		chart_irq_add(c, r, row, &part);
	if (chart_kept_long(&c->kept, c, part.t, part.end))
		keep_box(c, r, row, s, cut_length(&part));
	return true;
}

static bool
add_kind(struct chart *c, struct recin *in, const struct rec *r)
{
	switch (r->kind) {
	case REC_STATE:
		return add_state(c, in, r);
	case REC_CPUSTATE:
		return add_cpustate(c, in, r);
	case REC_IOSTATE:
	case REC_REQUEST:
		return chart_io_add(c, in, r);
	case REC_ARROW:
		chart_kept_arrow(c, r);
		return true;
	case REC_PATH:
		chart_kept_piece(c, r);
		return true;
	case REC_LOST:
	case REC_GAP:
		chart_kept_mark(c, r);
		return true;
	case REC_ENERGY:
		c->records++;
		chart_power_add(c, r);
		return true;
	case REC_META:
		chart_rows_meta(&c->rows, r);
		return true;
	case REC_VCPU:
		chart_rows_vcpu(&c->rows, r);
		return true;
	case REC_FORK:
	case REC_COMM:
		chart_lineage_add(c, chart_machine_of(&c->rows, r->machine), r);
		return true;
	case REC_STACK:
		chart_stacks_put(
		    c->stacks, chart_stacks_machine(r->machine), r->stack.hash, r->stack.frames);
		return true;
	default:
		return true;
	}
}

static uint64_t
task_key(const struct chart_key *task)
{
	return digest_bytes(0, task, sizeof *task);
}

/* Count an arrow for the task that it wakes, which may turn out to be selected. */
static void
count_wakee(struct chart *c, const struct recin *in, struct rec *r, bool irq)
{
	struct chart_key wakee;

	if (!rec_peek(in, r, REC_ARROW_MACHINE) || !rec_peek(in, r, REC_ARROW_WAKEE_PID) ||
	    !rec_peek(in, r, REC_ARROW_WAKEE) || !rec_peek(in, r, REC_ARROW_WAKEE_BIRTH))
		return;
	wakee = (struct chart_key){ chart_machine_of(&c->rows, r->machine), -1, r->arrow.wakee_pid,
		r->arrow.wakee, r->arrow.wakee_birth };
	*hash_put(&c->woken, task_key(&wakee)) += irq ? (uint64_t)1 << 32 : 1;
}

/* Count the wakeups of selected tasks only. */
static void
count_selected(struct chart *c)
{
	const struct chart_row *row;
	const uint64_t *n;
	size_t i;

	if (c->tasks.n == 0)
		return;
	c->wakeups[0] = c->wakeups[1] = 0;
	for (i = 0; i < c->rows.n; i++) {
		row = &c->rows.row[i];
		if (!row->selected || (n = hash_get(&c->woken, task_key(&row->key))) == NULL)
			continue;
		c->wakeups[0] += *n & UINT32_MAX;
		c->wakeups[1] += *n >> 32;
	}
}

/* Count an arrow whose fields are unread, if it is within the window. */
static bool
count_arrow(struct chart *c, const struct recin *in, struct rec *r)
{
	struct str context;
	bool irq;

	if (!rec_peek(in, r, REC_ARROW_T) || !rec_peek(in, r, REC_ARROW_CONTEXT))
		return true; /* malformed: rec_read() says so */
	if (!cut_of(&c->time, r).counts)
		return false;
	context = r->arrow.context;
	irq = !str_eq(context, STR("task")) && !str_eq(context, STR("unknown"));
	c->wakeups[irq]++;
	if (c->tasks.n > 0)
		count_wakee(c, in, r, irq);
	return true;
}

bool
chart_add(struct chart *c, struct recin *in, struct rec *r)
{
	if (r->kind == REC_ARROW && !(count_arrow(c, in, r) && chart_kept_wants(&c->kept, in, r)))
		return true;
	if (c->rows.n + c->io.n + c->power.n + c->own_clock.n + 2 > CHART_MAXROWS)
		return rec_bad(in, "more than %d tasks, CPUs and counters", CHART_MAXROWS);
	if (!rec_read(in, r))
		return false;
	c->lost |= cut_is_loss(&c->time, r);
	return add_kind(c, in, r);
}

/* If there are no other records, the clock of the energy is the picture's. */
static void
set_clock(struct chart *c)
{
	struct chart_power other = c->power;
	const struct bins *b = &c->power.bins;

	if (!c->bins.any && !b->any) {
		c->power = c->own_clock;
		c->own_clock = other;
	}
	if (b->any)
		bins_reach(&c->bins, bins_signed(b->lo), bins_signed(b->hi));
}

void
chart_end(struct chart *c)
{
	chart_rows_end(&c->rows);
	chart_lineage_end(c);
	chart_io_select(c);
	set_clock(c);
	if (c->whole)
		chart_intervals_end(c);
	bins_end(&c->bins);
	count_selected(c);
	chart_power_end(&c->power, &c->rows);
	chart_power_end(&c->own_clock, &c->rows);
	chart_io_end(&c->io, &c->rows);
	chart_irq_end(&c->irqs, &c->rows);
	chart_kept_end(&c->kept);
	c->nhead = chart_stacks_heads(c->stacks);
	c->undefined = chart_stacks_undefined(c->stacks);
	c->lost_stacks = chart_stacks_lost(c->stacks);
}

void
chart_free(struct chart *c)
{
	chart_power_free(&c->power);
	chart_power_free(&c->own_clock);
	bins_free(&c->bins);
	chart_io_free(&c->io);
	chart_irq_free(&c->irqs);
	chart_kept_free(&c->kept);
	chart_stacks_free(c->stacks);
	chart_lineage_free(c->lineage);
	chart_intervals_free(c->intervals);
	free(c->spent);
	hash_free(&c->woken);
	free(c->path);
	chart_rows_free(&c->rows);
	tasklist_free(&c->tasks);
}

uint64_t
chart_total(const struct chart *c, const struct chart_row *row, enum chart_state s)
{
	if (!chart_has(c, row, s))
		return 0;
	return c->spent != NULL && row->key.cpu < 0 ? c->spent[chart_lane(row, s)].ns
						    : bins_total(&c->bins, chart_lane(row, s));
}

const char *
chart_lack(const struct chart *c)
{
	const struct chart_row *row;
	enum chart_state s;
	size_t i, tasks = 0;

	for (i = 0; i < c->rows.n; i++) {
		row = &c->rows.row[i];
		tasks += row->key.cpu < 0;
		for (s = CHART_RUNNING; s < CHART_UNKNOWN; s++)
			if (chart_total(c, row, s) > 0)
				return NULL;
	}
	if (tasks == 0)
		return NULL;
	if (!c->switched)
		return "no switches: record sched:sched_switch";
	return c->lost ? "all states are unknown: events were lost" : "all states are unknown";
}

struct str
chart_stack(const struct chart *c, uint32_t machine, struct str stack)
{
	struct str text;
	uint64_t hash;

	if (!stack_is_ref(stack, &hash))
		return stack;
	text = chart_stacks_get(c->stacks, c->rows.machine[machine].stacks, hash);
	return text.p != NULL ? text : STR_NONE;
}

struct chart_parts
chart_stack_of(const struct chart *c, uint64_t stack)
{
	return chart_stacks_at(c->stacks, stack);
}
