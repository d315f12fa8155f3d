/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/columns.h"
#include "base/sum.h"
#include "base/units.h"
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
	uint64_t sum = 0, over = 0;
	size_t i;

	for (i = 0; i < t->sort.n; i++)
		sum_add(&sum, value_of(t, row, (enum tab_value)(t->sort.at[i] - TAB_CELLS)),
		    UINT64_MAX, &over);
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

static struct str
column_name(const struct tab *t, int column)
{
	return str_of(column < TAB_CELLS ? tab_tables[t->by].cells[column]
					 : tab_value_names[column - TAB_CELLS]);
}

static void
put_header(const struct tab *t, struct out *o)
{
	size_t i;

	for (i = 0; i < t->show.n; i++) {
		out_str(o, column_name(t, t->show.at[i]));
		out_char(o, i + 1 == t->show.n ? '\n' : '\t');
	}
}

/* Is a column one of a percentile or a maximum of nothing? */
static bool
is_of_none(const struct tab_row *row, enum tab_value v)
{
	return v > V_WHOLE && v != V_PREEMPTED_WHOLE && waits_of(row, v)->ns.n == 0;
}

static void
put_value(const struct tab *t, const struct tab_row *row, enum tab_value v, struct out *o)
{
	if (is_of_none(row, v))
		out_char(o, '-');
	else if (tab_is_time(TAB_CELLS + (int)v))
		out_s64(o, waits_of(row, v)->max_t);
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

/* Are there rows of several machines? */
static bool
has_machines(const struct tab *t)
{
	size_t i = 1;

	while (i < t->keys.n && t->row[i]->cell[0] == t->row[0]->cell[0])
		i++;
	return i < t->keys.n;
}

/* Is 1 percent or more of the time unknown? */
static bool
is_much_unknown(const struct tab *t)
{
	uint64_t all = 0, unknown = 0, over = 0;
	size_t i;
	int v;

	for (i = 0; i < t->keys.n; i++) {
		for (v = V_RUN; v <= V_UNKNOWN; v++)
			if (t->place[v] > 0)
				sum_add(&all, t->row[i]->sum[t->place[v]], UINT64_MAX, &over);
		sum_add(&unknown, t->row[i]->sum[t->place[V_UNKNOWN]], UINT64_MAX, &over);
	}
	return unknown > 0 && 100 * (double)unknown >= (double)all;
}

/* Is a column one that a reader wants first? */
static bool
is_brief(const struct tab *t, int column)
{
	static const enum tab_value brief[] = { V_TASKS, V_RUN, V_WAIT, V_PREEMPTED, V_BLOCK,
		V_IDLE, V_RUNS, V_WAKES, V_ENDED, V_WAITED, V_COUNT, V_TOTAL, V_BYTES, V_ERRORS,
		V_P99, V_MAX, V_PREEMPTED_MAX };
	size_t i = 0;

	if (column < TAB_CELLS)
		return !(t->by == TAB_TASK && (column == 2 || column == 3)) &&
		       (column > 0 || has_machines(t));
	if (column == TAB_CELLS + V_UNKNOWN)
		return is_much_unknown(t);
	while (i < sizeof brief / sizeof *brief && (int)brief[i] != column - TAB_CELLS)
		i++;
	return i < sizeof brief / sizeof *brief;
}

/* Add a column that was not asked for. */
static void
show(struct tab *t, int column)
{
	if (!t->aligned || is_brief(t, column))
		tab_add_column(&t->show, column);
}

/* Choose the columns and the order that were not asked for. Texts come last if columns are aligned:
 * the last one may be long. */
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
	for (i = 0; !t->aligned && table->cells[i] != NULL; i++)
		show(t, i);
	for (v = table->value; *v != V_END; v++)
		show(t, TAB_CELLS + (int)*v);
	for (i = 0; t->aligned && table->cells[i] != NULL; i++)
		show(t, i);
}

/* --- aligned columns */

static bool
is_duration(struct str name)
{
	return name.n > 3 && memcmp(name.p + name.n - 3, "_ns", 3) == 0;
}

/* The text of a value with its unit. */
static struct units
units_of(const struct tab *t, const struct tab_row *row, enum tab_value v)
{
	uint64_t value;

	if (is_of_none(row, v))
		return (struct units){ "-" };
	if (tab_is_time(TAB_CELLS + (int)v))
		return units_stamp(waits_of(row, v)->max_t);
	value = value_of(t, row, v);
	return is_duration(str_of(tab_value_names[v])) ? units_short(value) : units_count(value);
}

static void
put_aligned(const struct tab *t, const struct tab_row *row, struct columns *c)
{
	size_t i;
	int column;

	for (i = 0; i < t->show.n; i++) {
		column = t->show.at[i];
		if (column < TAB_CELLS)
			columns_put(c, intern_str(&t->texts, row->cell[column]));
		else
			columns_put(
			    c, str_of(units_of(t, row, (enum tab_value)(column - TAB_CELLS)).s));
	}
}

static void
put_all_aligned(const struct tab *t, struct columns *c)
{
	size_t i;

	for (i = 0; i < t->keys.n; i++)
		if (is_shown(t, t->row[i]))
			put_aligned(t, t->row[i], c);
}

static void
write_aligned(const struct tab *t, struct out *o)
{
	struct columns c = { 0 };
	struct str name;
	size_t i;
	int column;

	for (i = 0; i < t->show.n; i++) {
		column = t->show.at[i];
		name = column_name(t, column);
		name.n -= is_duration(name) ? strlen("_ns") : 0;
		columns_add(&c, name, 0, column < TAB_CELLS);
	}
	put_all_aligned(t, &c);
	columns_head(&c, o);
	put_all_aligned(t, &c);
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
	if (t->aligned) {
		write_aligned(t, o);
		return;
	}
	put_header(t, o);
	for (i = 0; i < t->keys.n; i++)
		if (is_shown(t, t->row[i]))
			put_row(t, t->row[i], o);
}
