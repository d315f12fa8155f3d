/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "svgchart_int.h"

struct svgchart_row *
svgchart_add_row(struct svgchart_layout *l, enum svgchart_kind kind)
{
	l->row = mem_grow(l->row, l->nrow, &l->row_cap, sizeof *l->row);
	l->row[l->nrow] = (struct svgchart_row){ .kind = kind, .first = l->nmember };
	return &l->row[l->nrow++];
}

void
svgchart_add_member(struct svgchart_layout *l, const struct chart *c, const struct chart_row *row)
{
	l->member = mem_grow(l->member, l->nmember, &l->member_cap, sizeof *l->member);
	l->member[l->nmember++] = (uint32_t)(row - c->rows.row);
	l->row[l->nrow - 1].n++;
}

uint64_t
svgchart_waiting(const struct chart *c, const struct chart_row *row)
{
	return chart_total(c, row, CHART_PREEMPTED) + chart_total(c, row, CHART_RUNNABLE) +
	       chart_total(c, row, CHART_UNINTERRUPTIBLE);
}

const struct chart_row *
svgchart_member(const struct svgchart *p, const struct svgchart_row *r, size_t i)
{
	return &p->chart->rows.row[p->rows.member[r->first + i]];
}

uint64_t
svgchart_total(const struct svgchart *p, const struct svgchart_row *r, enum chart_state s)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < r->n; i++)
		sum += chart_total(p->chart, svgchart_member(p, r, i), s);
	return sum;
}

bool
svgchart_read(
    const struct svgchart *p, const struct svgchart_row *r, enum chart_state s, uint64_t *ns)
{
	uint32_t *lane = mem_resize(NULL, r->n, sizeof *lane);
	const struct chart_row *row;
	size_t i, n = 0;

	for (i = 0; i < r->n; i++) {
		row = svgchart_member(p, r, i);
		if (chart_has(p->chart, row, s))
			lane[n++] = chart_lane(row, s);
	}
	bins_read(&p->chart->bins, lane, n, ns);
	free(lane);
	return n > 0;
}

const struct svgchart_row *
svgchart_find(const struct svgchart *p, const struct chart_key *key)
{
	const struct chart_row *row = chart_find(p->chart, key);
	uint32_t i = row != NULL ? p->rows.row_of[row - p->chart->rows.row] : 0;

	return i > 0 ? &p->rows.row[i - 1] : NULL;
}

const struct svgchart_row *
svgchart_boxes(const struct svgchart *p, uint32_t row)
{
	uint32_t i = p->rows.row_of[row];
	const struct svgchart_row *r = i > 0 ? &p->rows.row[i - 1] : NULL;

	return r != NULL && r->kind <= SVGCHART_TASK_ROW ? r : NULL;
}

static int
by_tid(const void *a, const void *b, void *rows)
{
	const struct chart_row *row = rows;
	const struct chart_key *x = &row[*(const uint32_t *)a].key;
	const struct chart_key *y = &row[*(const uint32_t *)b].key;
	int d = ORDER(x->machine, y->machine);

	d = d != 0 ? d : ORDER(x->tid, y->tid);
	d = d != 0 ? d : ORDER(x->birth, y->birth);
	return d != 0 ? d : ORDER(x->pid, y->pid);
}

void
svgchart_index(struct svgchart *p)
{
	const struct chart_rows *rows = &p->chart->rows;
	const struct chart_key *k;
	uint64_t *range;
	uint32_t i;

	p->by_tid = mem_resize(NULL, rows->n + 1, sizeof *p->by_tid);
	for (i = 0; i < rows->n; i++)
		if (rows->row[i].key.cpu < 0)
			p->by_tid[p->ntid++] = i;
	qsort_r(p->by_tid, p->ntid, sizeof *p->by_tid, by_tid, rows->row);
	for (i = 0; i < p->ntid; i++) {
		k = &rows->row[p->by_tid[i]].key;
		range = hash_put(&p->tids, hash_pair(k->machine, (uint32_t)k->tid));
		*range = *range == 0 ? hash_pair(i, i + 1) : *range + 1;
	}
}

/* Find the task of a tid at a time, and from when to when that is the answer. */
static void
find_task(const struct svgchart *p, int64_t t, struct svgchart_who *who)
{
	const uint64_t *range = hash_get(&p->tids, hash_pair(who->machine, (uint32_t)who->tid));
	const struct chart_row *row = p->chart->rows.row;
	size_t first, lo, hi, mid;

	who->from = INT64_MIN;
	who->to = INT64_MAX;
	who->row = NULL;
	if (range == NULL)
		return;
	first = lo = *range >> 32;
	hi = *range & UINT32_MAX;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (row[p->by_tid[mid]].key.birth <= t)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < (*range & UINT32_MAX))
		who->to = row[p->by_tid[lo]].key.birth;
	if (lo == first)
		return;
	who->row = &row[p->by_tid[lo - 1]];
	who->from = who->row->key.birth;
}

const struct chart_row *
svgchart_task_at(const struct svgchart *p, struct svgchart_recent *recent, uint32_t machine,
    int32_t tid, int64_t t)
{
	struct svgchart_who *who = &recent->who[(uint32_t)tid % SVGCHART_RECENT];

	if (who->tid != tid || who->machine != machine || t < who->from || t >= who->to) {
		who->machine = machine;
		who->tid = tid;
		find_task(p, t, who);
	}
	return who->row;
}
