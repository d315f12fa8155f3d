/* SPDX-License-Identifier: MIT */

#include <stdio.h>

#include "rec/pairs.h"
#include "rec/rec.h"
#include "table.h"

/* What output may have for each byte of input, and beyond that. */
enum { FACTOR = 256, ALLOWANCE = 1000 * 1000 };

static const char tidy_header[] =
    "run,t0_s,t1_s,dt_s,domain,loc,socket,die,core,cpu,counters,energy_j,err_j,power_w,flags,event";

void
table_init(struct table *t, struct out *out)
{
	*t = (struct table){ .csv = { .out = out, .digits = TABLE_DIGITS },
		.machine = STR("host"),
		.totals.csv = &t->csv,
		.wide.csv = &t->csv };
}

void
table_free(struct table *t)
{
	totals_free(&t->totals);
	wide_free(&t->wide);
	strbuf_free(&t->text);
	strbuf_free(&t->info);
}

void
table_again(struct table *t, uint64_t input)
{
	uint64_t allowed;

	if (__builtin_mul_overflow(input, FACTOR, &allowed) ||
	    __builtin_add_overflow(allowed, ALLOWANCE, &allowed))
		allowed = UINT64_MAX;
	wide_start(&t->wide, allowed);
}

/* The flags of a row, separated by semicolons. */
static struct str
flags_of(struct strbuf *b, const struct meter_row *row)
{
	static const struct str names[RAPL_FLAGS] = { STR_INIT("locale"), STR_INIT("mux"),
		STR_INIT(""), STR_INIT("dtrun"), STR_INIT("nodt"), STR_INIT("cut"),
		STR_INIT("notcounted"), STR_INIT("notsupported"), STR_INIT("wrap"),
		STR_INIT("reset"), STR_INIT("ambig:"), STR_INIT("implausible"), STR_INIT("long"),
		STR_INIT("mirror"), STR_INIT("sum"), STR_INIT("summary"), STR_INIT("unnamed") };
	unsigned i;

	strbuf_clear(b);
	for (i = 0; i < RAPL_FLAGS; i++) {
		if ((row->flags >> i & 1) == 0 || names[i].n == 0)
			continue;
		if (b->n > 0)
			strbuf_putc(b, ';');
		strbuf_add(b, names[i]);
		if (1u << i == RAPL_AMBIGUOUS)
			b->n += text_put_u64(strbuf_reserve(b, TEXT_NUMBER), row->ambiguous);
	}
	return strbuf_str(b);
}

/* --- tidy */

static void
put_tidy(struct table *t, const struct meter_row *row)
{
	const struct rapl_place *place = &row->series->place;
	const struct energy *energy = row->known ? &row->energy : NULL;
	struct csv *c = &t->csv;
	energy_int watts;

	csv_number(c, row->run);
	csv_time(c, row->t0);
	csv_time(c, row->t1);
	csv_seconds(c, row->dt);
	csv_str(c, rapl_domain_name(row->series->domain));
	csv_str(c, rapl_place_str(place));
	csv_number(c, place->socket);
	csv_number(c, place->die);
	csv_number(c, place->core);
	csv_number(c, place->cpu);
	csv_number(c, row->counters);
	csv_energy(c, energy);
	csv_error(c, row->known ? &row->err : NULL);
	if (row->power && energy_scaled(row->energy, c->digits, &watts))
		csv_scaled(c, watts);
	else
		csv_watts(c, energy, row->dt);
	csv_str(c, flags_of(&t->text, row));
	csv_str(c, row->series->event);
	csv_end_row(c);
}

/* --- energy records; sluice-counter(5) */

static void
add_number(struct strbuf *info, struct str key, uint64_t v)
{
	char d[TEXT_NUMBER];

	pairs_add(info, key, (struct str){ d, text_put_u64(d, v) });
}

/* The name of a place that its numbers do not give: a node, a cluster; "-" for any other. */
static struct str
special_place(const struct rapl_place *place)
{
	struct rapl_place same;

	if (place->cpu != RAPL_NOWHERE)
		rapl_place_cpu(&same, place->cpu);
	else
		rapl_place_core(&same, place->socket, place->die, place->core);
	return str_eq(rapl_place_str(&same), rapl_place_str(place)) ? STR_NONE
								    : rapl_place_str(place);
}

static struct str
info_of(struct table *t, const struct meter_row *row)
{
	struct strbuf *info = &t->info;
	char watts[ENERGY_NUMBER];

	strbuf_clear(info);
	add_number(info, STR("run"), row->run);
	if (!t->started && t->base.n > 0 && row->t1 != RAPL_NO_TIME)
		pairs_add(info, STR("base"), t->base);
	if (row->counters >= 0)
		add_number(info, STR("counters"), (uint64_t)row->counters);
	pairs_add(info, STR("place"), special_place(&row->series->place));
	if (row->power)
		pairs_add(info, STR("watts"),
		    (struct str){ watts, energy_put_exact(watts, row->energy) });
	if (flags_of(&t->text, row).n > 0)
		pairs_add(info, STR("flags"), strbuf_str(&t->text));
	return strbuf_str(info);
}

static int64_t
record_time(const struct table *t, int64_t ns)
{
	if (ns == RAPL_NO_TIME || __builtin_add_overflow(ns, t->csv.start, &ns))
		return REC_NO_NS;
	return ns;
}

static void
put_record(struct table *t, const struct meter_row *row)
{
	const struct meter_series *s = row->series;
	char joules[ENERGY_NUMBER], error[ENERGY_NUMBER], *event;
	struct rec r = { .kind = REC_ENERGY,
		.t = record_time(t, row->t0),
		.machine = t->machine,
		.cpu = s->place.cpu,
		.pid = REC_NO_ID,
		.tid = REC_NO_ID,
		.energy = { .end = record_time(t, row->t1),
		    .domain = rapl_domain_name(s->domain),
		    .socket = s->place.socket,
		    .die = s->place.die,
		    .core = s->place.core,
		    .joules = STR_NONE,
		    .error = STR_NONE,
		    .info = info_of(t, row) } };

	strbuf_clear(&t->text);
	event = strbuf_reserve(&t->text, 4 * s->event.n + 1);
	r.energy.event = (struct str){ event, text_escape(event, s->event.p, s->event.n, "") };
	if (row->known) {
		r.energy.joules = (struct str){ joules, energy_put_exact(joules, row->energy) };
		r.energy.error = (struct str){ error, energy_put_exact(error, row->err) };
	}
	rec_put(t->csv.out, &r);
}

/* --- all forms */

static void
begin(struct table *t)
{
	if (t->form == TABLE_TIDY && !t->begun)
		csv_header(&t->csv, tidy_header);
	t->totals.cores = t->form == TABLE_CORES;
	t->begun = true;
}

void
table_row(void *table, const struct meter_row *row)
{
	bool again = (row->flags & (RAPL_MIRROR | RAPL_SUM | RAPL_SUMMARY)) != 0;
	struct table *t = table;

	begin(t);
	if (t->form == TABLE_TIDY)
		put_tidy(t, row);
	else if (t->form == TABLE_RECORDS)
		put_record(t, row);
	else if (t->form == TABLE_WIDE && !again)
		wide_row(&t->wide, row);
	else if (!again)
		totals_row(&t->totals, row);
}

void
table_end(struct table *t)
{
	begin(t);
	if (t->form == TABLE_WIDE)
		wide_end(&t->wide);
	if (t->form == TABLE_TOTALS || t->form == TABLE_CORES)
		totals_end(&t->totals);
}

bool
table_report(const struct table *t, const struct meter *m,
    void (*note)(void *arg, const char *kind, const char *text), void *arg)
{
	bool doubt = t->totals.excess > 0 || t->wide.doubles > 0 || t->wide.full;
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
	if (t->totals.excess > 0)
		note(arg, NULL, "cores used more than their package: is a unit wrong?");
	if (t->wide.doubles > 0)
		note(arg, NULL,
		    "two values for one interval and place: this table has the first only");
	if (t->wide.full)
		note(arg, NULL,
		    "cut short: the wide table has too many counters that share no intervals");
	return doubt;
}
