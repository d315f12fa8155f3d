/* SPDX-License-Identifier: MIT */
/* table_wide - a row an interval, two columns a counter: what may be added up within a domain, as
 * there are no flags to tell what may not */

#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "table.h"

struct cell {
	bool taken, known, power;
	struct energy energy;
	energy_int watts;
};

struct cells {
	uint32_t run;
	int64_t dt;
	struct cell cell[];
};

/* DOMAIN_PLACE, with _ for -. */
static struct str
name_of(const struct meter_series *s)
{
	struct str domain = rapl_domain_name(s->domain);
	size_t n = domain.n + (s->place.len > 0) + s->place.len, i;
	char *d = mem_alloc(n + 1);

	memcpy(d, domain.p, domain.n);
	memcpy(d + n - s->place.len, s->place.name, s->place.len);
	if (s->place.len > 0)
		d[domain.n] = '_';
	for (i = domain.n; i < n; i++)
		if (d[i] == '-')
			d[i] = '_';
	return (struct str){ d, n };
}

/* The column of a series, made where there is none yet. */
static void
add_column(struct table *t, const struct meter_series *s)
{
	struct str name;
	uint64_t key, *at;
	size_t i;

	while (t->cap_column <= s->index) {
		i = t->cap_column;
		t->column = mem_grow(t->column, i, &t->cap_column, sizeof *t->column);
		memset(t->column + i, 0, (t->cap_column - i) * sizeof *t->column);
	}
	if (t->column[s->index] != 0)
		return;
	name = name_of(s);
	key = digest_bytes(0, name.p, name.n);
	while ((at = hash_get(&t->names, key)) != NULL && !str_eq(t->name[*at], name))
		key++;
	t->column[s->index] = (uint32_t)(at == NULL ? t->columns : *at) + 1;
	if (at != NULL) {
		free((char *)name.p);
		return;
	}
	*hash_put(&t->names, key) = t->columns;
	t->name = mem_grow(t->name, t->columns, &t->cap_name, sizeof *t->name);
	t->name[t->columns++] = name;
}

static void
put_row(void *table, struct span *span)
{
	const struct cells *cells = span->data;
	struct table *t = table;
	const struct cell *c;
	size_t i;

	csv_number(&t->csv, cells->run);
	table_time(t, span->t0);
	table_time(t, span->t1);
	if (cells->dt == RAPL_NO_TIME)
		csv_none(&t->csv);
	else
		csv_seconds(&t->csv, cells->dt);
	for (i = 0; i < t->columns; i++) {
		c = &cells->cell[i];
		if (c->known)
			csv_energy(&t->csv, c->energy, t->digits, t->exact);
		else
			csv_none(&t->csv);
		if (c->power)
			csv_decimal(&t->csv, c->watts, t->digits);
		else
			csv_none(&t->csv);
	}
	csv_end(&t->csv);
}

static void
put_header(struct table *t)
{
	struct out *o = t->csv.out;
	size_t i;

	out_str(o, STR("run,t0_s,t1_s,dt_s"));
	for (i = 0; i < t->columns; i++) {
		out_char(o, ',');
		out_str(o, t->name[i]);
		out_str(o, STR("_j,"));
		out_str(o, t->name[i]);
		out_str(o, STR("_w"));
	}
	csv_end(&t->csv);
}

void
table_again(struct table *t)
{
	t->columns_known = true;
	t->spans = (struct spans){ .close = put_row,
		.arg = t,
		.size = sizeof(struct cells) + t->columns * sizeof(struct cell) };
	put_header(t);
}

void
table_wide(struct table *t, const struct meter_row *row)
{
	struct cells *cells;
	struct cell *c;

	if (!table_counts(row))
		return;
	if (!t->columns_known) {
		add_column(t, row->series);
		return;
	}
	if (t->run != row->run)
		spans_flush(&t->spans);
	t->run = row->run;
	cells = spans_find(&t->spans, row->t0, row->t1)->data;
	cells->run = row->run;
	cells->dt = row->dt;
	c = &cells->cell[t->column[row->series->index] - 1];
	if (c->taken) {
		t->doubles++;
		return;
	}
	c->taken = true;
	c->known = row->known;
	c->energy = row->energy;
	c->power = row->known && row->dt != RAPL_NO_TIME &&
		   energy_watts(row->energy, row->dt, t->digits, &c->watts);
	if (row->power)
		c->power = energy_scaled(row->watts, t->digits, &c->watts);
}

void
table_wide_end(struct table *t)
{
	if (t->columns_known)
		spans_flush(&t->spans);
}
