/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "wide.h"

enum { MAX_CELLS = 1 << 18 }; /* the most that wait for the end of their intervals */

struct cell {
	struct energy energy;
	energy_int watts; /* below 0: not known */
	uint32_t column;
	uint32_t order; /* of arrival */
	bool known;     /* the energy is */
};

/* A row: its cells, unsorted, those of one column several times. */
struct cells {
	uint32_t run;
	int64_t dt;
	struct cell *cell;
	size_t n, cap;
};

/* The number of a column: DOMAIN_PLACE, with _ for -. */
static uint32_t
column_named(struct wide *w, const struct meter_series *s)
{
	struct str domain = rapl_domain_name(s->domain);
	char name[16 + RAPL_PLACE_NAME] = "", *d = str_put(name, domain), *p;

	if (s->place.len > 0) {
		*d++ = '_';
		d = str_put(d, rapl_place_str(&s->place));
	}
	for (p = name; p < d; p++)
		*p = *p == '-' ? '_' : *p;
	return intern_put(&w->names, (struct str){ name, (size_t)(d - name) });
}

static void
add_column(struct wide *w, const struct meter_series *s)
{
	w->column = mem_grow_zeroed(w->column, s->index, &w->cap_column, sizeof *w->column);
	if (w->column[s->index] == 0)
		w->column[s->index] = column_named(w, s) + 1;
}

static int
by_column(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;

	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Sort the cells of a row, and keep the first of each column. */
static void
settle(struct wide *w, struct cells *cells)
{
	size_t i, n = 0;

	for (i = 1; i < cells->n && cells->cell[i - 1].column < cells->cell[i].column;)
		i++;
	if (i >= cells->n)
		return;
	qsort(cells->cell, cells->n, sizeof *cells->cell, by_column);
	for (i = 0; i < cells->n; i++)
		if (n == 0 || cells->cell[i].column != cells->cell[n - 1].column)
			cells->cell[n++] = cells->cell[i];
	w->doubles += cells->n - n;
	w->cells -= cells->n - n;
	cells->n = n;
}

static void
put_cells(const struct wide *w, const struct cells *cells)
{
	const struct cell *cell = cells->cell, *end = cell + cells->n;
	uint32_t column = 0;

	for (; cell < end; cell++) {
		csv_skip(w->csv, 2 * (cell->column - column));
		csv_energy(w->csv, cell->known ? &cell->energy : NULL);
		csv_scaled(w->csv, cell->watts);
		column = cell->column + 1;
	}
	csv_skip(w->csv, 2 * (w->names.n - column));
}

/* Write a row, unless the table becomes too large. */
static void
put_row(void *wide, struct span *span)
{
	struct cells *cells = span->data;
	struct wide *w = wide;
	struct csv *c = w->csv;
	size_t begin;

	settle(w, cells);
	out_room(c->out, 2 * w->names.n + (4 + 2 * cells->n) * (ENERGY_NUMBER + 1)); /* no flush */
	begin = c->out->n;
	csv_number(c, cells->run);
	csv_time(c, span->t0);
	csv_time(c, span->t1);
	csv_seconds(c, cells->dt);
	put_cells(w, cells);
	csv_end_row(c);
	w->written += c->out->n - begin;
	w->full = w->full || w->written > w->allowed;
	if (w->full)
		c->out->n = begin;
	w->cells -= cells->n;
	free(cells->cell);
}

void
wide_start(struct wide *w, uint64_t allowed)
{
	struct out *o = w->csv->out;
	struct str name;
	uint32_t i;

	w->started = true;
	w->allowed = allowed;
	w->spans = (struct spans){ .close = put_row, .arg = w, .size = sizeof(struct cells) };
	out_str(o, STR("run,t0_s,t1_s,dt_s"));
	for (i = 0; i < w->names.n; i++) {
		name = intern_str(&w->names, i);
		out_char(o, ',');
		out_str(o, name);
		out_str(o, STR("_j,"));
		out_str(o, name);
		out_str(o, STR("_w"));
		w->written += 2 * name.n + 6;
	}
	csv_end_row(w->csv);
}

static void
add_cell(struct wide *w, struct cells *cells, const struct meter_row *row)
{
	struct cell *c;

	if (cells->n > 2 * w->names.n)
		settle(w, cells);
	if (cells->n == cells->cap) { /* most rows of a sparse table have few */
		cells->cap = cells->cap == 0 ? 4 : 2 * cells->cap;
		cells->cell = mem_resize(cells->cell, cells->cap, sizeof *cells->cell);
	}
	c = &cells->cell[cells->n];
	*c = (struct cell){ .energy = row->energy,
		.watts = -1,
		.column = w->column[row->series->index] - 1,
		.order = (uint32_t)cells->n++,
		.known = row->known };
	w->cells++;
	if (row->power)
		energy_scaled(row->energy, w->csv->digits, &c->watts);
	else if (row->known && row->dt != RAPL_NO_TIME)
		energy_watts(row->energy, row->dt, w->csv->digits, &c->watts);
}

void
wide_row(struct wide *w, const struct meter_row *row)
{
	struct cells *cells;

	if (!w->started)
		add_column(w, row->series);
	if (!w->started || w->full)
		return;
	if (w->run != row->run || w->cells == MAX_CELLS)
		spans_flush(&w->spans);
	w->run = row->run;
	cells = spans_find(&w->spans, row->t0, row->t1)->data;
	cells->run = row->run;
	cells->dt = row->dt;
	add_cell(w, cells, row);
}

void
wide_end(struct wide *w)
{
	if (w->started)
		spans_flush(&w->spans);
}

void
wide_free(struct wide *w)
{
	free(w->column);
	intern_free(&w->names);
	spans_free(&w->spans);
}
