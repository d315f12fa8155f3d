/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "chart.h"
#include "chart_texts.h"
#include "rec/stack.h"

enum { MB = 1024 * 1024, EDGES = 8 * MB, MAXKHZ = 1000 * 1000 * 1000 };

#define TEXT(s)                                                                                    \
	{                                                                                          \
		s, sizeof(s) - 1                                                                   \
	}

static const struct str states[CHART_STATES] = {
	[CHART_RUNNING] = TEXT("running"),
	[CHART_PREEMPTED] = TEXT("preempted"),
	[CHART_RUNNABLE] = TEXT("runnable"),
	[CHART_UNINTERRUPTIBLE] = TEXT("uninterruptible"),
	[CHART_STOPPED] = TEXT("stopped"),
	[CHART_TRACED] = TEXT("traced"),
	[CHART_PARKED] = TEXT("parked"),
	[CHART_IDLE] = TEXT("idle"),
	[CHART_SLEEPING] = TEXT("sleeping"),
	[CHART_UNKNOWN] = TEXT("unknown"),
};

static const struct str metas[CHART_METAS] = {
	[CHART_HOSTNAME] = TEXT("hostname"),
	[CHART_OSRELEASE] = TEXT("osrelease"),
	[CHART_ARCH] = TEXT("arch"),
	[CHART_NRCPUS] = TEXT("nrcpus"),
	[CHART_CMDLINE] = TEXT("cmdline"),
};

void
chart_open(struct chart *c)
{
	c->budget = c->budget > 0 ? c->budget : EDGES;
	c->held_max = c->budget;
	c->scale.max = c->power.scale.max = c->apart.scale.max = 2 * c->columns + 2;
	chart_kept_open(c);
	c->stacks = mem_alloc(sizeof *c->stacks);
	c->stacks->budget = 64 * MB;
}

static enum chart_what
what_of(struct str state)
{
	enum chart_what what = CHART_RUNNING;

	if (str_eq(state, states[CHART_SLEEPING]))
		return CHART_SLEEPING;
	while (what < CHART_UNKNOWN && !str_eq(state, states[what]))
		what++;
	return what;
}

/* Cut a span to the window; false when nothing of it is inside. */
static bool
clip(const struct chart *c, int64_t *t, int64_t *end)
{
	bool empty = *t == *end;

	*t = *t > c->from ? *t : c->from;
	*end = *end < c->to ? *end : c->to;
	return *t < *end || (*t == *end && empty);
}

static bool
is_number(struct str s, int32_t v)
{
	const char *end = s.p + s.n;
	uint64_t n;

	return text_u64(s.p, end, &n) == end && v >= 0 && n == (uint64_t)v;
}

static bool
picked(const struct chart *c, const struct rec *r)
{
	size_t i;

	for (i = 0; i < c->npick; i++)
		if (is_number(c->pick[i], r->pid) || is_number(c->pick[i], r->tid) ||
		    str_eq(c->pick[i], r->state.comm))
			return true;
	return c->npick == 0;
}

static void
keep_state(struct chart *c, const struct rec *r, uint32_t row, enum chart_what what, uint64_t ns)
{
	const struct chart_box box = { .item.rank = ns,
		.t = r->t,
		.end = r->state.end,
		.row = row,
		.what = what,
		.cpu = r->cpu,
		.prio = r->state.prio,
		.comm = r->state.comm,
		.word = r->state.state,
		.info = r->state.info,
		.stack = r->state.stack };

	chart_keep_box(c, &box);
}

static bool
add_state(struct chart *c, struct recin *in, const struct rec *r)
{
	struct chart_span *s = &c->span[c->nspan];
	int64_t t = r->t, end = r->state.end;

	if (end < t)
		return rec_bad(in, "state: ends before it starts");
	c->records++;
	if (!clip(c, &t, &end))
		return true;
	c->states++;
	bins_reach(&c->scale, t, end);
	s->task.machine = chart_machine_of(c, r->machine);
	s->task.cpu = -1;
	s->task.pid = r->pid;
	s->task.tid = r->tid;
	s->task.birth = r->state.birth;
	s->what = what_of(r->state.state);
	s->cpu = s->what == CHART_RUNNING ? r->cpu : -1;
	s->t = t;
	s->end = end;
	s->picked = picked(c, r);
	chart_spend_later(c, r->state.comm);
	if (chart_long(c, t, end))
		keep_state(c, r, chart_row_of(c, &s->task), s->what, (uint64_t)end - (uint64_t)t);
	return true;
}

static void
add_freq(struct chart *c, uint32_t row, const struct rec *r, int64_t t, int64_t end)
{
	const char *eow = r->cpustate.state.p + r->cpustate.state.n;
	uint64_t khz;
	uint32_t lane;

	if (text_u64(r->cpustate.state.p, eow, &khz) != eow)
		return;
	khz = khz < MAXKHZ ? khz : MAXKHZ;
	chart_spend(c, row, CHART_FREQ_TIME, t, end);
	lane = chart_lane_of(c, row, CHART_FREQ);
	bins_add(&c->lane[lane].bins, &c->scale, t, end, (int32_t)khz);
}

/* What a lane's record tells; CHART_WHATS for a lane that is not drawn. */
static enum chart_what
cpu_what(const struct rec *r)
{
	struct str lane = r->cpustate.lane, state = r->cpustate.state;
	const char *end = state.p + state.n;
	uint64_t n;

	if (str_eq(lane, STR("cpu")))
		return str_eq(state, STR("idle")) ? CHART_CPU_IDLE : CHART_CPU_UNKNOWN;
	if (str_eq(lane, STR("freq")))
		return CHART_FREQ;
	if (str_eq(lane, STR("idle")) && text_u64(state.p, end, &n) == end)
		return n < CHART_C7 - CHART_C0 ? CHART_C0 + (enum chart_what)n : CHART_C7;
	return CHART_WHATS;
}

static bool
add_cpustate(struct chart *c, struct recin *in, const struct rec *r)
{
	struct chart_box box = { .t = r->t,
		.end = r->cpustate.end,
		.cpu = r->cpu,
		.prio = REC_NO_INT,
		.word = r->cpustate.state,
		.comm = r->cpustate.lane,
		.info = r->cpustate.info,
		.stack = STR_NONE };
	int64_t t = r->t, end = r->cpustate.end;

	if (end < t)
		return rec_bad(in, "cpustate: ends before it starts");
	c->records++;
	if (!clip(c, &t, &end))
		return true;
	if (str_eq(r->cpustate.lane, STR("lost"))) {
		chart_keep_lost(c, r);
		return true;
	}
	box.what = cpu_what(r);
	if (r->cpu < 0 || box.what == CHART_WHATS)
		return true;
	bins_reach(&c->scale, t, end);
	box.row = chart_cpu_of(c, chart_machine_of(c, r->machine), r->cpu);
	if (box.what == CHART_FREQ) {
		add_freq(c, box.row, r, t, end);
		return true;
	}
	chart_spend(c, box.row, box.what, t, end);
	box.item.rank = (uint64_t)end - (uint64_t)t;
	if (chart_long(c, t, end))
		chart_keep_box(c, &box);
	return true;
}

/* Of two values the greater: which came first does not matter. */
static void
add_meta(struct chart *c, const struct rec *r)
{
	uint32_t machine = chart_machine_of(c, r->machine);
	struct str *v;
	int i;

	for (i = 0; i < CHART_METAS; i++) {
		if (!str_eq(r->meta.key, metas[i]))
			continue;
		v = &c->machine[machine].meta[i];
		if (v->p != NULL && chart_order(r->meta.value, *v) <= 0)
			return;
		free((char *)v->p);
		*v = (struct str){ mem_copy(r->meta.value.p, r->meta.value.n), r->meta.value.n };
	}
}

static void
add_energy(struct chart *c, const struct rec *r)
{
	uint32_t machine = chart_machine_of(c, r->machine);

	c->records++;
	if (chart_power_apart(r))
		chart_power_add(&c->apart, machine, r, c->from, c->to);
	else
		chart_power_add(&c->power, machine, r, c->from, c->to);
}

/* Without any other record the clock of the energy is the picture's. */
static void
set_clock(struct chart *c)
{
	struct chart_power none = { 0 };
	struct bins_scale *s;

	if (!c->scale.any && !c->power.scale.any) {
		c->power = c->apart;
		c->apart = none;
	}
	s = &c->power.scale;
	if (s->any)
		bins_reach(&c->scale, (int64_t)(s->lo ^ (uint64_t)1 << 63),
		    (int64_t)(s->hi ^ (uint64_t)1 << 63));
	chart_power_end(&c->power, c);
	chart_power_end(&c->apart, c);
}

static bool
add_kind(struct chart *c, struct recin *in, const struct rec *r)
{
	switch (r->kind) {
	case REC_STATE:
		return add_state(c, in, r);
	case REC_CPUSTATE:
		return add_cpustate(c, in, r);
	case REC_ARROW:
		chart_keep_arrow(c, r);
		return true;
	case REC_LOST:
	case REC_GAP:
		chart_keep_lost(c, r);
		return true;
	case REC_ENERGY:
		add_energy(c, r);
		return true;
	case REC_META:
		add_meta(c, r);
		return true;
	case REC_STACK:
		chart_texts_put(c->stacks, r->machine, r->stack.hash, r->stack.frames);
		return true;
	default:
		return true;
	}
}

bool
chart_add(struct chart *c, struct recin *in, struct rec *r)
{
	if (r->kind == REC_ARROW && !chart_arrow_wanted(c, in, r))
		return true;
	if (!rec_read(in, r))
		return false;
	if (c->nspan == CHART_SPANS)
		chart_spend_all(c);
	if (c->scale.held > c->held_max)
		chart_squeeze(c);
	return add_kind(c, in, r);
}

struct str
chart_stack(const struct chart *c, uint32_t machine, struct str stack)
{
	struct str text;
	uint64_t hash;

	if (!stack_is_ref(stack, &hash))
		return stack;
	text = chart_texts_get(c->stacks, c->machine[machine].name, hash);
	return text.p != NULL ? text : STR_NONE;
}

struct str
chart_value(struct str info, const char *key)
{
	const char *p = info.p, *end = info.p + info.n, *blank;
	size_t n = strlen(key);

	for (; p < end; p = blank + 1) {
		blank = memchr(p, ' ', (size_t)(end - p));
		blank = blank == NULL ? end : blank;
		if ((size_t)(blank - p) > n && memcmp(p, key, n) == 0 && p[n] == '=')
			return (struct str){ p + n + 1, (size_t)(blank - p) - n - 1 };
	}
	return (struct str){ NULL, 0 };
}

void
chart_end(struct chart *c)
{
	chart_spend_end(c);
	set_clock(c);
	chart_squeeze(c);
	top_sort(&c->boxes);
	top_sort(&c->arrows);
	top_sort(&c->marks);
}

void
chart_free(struct chart *c)
{
	chart_power_free(&c->power);
	chart_power_free(&c->apart);
	chart_rows_free(c);
	chart_kept_free(c);
	chart_texts_free(c->stacks);
	free(c->stacks);
}
