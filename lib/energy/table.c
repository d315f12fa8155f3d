/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "table.h"

enum { ERR_DIGITS = 9 };

static const char tidy_header[] =
    "run,t0_s,t1_s,dt_s,domain,loc,socket,die,core,cpu,counters,energy_j,err_j,power_w,flags,event";

void
table_init(struct table *t, struct out *out)
{
	*t =
	    (struct table){ .csv = { .out = out }, .digits = TABLE_DIGITS, .machine = STR("host") };
}

static void
begin(struct table *t)
{
	if (t->form == TABLE_TIDY)
		csv_header(&t->csv, tidy_header);
}

void
table_row(void *table, const struct meter_row *row)
{
	struct table *t = table;

	if (t->run == 0)
		begin(t);
	switch (t->form) {
	case TABLE_TIDY:
		t->run = row->run;
		table_tidy(t, row);
		break;
	case TABLE_RECORDS:
		table_record(t, row);
		break;
	case TABLE_WIDE:
		table_wide(t, row);
		break;
	default:
		table_total(t, row);
	}
}

void
table_end(struct table *t)
{
	if (t->run == 0 && t->form == TABLE_TIDY)
		begin(t);
	if (t->form == TABLE_WIDE)
		table_wide_end(t);
	if (t->form == TABLE_TOTALS)
		table_totals_end(t);
	if (t->form == TABLE_CORES)
		table_cores_end(t);
}

bool
table_report(const struct table *t, const struct meter *m,
    void (*note)(void *arg, const char *kind, const char *text), void *arg)
{
	bool doubt = t->excess > 0 || t->doubles > 0;
	const char *what;
	char line[256];
	uint64_t n;
	unsigned i;

	for (i = 0; i < METER_REMARKS; i++) {
		if ((n = meter_remark(m, i, &what, &doubt)) == 0)
			continue;
		snprintf(line, sizeof line, "%s (rows: %llu)", what, (unsigned long long)n);
		note(arg, NULL, line);
	}
	if (t->excess > 0)
		note(arg, NULL, "cores used more than their package: is a unit wrong?");
	if (t->doubles > 0)
		note(arg, NULL,
		    "two values for one interval and place: only the first is in this table");
	return doubt;
}

void
table_free(struct table *t)
{
	while (t->columns > 0)
		free((char *)t->name[--t->columns].p);
	free(t->name);
	free(t->column);
	free(t->total);
	free(t->order);
	hash_free(&t->names);
	spans_free(&t->spans);
}

void
table_time(struct table *t, int64_t ns)
{
	if (ns == RAPL_NO_TIME || __builtin_add_overflow(ns, t->start, &ns))
		csv_none(&t->csv);
	else
		csv_seconds(&t->csv, ns);
}

void
table_flags(struct out *o, const struct meter_row *row)
{
	static const struct str names[RAPL_FLAGS] = { { "locale", 6 }, { "mux", 3 }, { "", 0 },
		{ "dtrun", 5 }, { "nodt", 4 }, { "cut", 3 }, { "notcounted", 10 },
		{ "notsupported", 12 }, { "wrap", 4 }, { "reset", 5 }, { "ambig:", 6 },
		{ "implausible", 11 }, { "long", 4 }, { "mirror", 6 }, { "sum", 3 },
		{ "summary", 7 } };
	bool first = true;
	unsigned i;

	for (i = 0; i < RAPL_FLAGS; i++) {
		if ((row->flags >> i & 1) == 0 || names[i].n == 0)
			continue;
		if (!first)
			out_char(o, ';');
		first = false;
		out_str(o, names[i]);
		if (1u << i == RAPL_AMBIGUOUS)
			out_u64(o, row->ambiguous);
	}
}

static void
power(struct table *t, const struct meter_row *row)
{
	energy_int watts;

	if (row->known && row->dt != RAPL_NO_TIME &&
	    energy_watts(row->energy, row->dt, t->digits, &watts))
		csv_decimal(&t->csv, watts, t->digits);
	else if (row->power)
		csv_energy(&t->csv, row->watts, t->digits, false);
	else
		csv_none(&t->csv);
}

void
table_tidy(struct table *t, const struct meter_row *row)
{
	const struct rapl_place *place = &row->series->place;
	struct csv *c = &t->csv;

	csv_number(c, row->run);
	table_time(t, row->t0);
	table_time(t, row->t1);
	if (row->dt == RAPL_NO_TIME)
		csv_none(c);
	else
		csv_seconds(c, row->dt);
	csv_str(c, rapl_domain_name(row->series->domain));
	csv_str(c, (struct str){ place->name, place->len });
	csv_number(c, place->socket);
	csv_number(c, place->die);
	csv_number(c, place->core);
	csv_number(c, place->cpu);
	csv_number(c, row->counters);
	if (row->known) {
		csv_energy(c, row->energy, t->digits, t->exact);
		csv_energy(c, row->err, ERR_DIGITS, false);
	} else {
		csv_none(c);
		csv_none(c);
	}
	power(t, row);
	csv_none(c);
	table_flags(c->out, row);
	csv_str(c, row->series->event);
	csv_end(c);
}
