/* SPDX-License-Identifier: MIT */
/* rapl2csv - recorded energy counters as a table, exact, with their error */

#include <getopt.h>

#include "energy/readings.h"
#include "energy/table.h"
#include "filter.h"

enum { CORES = FILTER_LONG, COUNTERS, CRLF, DIGITS, ELAPSED, EXACT, INTERVAL, MAX_WATTS };
enum { MODEL = MAX_WATTS + 1, RECORDS, START, TOTALS, UNIT, WIDE };
enum { SHOWN = 100 }; /* bad lines that are told one by one */

static const struct filter_option options[] = {
	{ 'm', NULL, "name", "what to call the recorded machine in records (host)" },
	{ CORES, "cores", NULL, "what the cores of each package used beside the package" },
	{ COUNTERS, "counters", "n", "counters added up in a count that does not say so" },
	{ CRLF, "crlf", NULL, "line ends as RFC 4180 has them" },
	{ DIGITS, "digits", "n", "decimals of energy and power (6)" },
	{ ELAPSED, "elapsed", "sec", "the length of a count that does not say so" },
	{ EXACT, "exact", NULL, "energy with all its decimals" },
	{ INTERVAL, "interval", "sec", "turbostat's interval" },
	{ MAX_WATTS, "max-watts", "n", "a counter's most (1000; 10000 in what perf stat prints)" },
	{ MODEL, "model", "name", "the CPU, for the units of its registers" },
	{ RECORDS, "records", NULL, "energy records" },
	{ START, "start", "time", "added to all times" },
	{ TOTALS, "totals", NULL, "a row a counter, a row a domain" },
	{ UNIT, "unit", "unit", "what a count is worth: domain=2^-14, domain=15.3uJ, or exact" },
	{ WIDE, "wide", NULL, "a row an interval, two columns a counter" },
	{ 0 },
};

struct convert {
	struct filter f;
	struct meter_options meter;
	struct rapl_units units;
	struct table table;
	uint64_t bad; /* lines */
};

static void
set_seconds(struct filter *f, int64_t *ns)
{
	const char *end = optarg + strlen(optarg);

	if (rapl_seconds(optarg, end, ns) != end || *ns == 0)
		filter_usage(f, "\"%s\": not a number of seconds", optarg);
}

static void
set_form(struct convert *c, enum table_form form)
{
	if (c->table.form != TABLE_TIDY)
		filter_usage(&c->f, "--cores, --records, --totals, --wide: only one of them");
	c->table.form = form;
}

static void
set_option(struct convert *c, int id)
{
	if (id == COUNTERS)
		c->meter.counters = filter_number(&c->f, 1, INT32_MAX);
	else if (id == DIGITS)
		c->table.digits = (unsigned)filter_number(&c->f, 0, ENERGY_DIGITS);
	else if (id == ELAPSED)
		set_seconds(&c->f, &c->meter.elapsed);
	else if (id == INTERVAL)
		set_seconds(&c->f, &c->meter.interval);
	else if (id == MAX_WATTS)
		c->meter.max_watts = filter_number(&c->f, 1, 1000000000);
	else if (id == MODEL && (c->units.model = rapl_model(optarg)) == NULL)
		filter_usage(&c->f, "\"%s\": not a model that is known", optarg);
	else if (id == UNIT && !rapl_units_add(&c->units, optarg))
		filter_usage(&c->f, "\"%s\": not a unit", optarg);
	else if (id == 'm')
		c->table.machine = filter_machine(&c->f);
	else if (id == START)
		c->table.start = filter_time(&c->f, optarg);
	else if (id == CORES || id == RECORDS)
		set_form(c, id == CORES ? TABLE_CORES : TABLE_RECORDS);
	else if (id == TOTALS || id == WIDE)
		set_form(c, id == TOTALS ? TABLE_TOTALS : TABLE_WIDE);
	c->table.started |= id == START;
	c->table.exact |= id == EXACT;
	c->table.csv.crlf |= id == CRLF;
}

/* Read it all; what is wrong with lines is said by the pass that writes. */
static void
convert(struct convert *c, struct meter *m, bool say)
{
	struct readings rs;
	struct rapl_line l;

	readings_init(&rs, &c->f.in, &c->units, c->meter.interval);
	rs.copy = c->table.form == TABLE_RECORDS ? &c->f.out : NULL;
	meter_init(m, &c->meter, table_row, &c->table);
	while (c->f.out.error == 0 && readings_next(&rs, &l)) {
		c->table.base = readings_base(&rs);
		if (!meter_line(m, &l) && l.is != RAPL_BAD)
			rapl_bad(&l, "%s", m->why);
		if (l.is == RAPL_BAD && say && (c->bad++ < SHOWN || c->f.verbose))
			filter_note(&c->f, "%s:%llu: %s", c->f.in.name,
			    (unsigned long long)readings_number(&rs), l.why);
	}
	meter_end(m);
	table_end(&c->table);
	c->f.rec.fault = rs.rec.fault;
	readings_free(&rs);
}

static void
say(void *arg, const char *what)
{
	const struct filter *f = arg;

	filter_note(f, "%s: %s", f->in.name, what);
}

int
main(int argc, char *argv[])
{
	struct convert c = { .f = { "rapl2csv",
				 "turn recorded energy counters into a table of joules and watts",
				 .options = options, .argc = argc, .argv = argv } };
	struct meter m;
	bool doubt;
	int id;

	table_init(&c.table, &c.f.out);
	while ((id = filter_option(&c.f)) != -1)
		set_option(&c, id);
	if (!filter_open(&c.f) || !readings_is_text(&c.f.in, &c.f.fault))
		return filter_close(&c.f);
	if (c.table.form == TABLE_WIDE && input_spool(&c.f.in)) {
		convert(&c, &m, false);
		meter_free(&m);
		table_again(&c.table);
		input_seek(&c.f.in, 0);
	}
	convert(&c, &m, true);
	if (c.bad > SHOWN && !c.f.verbose)
		filter_note(&c.f, "%s: %llu bad lines", c.f.in.name, (unsigned long long)c.bad);
	doubt = table_report(&c.table, &m, say, &c.f) || c.bad > 0;
	if (m.rows == 0 && c.bad == 0 && !fault_is(&c.f.in.fault))
		fault_set(&c.f.fault, "%s: no energy counters in it", c.f.in.name);
	meter_free(&m);
	table_free(&c.table);
	return filter_close(&c.f) != 0 || doubt;
}
