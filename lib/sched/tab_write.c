/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "tab_int.h"

/* The waits that a column is of. */
static const struct tab_waits *
waits_of(const struct tab_row *row, enum tab_value v)
{
	return &row->wait[v >= V_PREEMPTED_WHOLE ? WAIT_PREEMPTED : WAIT_LATENCY];
}

/* The value of a column other than of times, after the last record. */
static uint64_t
value_of(const struct tab *t, const struct tab_row *row, enum tab_value v)
{
	const struct tab_waits *w = waits_of(row, v);

	switch (v) {
	case V_WHOLE:
	case V_PREEMPTED_WHOLE:
		return w->ns.n;
	case V_P50:
	case V_PREEMPTED_P50:
		return w->percentile[PERCENTILE_50];
	case V_P95:
	case V_PREEMPTED_P95:
		return w->percentile[PERCENTILE_95];
	case V_P99:
	case V_PREEMPTED_P99:
		return w->percentile[PERCENTILE_99];
	case V_MAX:
	case V_PREEMPTED_MAX:
		return w->ns.max;
	default:
		return row->sum[t->place[v]];
	}
}

static bool
is_number(struct str s)
{
	return s.n > 0 && *s.p >= '0' && *s.p <= '9' && strspn(s.p, "0123456789") == s.n;
}

/* Order two texts, numbers by value. */
static int
text_order(struct str a, struct str b)
{
	if (is_number(a) && is_number(b) && a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return strcmp(a.p, b.p);
}

/* The sum of the columns that the table is sorted by. */
static uint64_t
sorted_by(const struct tab *t, const struct tab_row *row)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < t->sort.n; i++)
		tab_sum(&sum, value_of(t, row, (enum tab_value)(t->sort.at[i] - TAB_CELLS)));
	return sum;
}

/* Order two rows by numbers, the largest first. */
static int
value_order(const struct tab *t, const struct tab_row *x, const struct tab_row *y)
{
	uint64_t xs, ys;
	int64_t xt, yt;
	enum tab_value v;

	if (t->sort.n == 1 && tab_is_time(t->sort.at[0])) {
		v = (enum tab_value)(t->sort.at[0] - TAB_CELLS);
		xt = waits_of(x, v)->max_t;
		yt = waits_of(y, v)->max_t;
		return (xt < yt) - (xt > yt);
	}
	xs = sorted_by(t, x);
	ys = sorted_by(t, y);
	return (xs < ys) - (xs > ys);
}

static int
row_order(const void *a, const void *b, void *tab)
{
	const struct tab *t = tab;
	const struct tab_row *x = *(const struct tab_row *const *)a;
	const struct tab_row *y = *(const struct tab_row *const *)b;
	int i, d = value_order(t, x, y);

	for (i = 0; d == 0 && i < TAB_CELLS; i++)
		d = text_order(
		    intern_str(&t->texts, x->cell[i]), intern_str(&t->texts, y->cell[i]));
	return d;
}

static void
put_header(const struct tab *t, struct out *o)
{
	size_t i;
	int column;

	for (i = 0; i < t->show.n; i++) {
		column = t->show.at[i];
		out_str(o, str_of(column < TAB_CELLS ? tab_tables[t->by].cells[column]
						     : tab_value_names[column - TAB_CELLS]));
		out_char(o, i + 1 == t->show.n ? '\n' : '\t');
	}
}

static void
put_value(const struct tab *t, const struct tab_row *row, enum tab_value v, struct out *o)
{
	const struct tab_waits *w = waits_of(row, v);

	if (v > V_WHOLE && v != V_PREEMPTED_WHOLE && w->ns.n == 0)
		out_char(o, '-');
	else if (tab_is_time(TAB_CELLS + (int)v))
		out_s64(o, w->max_t);
	else
		out_u64(o, value_of(t, row, v));
}

static void
put_row(const struct tab *t, const struct tab_row *row, struct out *o)
{
	size_t i;
	int column;

	for (i = 0; i < t->show.n; i++) {
		column = t->show.at[i];
		if (column < TAB_CELLS)
			out_str(o, intern_str(&t->texts, row->cell[column]));
		else
			put_value(t, row, (enum tab_value)(column - TAB_CELLS), o);
		out_char(o, i + 1 == t->show.n ? '\n' : '\t');
	}
}

/* Is anything of a row in the window? */
static bool
is_shown(const struct tab *t, const struct tab_row *row)
{
	size_t i;

	if (t->time.text == NULL ||
	    row->wait[WAIT_LATENCY].ns.n + row->wait[WAIT_PREEMPTED].ns.n > 0)
		return true;
	for (i = 1; i < t->nsum; i++)
		if (row->sum[i] > 0)
			return true;
	return false;
}

/* Choose the columns and the order that were not asked for. */
static void
set_defaults(struct tab *t)
{
	const struct tab_table *table = &tab_tables[t->by];
	const enum tab_value *v;
	int i;

	if (t->sort.n == 0 && table->sort != V_END)
		tab_add_column(&t->sort, TAB_CELLS + (int)table->sort);
	if (t->show.n > 0)
		return;
	for (i = 0; table->cells[i] != NULL; i++)
		tab_add_column(&t->show, i);
	for (v = table->value; *v != V_END; v++)
		tab_add_column(&t->show, TAB_CELLS + (int)*v);
}

void
tab_write(struct tab *t, struct out *o)
{
	size_t i, w;

	set_defaults(t);
	for (i = 0; i < t->keys.n; i++) {
		for (w = 0; w < WAITS; w++)
			percentiles_find(&t->row[i]->wait[w].ns, t->row[i]->wait[w].percentile);
	}
	if (t->keys.n > 0)
		qsort_r(t->row, t->keys.n, sizeof(struct tab_row *), row_order, t);
	put_header(t, o);
	for (i = 0; i < t->keys.n; i++)
		if (is_shown(t, t->row[i]))
			put_row(t, t->row[i], o);
}
