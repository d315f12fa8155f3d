/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "chart.h"

void
chart_spend(struct chart *c, uint32_t row, enum chart_what what, int64_t t, int64_t end)
{
	uint32_t lane = chart_lane_of(c, row, what);
	struct chart_lane *l = &c->lane[lane];

	l->total += (uint64_t)end - (uint64_t)t;
	bins_add(&l->bins, &c->scale, t, end, 1);
}

void
chart_spend_later(struct chart *c, struct str comm)
{
	struct chart_span *s = &c->span[c->nspan++];

	s->comm_n = str_none(comm) ? 0 : (uint8_t)(comm.n < CHART_COMM ? comm.n : CHART_COMM);
	memcpy(s->comm, comm.p, s->comm_n);
	chart_row_near(c, &s->task);
}

/* The name a task has last is the row's; of two that end together, the greater. */
static void
name_row(struct chart_row *row, const struct chart_span *s)
{
	struct str comm = { s->comm, s->comm_n };

	if (comm.n == row->comm_n && memcmp(comm.p, row->comm, comm.n) == 0) {
		row->last = row->last > s->end ? row->last : s->end;
		return;
	}
	if (comm.n == 0 || (row->comm_n > 0 &&
			       (s->end < row->last || (s->end == row->last &&
							  chart_order(comm, chart_comm(row)) < 0))))
		return;
	memcpy(row->comm, comm.p, comm.n);
	row->comm_n = s->comm_n;
	row->last = s->end;
}

static void
to_row(struct chart *c, struct chart_span *s)
{
	struct chart_row *row;

	s->row = chart_row_of(c, &s->task);
	row = &c->row[s->row];
	row->picked = row->picked || s->picked;
	name_row(row, s);
	if (s->what == CHART_RUNNING)
		row->first_run = row->first_run < s->t ? row->first_run : s->t;
	s->lane = chart_lane_of(c, s->row, s->what);
	__builtin_prefetch(&c->lane[s->lane], 1);
}

/* What is known of a task, whatever it does. */
static void
know(struct chart *c, uint32_t i, int64_t t, int64_t end)
{
	struct chart_row *row = &c->row[i];
	uint32_t lane;

	if (row->from < row->to && row->to != t) {
		lane = chart_lane_of(c, i, CHART_SLEEPING);
		bins_add(&c->lane[lane].bins, &c->scale, row->from, row->to, 1);
		row->from = row->to;
	}
	if (row->from == row->to)
		row->from = t;
	row->to = end;
}

static void
to_lane(struct chart *c, const struct chart_span *s)
{
	struct chart_lane *l = &c->lane[s->lane];

	l->total += (uint64_t)s->end - (uint64_t)s->t;
	if (s->what != CHART_SLEEPING)
		bins_add(&l->bins, &c->scale, s->t, s->end, 1);
	know(c, s->row, s->t, s->end);
	if (s->cpu >= 0)
		chart_spend(c, chart_cpu_of(c, s->task.machine, s->cpu), chart_on_cpu(s->task.tid),
		    s->t, s->end);
}

void
chart_spend_all(struct chart *c)
{
	size_t i;

	for (i = 0; i < c->nspan; i++)
		to_row(c, &c->span[i]);
	for (i = 0; i < c->nspan; i++)
		bins_near(&c->lane[c->span[i].lane].bins);
	for (i = 0; i < c->nspan; i++)
		to_lane(c, &c->span[i]);
	c->nspan = 0;
}

void
chart_spend_end(struct chart *c)
{
	uint32_t i;

	chart_spend_all(c);
	for (i = 0; i < c->nrow; i++)
		if (c->row[i].from < c->row[i].to)
			know(c, i, c->row[i].from, c->row[i].from);
}

void
chart_read(struct chart *c, const struct chart_row *row, enum chart_what what, uint64_t *ns)
{
	size_t n = bins_count(&c->scale), i;
	struct chart_lane *lane = chart_lane(c, row, what);
	enum chart_what other;
	uint64_t *less;

	bins_read(&lane->bins, &c->scale, ns);
	if (what != CHART_SLEEPING)
		return;
	less = mem_resize(NULL, n, sizeof *less);
	for (other = 0; other < CHART_STATES; other++) {
		if (other == what || (lane = chart_lane(c, row, other)) == NULL)
			continue;
		bins_read(&lane->bins, &c->scale, less);
		for (i = 0; i < n; i++)
			ns[i] -= less[i];
	}
	free(less);
}

/* Sleep ends where a wait for a CPU or a run begins. */
size_t
chart_edges(struct chart *c, const struct chart_row *row, enum chart_what what)
{
	struct chart_lane *lane = chart_lane(c, row, what);
	size_t n, most = lane != NULL ? bins_compact(&lane->bins, &c->scale) : 0;
	enum chart_what other;

	for (other = 0; what == CHART_SLEEPING && lane != NULL && other < what; other++) {
		n = chart_edges(c, row, other);
		most = n > most ? n : most;
	}
	return most;
}
