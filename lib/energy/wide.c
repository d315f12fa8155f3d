/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "wide.h"

struct cell {
	bool taken, known;
	struct energy energy;
	energy_int watts; /* below 0: not known */
};

struct cells {
	uint32_t run;
	int64_t dt;
	struct cell cell[];
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
	size_t n = w->cap_column;

	while (w->cap_column <= s->index) {
		w->column = mem_grow(w->column, w->cap_column, &w->cap_column, sizeof *w->column);
		memset(w->column + n, 0, (w->cap_column - n) * sizeof *w->column);
		n = w->cap_column;
	}
	if (w->column[s->index] == 0)
		w->column[s->index] = column_named(w, s) + 1;
}

/* Write a row, unless the table becomes too large. */
static void
put_row(void *wide, struct span *span)
{
	const struct cells *cells = span->data;
	struct wide *w = wide;
	struct csv *c = w->csv;
	const struct cell *cell;
	size_t begin, i;

	out_room(c->out, (4 + 2 * w->names.n) * (ENERGY_NUMBER + 1)); /* no flush before the end */
	begin = c->out->n;
	csv_number(c, cells->run);
	csv_time(c, span->t0);
	csv_time(c, span->t1);
	csv_seconds(c, cells->dt);
	for (i = 0; i < w->names.n; i++) {
		cell = &cells->cell[i];
		csv_energy(c, cell->known ? &cell->energy : NULL);
		csv_scaled(c, cell->taken ? cell->watts : -1);
	}
	csv_end_row(c);
	w->written += c->out->n - begin;
	if (w->written > w->allowed) {
		w->full = true;
		c->out->n = begin;
	}
}

void
wide_start(struct wide *w, uint64_t allowed)
{
	struct out *o = w->csv->out;
	struct str name;
	uint32_t i;

	w->started = true;
	w->allowed = allowed;
	w->spans = (struct spans){ .close = put_row,
		.arg = w,
		.size = sizeof(struct cells) + w->names.n * sizeof(struct cell) };
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
set_cell(const struct wide *w, struct cell *c, const struct meter_row *row)
{
	c->taken = true;
	c->known = row->known;
	c->energy = row->energy;
	if (row->known ? row->dt == RAPL_NO_TIME ||
			     !energy_watts(row->energy, row->dt, w->csv->digits, &c->watts)
		       : !row->power || !energy_scaled(row->energy, w->csv->digits, &c->watts))
		c->watts = -1;
}

void
wide_row(struct wide *w, const struct meter_row *row)
{
	struct cells *cells;
	struct cell *c;

	if (!w->started)
		add_column(w, row->series);
	if (!w->started || w->full)
		return;
	if (w->run != row->run)
		spans_flush(&w->spans);
	w->run = row->run;
	cells = spans_find(&w->spans, row->t0, row->t1)->data;
	cells->run = row->run;
	cells->dt = row->dt;
	c = &cells->cell[w->column[row->series->index] - 1];
	if (c->taken)
		w->doubles++;
	else
		set_cell(w, c, row);
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
