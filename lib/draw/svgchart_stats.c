/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "rec/place.h"
#include "rec/stack.h"
#include "svgchart_int.h"

enum { MOST = 3, TASKS_SHOWN = 5 }; /* lines of each kind; tasks of a CPU */

/* The sums by text: a place, a waker, a task. */
struct sums {
	struct intern names;
	struct sum {
		uint64_t ns, n;
	} * sum;
	size_t cap;
};

struct stats {
	const struct svgchart *p;
	struct sums waits, wakers;
	struct hash places; /* by stack: 1 + its number in waits */
	uint64_t *delay;
	size_t n, cap;
};

static void
add(struct sums *s, uint32_t id, uint64_t ns)
{
	s->sum = mem_grow_zeroed(s->sum, id, &s->cap, sizeof *s->sum);
	s->sum[id].ns += ns;
	s->sum[id].n++;
}

/* The first function of a stack that says what the task was doing. */
static struct str
place_of(const struct chart *c, uint64_t stack)
{
	struct stack_walk w = stack_walk(chart_stack_of(c, stack));
	struct stack_frame f;
	struct str symbol;

	while (stack_next(&w, &f)) {
		symbol = stack_note(f.note).symbol;
		if (symbol.n > 0 && !place_is_switching(symbol))
			return place_bare(symbol);
	}
	return (struct str){ NULL, 0 };
}

static void
add_wait(struct stats *s, uint64_t stack, uint64_t ns)
{
	uint64_t *known = hash_put(&s->places, stack);
	struct str place;

	if (*known == 0) {
		place = place_of(s->p->chart, stack);
		*known = 1 + (uint64_t)intern_put(
				 &s->waits.names, place.n > 0 ? place : STR("a place not known"));
	}
	add(&s->waits, (uint32_t)*known - 1, ns);
}

static void
add_waker(struct stats *s, const struct chart_row *row, const struct chart_interval *i,
    const struct chart_kind *kind)
{
	static const char *const contexts[] = { "", "hardirq during ", "softirq during ",
		"nmi during ", "?", "?", "?", "an unknown context of " };
	const struct chart_row *waker = svgchart_task_at(s->p, row->key.machine, i->waker, i->t);
	struct svg_text t = { 0 };

	svg_add(&t, "%s", contexts[kind->context & 7]);
	if (i->waker == 0)
		svg_add(&t, "the idle task");
	else if (waker == NULL)
		svg_add(&t, "%d", i->waker);
	else
		svg_add_field(&t, chart_comm(waker));
	add(&s->wakers, intern_put(&s->wakers.names, svg_str(&t)), 0);
}

static void
add_task(struct stats *s, const struct chart_row *row)
{
	const struct chart *c = s->p->chart;
	struct chart_interval *list;
	size_t n = chart_intervals(c, (uint32_t)(row - c->rows.row), &list), i;
	struct chart_kind k, next;
	uint64_t ns;

	for (i = 0; i < n; i++) {
		k = chart_kind(c, list[i].kind);
		ns = (uint64_t)list[i].end - (uint64_t)list[i].t;
		if (k.state >= CHART_UNINTERRUPTIBLE && k.state < CHART_UNKNOWN && k.stack != 0)
			add_wait(s, k.stack, ns);
		if (k.state != CHART_RUNNABLE || !k.waker)
			continue;
		add_waker(s, row, &list[i], &k);
		if (i + 1 == n || k.begin != CHART_SEEN || k.end != CHART_SEEN)
			continue;
		next = chart_kind(c, list[i + 1].kind);
		if (next.state != CHART_RUNNING)
			continue;
		s->delay = mem_grow(s->delay, s->n, &s->cap, sizeof *s->delay);
		s->delay[s->n++] = ns;
	}
	free(list);
}

static int
by_length(const void *a, const void *b)
{
	return ORDER(*(const uint64_t *)a, *(const uint64_t *)b);
}

/* The ceil(p n / 100)-th smallest. */
static struct units
percentile(const struct stats *s, size_t percent)
{
	return units_short(s->delay[(percent * s->n + 99) / 100 - 1]);
}

/* Take the greatest sum out; INTERN_NONE if there is none left. */
static uint32_t
take_most(struct sums *s)
{
	uint32_t i, best = INTERN_NONE;

	for (i = 0; i < s->names.n; i++) {
		if (s->sum[i].n == 0)
			continue;
		if (best == INTERN_NONE || s->sum[i].ns > s->sum[best].ns ||
		    (s->sum[i].ns == s->sum[best].ns && s->sum[i].n > s->sum[best].n) ||
		    (s->sum[i].ns == s->sum[best].ns && s->sum[i].n == s->sum[best].n &&
			chart_order(intern_str(&s->names, i), intern_str(&s->names, best)) < 0))
			best = i;
	}
	return best;
}

static void
put_sums(const struct svgchart *p, struct sums *s, const char *what)
{
	uint32_t i;
	int n;

	for (n = 0; n < MOST && (i = take_most(s)) != INTERN_NONE; n++) {
		svg_put(p->out, "\n%s", what);
		svg_put_field(p->out, intern_str(&s->names, i));
		svg_put(p->out, ": ");
		if (s->sum[i].ns > 0)
			svg_put(p->out, "%s, ", units_short(s->sum[i].ns).s);
		svg_put(
		    p->out, "%s time%s", units_count(s->sum[i].n).s, s->sum[i].n == 1 ? "" : "s");
		s->sum[i].n = 0;
	}
	intern_free(&s->names);
	free(s->sum);
}

void
svgchart_stats(const struct svgchart *p, const struct svgchart_row *r)
{
	struct stats s = { .p = p };
	size_t i;

	if (r->kind == SVGCHART_CPU_ROW)
		return;
	for (i = 0; i < r->n; i++)
		add_task(&s, svgchart_member(p, r, i));
	if (s.n > 0) {
		qsort(s.delay, s.n, sizeof *s.delay, by_length);
		svg_put(p->out, "\nfrom wakeup to running: p50 %s", percentile(&s, 50).s);
		svg_put(p->out, ", p99 %s", percentile(&s, 99).s);
		svg_put(p->out, ", at most %s, ", units_short(s.delay[s.n - 1]).s);
		svg_put(p->out, "%s time%s", units_count(s.n).s, s.n == 1 ? "" : "s");
	}
	put_sums(p, &s.waits, "waits in ");
	put_sums(p, &s.wakers, "woken by ");
	free(s.delay);
	hash_free(&s.places);
}
