/* SPDX-License-Identifier: MIT */
/* rapl2csv - recorded energy counters as a table, exact, with their error */

#include <getopt.h>

#include "energy/readings.h"
#include "energy/table.h"
#include "filter.h"

enum {
	OPT_CORES = FILTER_LONG,
	OPT_COUNTERS,
	OPT_CRLF,
	OPT_DIGITS,
	OPT_ELAPSED,
	OPT_EXACT,
	OPT_INTERVAL,
	OPT_MAX_WATTS,
	OPT_MODEL,
	OPT_MSR,
	OPT_RECORDS,
	OPT_START,
	OPT_TOTALS,
	OPT_UNIT,
	OPT_WIDE,
	OPT_ZONE
};

enum { SHOWN = 100 }; /* the bytes of a bad line that are shown */

static const struct filter_option options[] = {
	{ 'm', NULL, "name", "the name of the machine in the records (host)" },
	{ OPT_CORES, "cores", NULL,
	    "write what the cores of each package used beside the package" },
	{ OPT_COUNTERS, "counters", "n", "the number of counters in a count that does not say it" },
	{ OPT_CRLF, "crlf", NULL, "end lines with CR LF, as in RFC 4180" },
	{ OPT_DIGITS, "digits", "n", "the decimals of energy and power (6)" },
	{ OPT_ELAPSED, "elapsed", "sec", "the length of a count that does not say it" },
	{ OPT_EXACT, "exact", NULL, "write all decimals of energies" },
	{ OPT_INTERVAL, "interval", "sec", "the interval of turbostat, or of rdmsr's bare values" },
	{ OPT_MAX_WATTS, "max-watts", "n",
	    "the highest possible power of a counter (1000; 10000 in what perf stat prints)" },
	{ OPT_MODEL, "model", "name", "the CPU, for the units of its registers" },
	{ OPT_MSR, "msr", "list",
	    "the registers that rdmsr's bare values are of: 0x606,0x611[:cpus]" },
	{ OPT_RECORDS, "records", NULL, "write energy records instead of CSV" },
	{ OPT_START, "start", "time", "add this to all times" },
	{ OPT_TOTALS, "totals", NULL, "write a row for each counter and a row for each domain" },
	{ OPT_UNIT, "unit", "unit",
	    "what a count is worth: domain=2^-14, domain=15.3uJ, or exact" },
	{ OPT_WIDE, "wide", NULL,
	    "write a row for each interval, with two columns for each counter" },
	{ OPT_ZONE, "zone", "id=name", "the name of a zone of powercap: intel-rapl:0:1=dram" },
	FILTER_SPOOL_MAX,
	{ 0 },
};

struct convert {
	struct filter f;
	struct meter_options meter;
	struct readings_options readings;
	struct table table;
	bool bad; /* a line was */
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
	if (id == 'm')
		c->table.machine = filter_machine(&c->f);
	else if (id == OPT_CORES || id == OPT_RECORDS)
		set_form(c, id == OPT_CORES ? TABLE_CORES : TABLE_RECORDS);
	else if (id == OPT_COUNTERS)
		c->meter.counters = filter_number(&c->f, 1, INT32_MAX);
	else if (id == OPT_CRLF)
		c->table.csv.crlf = true;
	else if (id == OPT_DIGITS)
		c->table.csv.digits = (unsigned)filter_number(&c->f, 0, ENERGY_DIGITS);
	else if (id == OPT_ELAPSED)
		set_seconds(&c->f, &c->meter.elapsed);
	else if (id == OPT_EXACT)
		c->table.csv.exact = true;
	else if (id == OPT_INTERVAL)
		set_seconds(&c->f, &c->meter.interval);
	else if (id == OPT_MAX_WATTS)
		c->meter.max_watts = filter_number(&c->f, 1, 1000000000);
	else if (id == OPT_MODEL && (c->readings.units.model = units_model(optarg)) == NULL)
		filter_usage(&c->f, "\"%s\": unknown model", optarg);
	else if (id == OPT_MSR && !rdmsr_list(&c->readings.bare, optarg))
		filter_usage(&c->f, "\"%s\": not a list of registers", optarg);
	else if (id == OPT_ZONE && !powercap_names_add(&c->readings.names, str_of(optarg)))
		filter_usage(&c->f, "\"%s\": not a zone and its name", optarg);
	else if (id == OPT_START)
		c->table.csv.start = filter_time(&c->f);
	else if (id == OPT_TOTALS || id == OPT_WIDE)
		set_form(c, id == OPT_TOTALS ? TABLE_TOTALS : TABLE_WIDE);
	else if (id == OPT_UNIT && !units_add(&c->readings.units, optarg))
		filter_usage(&c->f, "\"%s\": not a unit", optarg);
	c->table.started |= id == OPT_START;
}

static void
report(struct convert *c, const struct readings *rs, const struct rapl_line *l)
{
	c->bad = true;
	filter_note(&c->f, "bad lines", "%s:%llu: %s%s%.*s", c->f.in.name,
	    (unsigned long long)readings_number(rs), l->fault, l->about.n > 0 ? ": " : "",
	    (int)(l->about.n < SHOWN ? l->about.n : SHOWN), l->about.p);
}

/* Convert the whole input, and report bad lines if this is the pass that writes. */
static struct meter *
convert(struct convert *c, bool writes)
{
	struct meter *m = meter_new(&c->meter, table_row, &c->table);
	struct readings rs;
	struct rapl_line l;

	c->readings.interval = c->meter.interval;
	readings_init(&rs, &c->f.in, &c->readings);
	rs.copy = c->table.form == TABLE_RECORDS ? &c->f.out : NULL;
	while (c->f.out.error == 0 && readings_next(&rs, &l)) {
		c->table.base = readings_base(&rs);
		meter_line(m, &l);
		if (l.kind == RAPL_BAD && writes)
			report(c, &rs, &l);
	}
	meter_end(m);
	table_end(&c->table);
	c->f.rec.fault = rs.rec.fault;
	readings_free(&rs);
	return m;
}

static void
note(void *arg, const char *kind, const char *text)
{
	struct filter *f = arg;

	filter_note(f, kind, "%s: %s", f->in.name, text);
}

/* Find the columns of a wide table, and go back to the start. */
static void
find_columns(struct convert *c)
{
	meter_free(convert(c, false));
	table_again(&c->table, c->f.in.offset);
	input_seek(&c->f.in, 0);
}

int
main(int argc, char *argv[])
{
	struct convert c = { .f = { "rapl2csv",
				 "turn recorded energy counters into a table of joules and watts",
				 .options = options, .argc = argc, .argv = argv } };
	struct meter *m;
	bool doubt;
	int id;

	table_init(&c.table, &c.f.out);
	while ((id = filter_option(&c.f)) != -1)
		set_option(&c, id);
	if (!filter_open(&c.f) || !readings_is_text(&c.f.in, &c.f.fault))
		return filter_close(&c.f);
	if (c.table.form == TABLE_WIDE && input_spool(&c.f.in))
		find_columns(&c);
	m = convert(&c, true);
	doubt = table_report(&c.table, m, note, &c.f) || c.bad;
	if (meter_rows(m) == 0 && !c.bad && !fault_is(&c.f.in.fault))
		fault_set(&c.f.fault, "%s: no energy counters in it, such as power/energy-pkg/",
		    c.f.in.name);
	meter_free(m);
	table_free(&c.table);
	return filter_close(&c.f) != 0 || doubt;
}
