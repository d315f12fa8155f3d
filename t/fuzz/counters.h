/* SPDX-License-Identifier: MIT */
/* counters - any bytes as a recording of energy counters of one form: energy records are valid; the
 * first byte chooses the table and the options */

#include "energy/readings.h"
#include "energy/table.h"
#include "input.h"

static inline void
counters_pass(struct input *in, struct table *table, enum readings_form form, uint8_t how)
{
	struct meter_options options = { 0 };
	struct readings_options given = { .units.exact = how & 1 };
	struct readings rs;
	struct rapl_line l;
	struct meter *m;

	options.elapsed = how & 8 ? 1500000000 : 0;
	options.counters = how & 16 ? 2 : 0;
	options.max_watts = how & 32 ? 1000000000 : 0;
	options.interval = how & 64 ? 250000000 : 0;
	given.interval = options.interval;
	given.units.model = how & 128 ? units_model("zen4") : NULL;
	if (form == READINGS_RDMSR && how & 8)
		rdmsr_list(&given.bare, how & 16 ? "606,611:3" : "606,611");
	if (how & 4)
		powercap_names_add(&given.names, STR("intel-rapl:0:0=dram"));
	readings_init(&rs, in, &given);
	rs.form = form;
	m = meter_new(&options, table_row, table);
	while (readings_next(&rs, &l))
		meter_line(m, &l);
	meter_end(m);
	table_end(table);
	meter_free(m);
	readings_free(&rs);
}

static inline int
counters_fuzz(enum readings_form form, const uint8_t *p, size_t n)
{
	uint8_t how = n > 0 ? p[0] : 0;
	int to = fuzz_file("", 0);
	struct table table;
	struct input in;
	struct out out;

	fuzz_input(&in, p + (n > 0), n - (n > 0));
	out_open(&out, to);
	table_init(&table, &out);
	table.form = (enum table_form)((how >> 1) % 4);
	table.form = how % 5 == 4 ? TABLE_RECORDS : table.form;
	table.csv.exact = how & 1;
	if (table.form == TABLE_WIDE && input_spool(&in)) {
		counters_pass(&in, &table, form, how);
		table_again(&table, in.offset);
		input_seek(&in, 0);
	}
	counters_pass(&in, &table, form, how);
	table_free(&table);
	out_flush(&out);
	out_free(&out);
	input_close(&in);
	if (how % 5 == 4)
		fuzz_is_stream(to);
	else
		close(to);
	return 0;
}
