/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "perfrec_int.h"

enum { UPDATE_UNIT, UPDATE_SCALE, MAXCPU = 1 << 16, MAXUNIT = 128 };

/* The place of a CPU; -1: not known. */
struct perf_count_cpu {
	int32_t socket, die, core;
};

/* How an event is counted. */
struct perf_count_event {
	struct str unit;  /* escaped; NULL if the file does not say */
	char scale[32];   /* the factor of the value; empty if the file does not say */
	struct str scope; /* what has one counter each: socket, die, core, cpu */
	size_t last;      /* index + 1 of its last count in this round, 0: none */
};

struct perf_count {
	struct perf_attr *event;
	int32_t cpu;
	uint64_t value, enabled, running;
	size_t before; /* index + 1 of the count of the same event before, 0: none */
};

void
perf_counts_free(struct perf_counts *c)
{
	size_t i;

	for (i = 0; i < c->nevent; i++)
		free((char *)c->event[i].unit.p);
	free(c->event);
	free(c->cpu);
	free(c->pending);
}

/* --- the places of CPUs */

/* Lists of CPUs, which the ids after them make superfluous. */
static void
skip_lists(struct bytes *b)
{
	uint32_t n = bytes_u32(b);

	for (; n > 0 && !bytes_bad(b); n--)
		bytes_take(b, bytes_u32(b));
}

static void
read_topology(struct perf_counts *c, struct bytes b)
{
	uint32_t i;

	skip_lists(&b); /* packages */
	skip_lists(&b); /* cores */
	if (c->cpu == NULL || bytes_left(&b) / 8 < c->ncpu)
		return;
	for (i = 0; i < c->ncpu; i++) {
		c->cpu[i].core = (int32_t)bytes_u32(&b);
		c->cpu[i].socket = (int32_t)bytes_u32(&b);
	}
	skip_lists(&b); /* dies, since perf 5.3 */
	if (bytes_bad(&b) || bytes_left(&b) / 4 < c->ncpu)
		return;
	for (i = 0; i < c->ncpu; i++)
		c->cpu[i].die = (int32_t)bytes_u32(&b);
}

void
perf_counts_feature(struct perf_counts *c, int feature, struct bytes b)
{
	uint32_t i;

	if (feature == PERF_F_CPU_TOPOLOGY)
		read_topology(c, b);
	if (feature != PERF_F_NRCPUS || c->cpu != NULL)
		return;
	c->ncpu = bytes_u32(&b);
	c->ncpu = bytes_bad(&b) || c->ncpu > MAXCPU ? 0 : c->ncpu;
	c->cpu = mem_resize(NULL, (size_t)c->ncpu + 1, sizeof *c->cpu);
	for (i = 0; i < c->ncpu; i++)
		c->cpu[i] = (struct perf_count_cpu){ -1, -1, -1 };
}

/* --- how events are counted */

static struct perf_count_event *
event_of(struct perf_counts *c, const struct perf_attr *a)
{
	static const struct perf_count_event unknown = { .scope = STR_INIT("-") };
	size_t n = c->events->cap;

	if (a->index >= c->nevent) {
		c->event = mem_resize(c->event, n, sizeof *c->event);
		while (c->nevent < n)
			c->event[c->nevent++] = unknown;
	}
	return &c->event[a->index];
}

/* Write the shortest decimal that reads back as the same number. */
static void
set_scale(struct perf_count_event *e, uint64_t bits)
{
	double v;
	int digits;

	memcpy(&v, &bits, sizeof v);
	for (digits = 1; digits <= 17; digits++) {
		snprintf(e->scale, sizeof e->scale, "%.*g", digits, v);
		if (strtod(e->scale, NULL) == v)
			return;
	}
	e->scale[0] = '\0'; /* not a number */
}

static void
update(struct perf_counts *c, struct bytes b)
{
	uint64_t type = bytes_u64(&b);
	const struct perf_attr *a = perf_events_find(c->events, bytes_u64(&b));
	struct perf_count_event *e;
	const char *unit;
	char *d;
	size_t n;

	if (a == NULL || bytes_bad(&b))
		return;
	e = event_of(c, a);
	if (type == UPDATE_SCALE && bytes_left(&b) >= 8) {
		set_scale(e, bytes_u64(&b));
	} else if (type == UPDATE_UNIT) {
		unit = bytes_string(&b, &n);
		c->cut_names += n > MAXUNIT;
		n = n < MAXUNIT ? n : MAXUNIT;
		d = mem_alloc(4 * n + 1);
		free((char *)e->unit.p);
		e->unit = (struct str){ d, text_escape(d, unit, n, "") };
	}
}

/* --- counts */

static const struct perf_count_cpu *
place(const struct perf_counts *c, int32_t cpu)
{
	static const struct perf_count_cpu nowhere = { -1, -1, -1 };

	return cpu >= 0 && (uint32_t)cpu < c->ncpu ? &c->cpu[cpu] : &nowhere;
}

/* Whether no two counts of an event in this round have the same place, which is the first parts of
 * socket, die, core. */
static bool
are_apart(const struct perf_counts *c, const struct perf_count_event *e, int parts)
{
	struct hash seen = { 0 };
	const struct perf_count_cpu *cpu;
	bool good = true;
	uint64_t key;
	size_t i;

	for (i = e->last; i > 0 && good; i = c->pending[i - 1].before) {
		cpu = place(c, c->pending[i - 1].cpu);
		key = (uint32_t)cpu->socket;
		key = parts > 1 ? digest(key) + (uint32_t)cpu->die : key;
		key = parts > 2 ? digest(key) + (uint32_t)cpu->core : key;
		good = cpu->socket >= 0 && hash_get(&seen, key) == NULL;
		*hash_put(&seen, key) = 1;
	}
	hash_free(&seen);
	return good;
}

/* Find out what has one counter of each event: the widest scope that the counts allow. */
static void
find_scopes(struct perf_counts *c)
{
	static const struct str names[] = { STR_INIT("socket"), STR_INIT("die"), STR_INIT("core") };
	struct perf_count_event *e;
	size_t i;
	int parts;

	for (i = 0; i < c->n; i++) {
		e = event_of(c, c->pending[i].event);
		if (str_none(e->scope)) {
			e->scope = STR("cpu");
			for (parts = 3; parts > 0; parts--)
				if (are_apart(c, e, parts))
					e->scope = names[parts - 1];
		}
		e->last = 0;
	}
}

static enum perf_counts_got
add_count(struct perf_counts *c, struct bytes b)
{
	struct perf_count count = { .event = perf_events_find(c->events, bytes_u64(&b)) };
	struct perf_count_event *e;

	count.cpu = (int32_t)bytes_u32(&b);
	bytes_u32(&b); /* thread: an index */
	count.value = bytes_u64(&b);
	count.enabled = bytes_u64(&b);
	count.running = bytes_u64(&b);
	if (bytes_bad(&b))
		return PERF_COUNTS_CUT;
	if (count.event == NULL)
		return PERF_COUNTS_NO_EVENT;
	if (count.value == REC_NO_U64)
		return PERF_COUNTS_NO_VALUE;
	if (count.enabled > c->enabled && count.enabled != REC_NO_U64)
		c->enabled = count.enabled;
	e = event_of(c, count.event);
	count.before = e->last;
	c->pending = mem_grow(c->pending, c->n, &c->cap, sizeof *c->pending);
	c->pending[c->n++] = count;
	e->last = c->n;
	return PERF_COUNTS_MORE;
}

enum perf_counts_got
perf_counts_add(struct perf_counts *c, const struct perf_record *pr, uint64_t *t)
{
	struct bytes b = pr->body;

	if (pr->type == PERF_R_EVENT_UPDATE)
		update(c, b);
	if (pr->type == PERF_R_STAT)
		return add_count(c, b);
	if (pr->type != PERF_R_STAT_ROUND)
		return PERF_COUNTS_MORE;
	bytes_u64(&b); /* an interval's, or the last */
	*t = bytes_u64(&b);
	c->t = *t;
	c->enabled_before = c->enabled;
	find_scopes(c);
	return bytes_bad(&b) ? PERF_COUNTS_CUT : PERF_COUNTS_ROUND;
}

uint64_t
perf_counts_end(struct perf_counts *c)
{
	uint64_t t;

	find_scopes(c);
	if (__builtin_add_overflow(c->t, c->enabled - c->enabled_before, &t))
		t = c->t;
	return t;
}

bool
perf_reading_begin(struct perf_reading *g, const struct perf_attr *a, struct bytes b)
{
	uint64_t rf = a->read_format;

	*g = (struct perf_reading){
		.format = rf, .n = 1, .enabled = REC_NO_U64, .running = REC_NO_U64
	};
	if (rf & PERF_READ_GROUP)
		g->n = bytes_u64(&b);
	else
		g->value = bytes_u64(&b);
	if (rf & PERF_READ_ENABLED)
		g->enabled = bytes_u64(&b);
	if (rf & PERF_READ_RUNNING)
		g->running = bytes_u64(&b);
	g->left = b;
	return !bytes_bad(&b);
}

bool
perf_reading_next(struct perf_reading *g)
{
	if (g->n == 0 || bytes_bad(&g->left))
		return false;
	g->n--;
	if (g->format & PERF_READ_GROUP)
		g->value = bytes_u64(&g->left);
	g->id = g->format & PERF_READ_ID ? bytes_u64(&g->left) : REC_NO_U64;
	if (g->format & PERF_READ_LOST)
		bytes_u64(&g->left);
	return !bytes_bad(&g->left);
}

const struct perf_attr *
perf_counts_fill(struct perf_counts *c, size_t i, struct rec *r)
{
	const struct perf_count *count = &c->pending[i];
	const struct perf_count_event *e = event_of(c, count->event);
	const struct perf_count_cpu *cpu = place(c, count->cpu);

	r->kind = REC_COUNT;
	r->cpu = count->cpu;
	r->pid = r->tid = REC_NO_ID;
	r->count = (struct rec_count){ .value = count->value,
		.enabled = count->enabled,
		.running = count->running,
		.scale = *e->scale == '\0' ? STR_NONE : str_of(e->scale),
		.unit = e->unit.n == 0 ? STR_NONE : e->unit,
		.scope = e->scope,
		.socket = cpu->socket,
		.die = cpu->die,
		.core = cpu->core };
	return count->event;
}
