/* SPDX-License-Identifier: MIT */
/* table_records - energy records, for what draws or goes on with records; sluice-counter(5) */

#include <stdlib.h>

#include "base/mem.h"
#include "rec/rec.h"
#include "table.h"

/* A key=value pair, with a blank before it where it is not the first. */
static void
key(struct out *o, const char *name)
{
	if (o->n > 0)
		out_char(o, ' ');
	out_str(o, str_of(name));
	out_char(o, '=');
}

/* The place where numbers do not tell it: a node, a cluster. */
static void
put_place(struct out *o, const struct rapl_place *place)
{
	struct rapl_place same;

	if (place->cpu != RAPL_NOWHERE)
		rapl_place_cpu(&same, place->cpu);
	else
		rapl_place_core(&same, place->socket, place->die, place->core);
	if (same.len == place->len && memcmp(same.name, place->name, same.len) == 0)
		return;
	key(o, "place");
	out_bytes(o, place->name, place->len);
}

static void
put_info(struct table *t, struct out *o, const struct meter_row *row)
{
	key(o, "run");
	out_u64(o, row->run);
	if (!t->started && t->base.n > 0 && row->t1 != RAPL_NO_TIME) {
		key(o, "base");
		out_str(o, t->base);
	}
	if (row->counters >= 0) {
		key(o, "counters");
		out_u64(o, (uint64_t)row->counters);
	}
	put_place(o, &row->series->place);
	if (row->power) {
		key(o, "watts");
		o->n += energy_put_exact(out_room(o, ENERGY_NUMBER), row->watts);
	}
	if ((row->flags & ~(unsigned)RAPL_MEAN) != 0) {
		key(o, "flags");
		table_flags(o, row);
	}
}

static int64_t
time_of(const struct table *t, int64_t ns)
{
	if (ns == RAPL_NO_TIME || __builtin_add_overflow(ns, t->start, &ns))
		return REC_NO_NS;
	return ns;
}

void
table_record(struct table *t, const struct meter_row *row)
{
	const struct rapl_place *place = &row->series->place;
	char joules[ENERGY_NUMBER], error[ENERGY_NUMBER];
	struct rec r = { .kind = REC_ENERGY,
		.t = time_of(t, row->t0),
		.machine = t->machine,
		.cpu = place->cpu,
		.pid = REC_NO_ID,
		.tid = REC_NO_ID };
	char *text = mem_alloc(4 * row->series->event.n + 1);
	struct out info;

	out_open(&info, -1);
	put_info(t, &info, row);
	r.energy = (struct rec_energy){ .end = time_of(t, row->t1),
		.domain = rapl_domain_name(row->series->domain),
		.socket = place->socket,
		.die = place->die,
		.core = place->core,
		.joules = STR_NONE,
		.error = STR_NONE,
		.event = { text,
		    text_escape(text, row->series->event.p, row->series->event.n, "") },
		.info = { info.buf, info.n } };
	if (row->known) {
		r.energy.joules = (struct str){ joules, energy_put_exact(joules, row->energy) };
		r.energy.error = (struct str){ error, energy_put_exact(error, row->err) };
	}
	rec_put(t->csv.out, &r);
	out_free(&info);
	free(text);
}
