/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "base/percentiles.h"
#include "rec/place.h"
#include "rec/stack.h"
#include "svgchart_int.h"

enum { MOST = 3 }; /* lines of each kind */

enum {
	COLUMN = 12,   /* pixels of a CPU for which its longest tasks are known */
	COLUMNS = 1000 /* the most of them, of all CPUs */
};

/* A place or a waker, and how long and how often a row waited there or was woken by it. */
struct sum {
	uint32_t what;
	uint64_t ns, n;
};

/* The delays of a row from wakeup to running, and its greatest sums. */
struct summary {
	uint64_t n, longest, percentile[PERCENTILES];
	struct sum wait[MOST], waker[MOST];
};

/* A column of a CPU, the last of which is all of it: the tasks that ran there the longest. */
struct column {
	size_t n; /* the number of tasks that ran there */
	struct ran {
		uint32_t task;
		uint64_t ns;
	} most[MOST];
};

/* The sums of a row by number, and which of them are not 0. */
struct sums {
	struct intern names;
	struct sum *sum;
	uint32_t *used;
	size_t cap, n, used_cap;
};

struct svgchart_stats {
	const struct svgchart *p;
	struct summary *row; /* by the picture's row */
	struct sums waits, wakers;
	uint32_t *place;   /* by kind: 1 + its number in waits, 0 if it is not known yet */
	uint32_t *of_head; /* the same by the head of a stack, if that has the place */
	size_t nhead;
	struct svgchart_recent recent;
	struct hash waker;         /* context and task, or tid -> 1 + the number in wakers */
	struct percentiles delays; /* from wakeup to running, of a row */
	struct hash cpu;      /* machine and CPU -> 1 + its number among those that are drawn */
	size_t ncpu, columns; /* columns of a CPU, without the last */
	size_t now;           /* the column of the latest interval */
	uint64_t *start;      /* where each column starts; where the last one ends */
	struct column *column;
	uint64_t *column_ns; /* of a task, by column */
	uint32_t *used;      /* the columns in which it ran */
	size_t nused;
};

static void
add(struct sums *s, uint32_t id, uint64_t ns)
{
	s->sum = mem_grow_zeroed(s->sum, id, &s->cap, sizeof *s->sum);
	if (s->sum[id].n++ == 0) {
		s->used = mem_grow(s->used, s->n, &s->used_cap, sizeof *s->used);
		s->used[s->n++] = id;
	}
	s->sum[id].ns += ns;
}

static uint32_t
name_place(struct svgchart_stats *s, struct str function)
{
	return intern_put(&s->waits.names, function.n > 0 ? function : STR("a place not known"));
}

/* The number of the first function of a stack that says what the task was doing. */
static uint32_t
place_of(struct svgchart_stats *s, uint64_t stack)
{
	struct chart_parts parts = chart_stack_of(s->p->chart, stack);
	struct str function;
	uint32_t *known;

	if (parts.dropped)
		return intern_put(&s->waits.names, STR("places whose stacks had no room"));
	if (parts.number >= s->nhead)
		return name_place(s, place_function(parts.tail));
	known = &s->of_head[parts.number];
	if (*known > 0)
		return *known - 1;
	function = place_function(parts.head);
	if (function.n == 0)
		return name_place(s, place_function(parts.tail));
	*known = 1 + name_place(s, function);
	return *known - 1;
}

static void
add_wait(struct svgchart_stats *s, const struct chart_interval *i)
{
	const struct chart *c = s->p->chart;
	uint32_t *place = &s->place[i->kind];

	if (*place == 0)
		*place = 1 + place_of(s, chart_kind(c, i)->stack);
	add(&s->waits, *place - 1, (uint64_t)i->end - (uint64_t)i->t);
}

static uint32_t
name_waker(struct svgchart_stats *s, const struct chart_row *waker, int32_t tid, uint8_t context)
{
	static const char *const contexts[] = { "", "hardirq during ", "softirq during ",
		"nmi during ", "?", "?", "?", "an unknown context of " };
	struct svg_text t = { 0 };

	svg_add(&t, "%s", contexts[context & 7]);
	if (tid == 0)
		svg_add(&t, "the idle task");
	else if (waker == NULL)
		svg_add(&t, "%d", tid);
	else
		svg_add_field(&t, chart_comm(waker));
	return intern_put(&s->wakers.names, svg_str(&t));
}

static void
add_waker(
    struct svgchart_stats *s, uint32_t machine, const struct chart_interval *i, uint8_t context)
{
	const struct chart_row *waker = svgchart_task_at(s->p, &s->recent, machine, i->waker, i->t);
	bool row = waker != NULL;
	uint32_t who = row ? (uint32_t)(waker - s->p->chart->rows.row) : (uint32_t)i->waker;
	uint64_t *known = hash_put(&s->waker, hash_pair((uint32_t)context << 1 | row, who));

	if (*known == 0)
		*known = 1 + (uint64_t)name_waker(s, waker, i->waker, context);
	add(&s->wakers, (uint32_t)*known - 1, 0);
}

/* --- who ran on a CPU */

static void
add_ran(struct svgchart_stats *s, size_t column, uint64_t ns)
{
	if (s->column_ns[column] == 0)
		s->used[s->nused++] = (uint32_t)column;
	s->column_ns[column] += ns;
}

/* Note how long a task ran in a column. */
static void
note_column(const struct svgchart_stats *s, struct column *column, struct ran ran)
{
	const struct chart_rows *rows = &s->p->chart->rows;
	size_t k = column->n < MOST ? column->n : MOST;
	struct ran *most = column->most;
	int d;

	for (column->n++; k > 0; k--) {
		d = ORDER(ran.ns, most[k - 1].ns);
		if (d == 0)
			d = chart_key_order(
			    rows, &rows->row[most[k - 1].task].key, &rows->row[ran.task].key);
		if (d < 0)
			break;
		if (k < MOST)
			most[k] = most[k - 1];
	}
	if (k < MOST)
		most[k] = ran;
}

/* Note where a task ran. */
static void
note_ran(struct svgchart_stats *s, uint32_t task)
{
	uint32_t column;

	while (s->nused > 0) {
		column = s->used[--s->nused];
		note_column(s, &s->column[column], (struct ran){ task, s->column_ns[column] });
		s->column_ns[column] = 0;
	}
}

/* The column of a time within the scale; most often that of the time before. */
static size_t
column_of(struct svgchart_stats *s, uint64_t t)
{
	const struct svgchart_scale *scale = &s->p->scale;

	if (t < s->start[s->now] || t >= s->start[s->now + 1]) {
		s->now =
		    (size_t)((energy_int)(t - scale->lo) * s->columns / (scale->hi - scale->lo));
		s->now -= s->now > 0 && s->start[s->now] > t;
	}
	return s->now;
}

static void
add_running(struct svgchart_stats *s, uint32_t machine, const struct chart_interval *i, int32_t cpu)
{
	const uint64_t *known = hash_get(&s->cpu, hash_pair(machine, (uint32_t)cpu));
	uint64_t from = bins_time(i->t), to = bins_time(i->end), end;
	const struct svgchart_scale *scale = &s->p->scale;
	size_t first, at;

	if (known == NULL)
		return;
	first = (*known - 1) * (s->columns + 1);
	from = from > scale->lo ? from : scale->lo;
	to = to < scale->hi ? to : scale->hi;
	if (from >= to)
		return;
	add_ran(s, first + s->columns, to - from);
	for (at = column_of(s, from); from < to && at < s->columns; from = end, at++) {
		end = s->start[at + 1] < to ? s->start[at + 1] : to;
		if (end > from)
			add_ran(s, first + at, end - from);
		end = end > from ? end : from;
	}
}

static void
make_columns(struct svgchart_stats *s)
{
	uint64_t lo = s->p->scale.lo, span = s->p->scale.hi - lo, i;
	size_t n;

	s->columns = (size_t)s->p->scale.plot / COLUMN;
	if (s->columns * s->ncpu > COLUMNS)
		s->columns = COLUMNS / s->ncpu;
	s->start = mem_alloc((s->columns + 2) * sizeof *s->start);
	n = s->columns > 0 ? s->columns : 1;
	for (i = 0; i <= n; i++)
		s->start[i] = lo + span / n * i + span % n * i / n;
	n = s->ncpu * (s->columns + 1) + 1;
	s->column = mem_alloc(n * sizeof *s->column);
	s->column_ns = mem_alloc(n * sizeof *s->column_ns);
	s->used = mem_alloc(n * sizeof *s->used);
}

static void
list_cpus(struct svgchart_stats *s)
{
	const struct svgchart_layout *l = &s->p->rows;
	const struct chart_key *k;
	size_t i;

	for (i = 0; i < l->nrow; i++) {
		k = &svgchart_member(s->p, &l->row[i], 0)->key;
		if (l->row[i].kind == SVGCHART_CPU_ROW)
			*hash_put(&s->cpu, hash_pair(k->machine, (uint32_t)k->cpu)) = ++s->ncpu;
	}
}

/* --- rows */

/* Add an interval to the sums of a row; next is the task's next interval, or NULL. */
static void
add_interval(struct svgchart_stats *s, uint32_t machine, const struct chart_interval *i,
    const struct chart_interval *next)
{
	const struct chart *c = s->p->chart;
	const struct chart_kind *k = chart_kind(c, i);

	if (k->state >= CHART_UNINTERRUPTIBLE && k->state < CHART_UNKNOWN && k->stack != 0)
		add_wait(s, i);
	if (k->state != CHART_RUNNABLE || !k->waker)
		return;
	add_waker(s, machine, i, k->context);
	if (next == NULL || k->begin != CHART_SEEN || k->end != CHART_SEEN ||
	    chart_kind(c, next)->state != CHART_RUNNING)
		return;
	percentiles_add(&s->delays, (uint64_t)i->end - (uint64_t)i->t);
}

/* Add the intervals of a task to those of the CPUs and, if it is in one, to those of its row. */
static void
add_task(struct svgchart_stats *s, uint32_t task, bool in_row)
{
	const struct chart *c = s->p->chart;
	uint32_t machine = c->rows.row[task].key.machine;
	struct chart_interval two[2], *i = two, *next = two + 1, *last;
	const struct chart_kind *k;
	struct chart_walk w;
	bool more;

	chart_walk_start(&w, c, task);
	for (more = chart_walk_next(&w, next); more;) {
		last = i;
		i = next;
		next = last;
		more = chart_walk_next(&w, next);
		k = chart_kind(c, i);
		if (k->state == CHART_RUNNING && k->cpu >= 0)
			add_running(s, machine, i, k->cpu);
		else if (in_row)
			add_interval(s, machine, i, more ? next : NULL);
	}
	chart_walk_end(&w);
	note_ran(s, task);
}

/* Is a sum greater than another one? */
static bool
greater(const struct sums *s, const struct sum *a, const struct sum *b)
{
	int d = ORDER(a->ns, b->ns);

	d = d != 0 ? d : ORDER(a->n, b->n);
	if (d == 0 && a->n > 0)
		d = chart_order(intern_str(&s->names, b->what), intern_str(&s->names, a->what));
	return d > 0;
}

/* Take the greatest sums, in order, and clear all. */
static void
take_most(struct sums *s, struct sum *most)
{
	struct sum sum;
	size_t i;
	int k;

	for (i = 0; i < s->n; i++) {
		sum = s->sum[s->used[i]];
		sum.what = s->used[i];
		s->sum[sum.what] = (struct sum){ 0 };
		for (k = MOST; k > 0 && greater(s, &sum, &most[k - 1]); k--)
			if (k < MOST)
				most[k] = most[k - 1];
		if (k < MOST)
			most[k] = sum;
	}
	s->n = 0;
}

static void
read_row(struct svgchart_stats *s, const struct svgchart_row *r, struct summary *to)
{
	size_t i;

	percentiles_clear(&s->delays);
	for (i = 0; i < r->n; i++)
		add_task(s, s->p->rows.member[r->first + i], true);
	take_most(&s->waits, to->wait);
	take_most(&s->wakers, to->waker);
	to->n = s->delays.n;
	to->longest = s->delays.max;
	percentiles_find(&s->delays, to->percentile);
}

struct svgchart_stats *
svgchart_stats_new(const struct svgchart *p)
{
	const struct chart_rows *rows = &p->chart->rows;
	struct svgchart_stats *s = mem_alloc(sizeof *s);
	const struct svgchart_row *r;
	uint32_t i;

	s->p = p;
	s->row = mem_alloc((p->rows.nrow + 1) * sizeof *s->row);
	s->place = mem_alloc((p->chart->nkind + 1) * sizeof *s->place);
	s->nhead = p->chart->nhead;
	s->of_head = mem_alloc((s->nhead + 1) * sizeof *s->of_head);
	list_cpus(s);
	make_columns(s);
	for (r = p->rows.row; r < p->rows.row + p->rows.nrow; r++)
		if (r->kind != SVGCHART_CPU_ROW && r->kind != SVGCHART_HEADING)
			read_row(s, r, &s->row[r - p->rows.row]);
	for (i = 0; i < rows->n; i++)
		if (rows->row[i].key.cpu < 0 && p->rows.row_of[i] == 0)
			add_task(s, i, false);
	return s;
}

void
svgchart_stats_free(struct svgchart_stats *s)
{
	if (s == NULL)
		return;
	free(s->row);
	free(s->waits.sum);
	free(s->waits.used);
	intern_free(&s->waits.names);
	free(s->wakers.sum);
	free(s->wakers.used);
	intern_free(&s->wakers.names);
	free(s->place);
	free(s->of_head);
	hash_free(&s->waker);
	percentiles_free(&s->delays);
	hash_free(&s->cpu);
	free(s->start);
	free(s->column);
	free(s->column_ns);
	free(s->used);
	free(s);
}

/* --- what is written */

static void
put_sums(const struct svgchart *p, const struct sums *s, const struct sum *most, const char *what)
{
	int k;

	for (k = 0; k < MOST && most[k].n > 0; k++) {
		svg_put(p->out, "\n%s", what);
		svg_put_field(p->out, intern_str(&s->names, most[k].what));
		svg_put(p->out, ": ");
		if (most[k].ns > 0)
			svg_put(p->out, "%s, ", units_short(most[k].ns).s);
		svg_put(p->out, "%s time%s", units_count(most[k].n).s, most[k].n == 1 ? "" : "s");
	}
}

static void
put_ran(const struct svgchart_stats *s, const struct column *column)
{
	const struct chart_row *row;
	size_t k;

	for (k = 0; k < MOST && k < column->n; k++) {
		row = &s->p->chart->rows.row[column->most[k].task];
		svg_put(s->p->out, k == 0 ? "\nran: " : ", ");
		svg_put_field(s->p->out, row->comm_n > 0 ? chart_comm(row) : STR("?"));
		svg_put(s->p->out, " %d %s", row->key.tid, units_short(column->most[k].ns).s);
	}
	if (column->n > MOST)
		svg_put(s->p->out, ", and %s more", units_count(column->n - MOST).s);
}

/* The columns of a CPU. */
static const struct column *
columns_of(const struct svgchart_stats *s, const struct svgchart_row *r)
{
	const struct chart_key *k = &svgchart_member(s->p, r, 0)->key;
	uint64_t cpu = *hash_get(&s->cpu, hash_pair(k->machine, (uint32_t)k->cpu)) - 1;

	return &s->column[cpu * (s->columns + 1)];
}

void
svgchart_put_stats(const struct svgchart_stats *s, const struct svgchart_row *r)
{
	const struct svgchart *p = s->p;
	const struct summary *row = &s->row[r - p->rows.row];

	if (r->kind == SVGCHART_CPU_ROW) {
		put_ran(s, columns_of(s, r) + s->columns);
		return;
	}
	if (row->n > 0) {
		svg_put(p->out, "\nfrom wakeup to running: p50 %s",
		    units_short(row->percentile[PERCENTILE_50]).s);
		svg_put(p->out, ", p95 %s", units_short(row->percentile[PERCENTILE_95]).s);
		svg_put(p->out, ", p99 %s", units_short(row->percentile[PERCENTILE_99]).s);
		svg_put(p->out, ", max %s, ", units_short(row->longest).s);
		svg_put(p->out, "%s time%s", units_count(row->n).s, row->n == 1 ? "" : "s");
	}
	put_sums(p, &s->waits, row->wait, "waits in ");
	put_sums(p, &s->wakers, row->waker, "woken by ");
}

void
svgchart_put_columns(const struct svgchart_stats *s, const struct svgchart_row *r)
{
	const struct svgchart *p = s->p;
	const struct column *column = columns_of(s, r);
	uint64_t from, to;
	size_t i;
	int64_t x;

	for (i = 0; i < s->columns; i++) {
		from = s->start[i];
		to = s->start[i + 1];
		/* a task that ran all the time has a box, which says so */
		if (column[i].n == 0 || column[i].most[0].ns == to - from)
			continue;
		x = svgchart_x(&p->scale, from);
		svg_put(p->out, "<g><title>from %s to %s, at %s",
		    svgchart_since(&p->scale, bins_signed(from)).s,
		    svgchart_since(&p->scale, bins_signed(to)).s, units_stamp(bins_signed(from)).s);
		put_ran(s, &column[i]);
		svg_put(p->out,
		    "</title><rect class=\"ask\" x=\"%s\" width=\"%s\" height=\"%d\"/></g>\n",
		    svg_hundredths(x).s, svg_hundredths(svgchart_x(&p->scale, to) - x).s,
		    SVGCHART_CPU);
	}
}
