/* SPDX-License-Identifier: MIT */
/* table_cores - what the cores of each package used beside what the package used: caches, fabric,
 * memory controllers and graphics are the rest */

#include <stdlib.h>

#include "table.h"

enum { ERR_DIGITS = 9 };

static const char header[] = "run,socket,t0_s,t1_s,part,places,part_j,part_err_j,pkg_j,pkg_err_j,"
			     "rest_j,rest_err_j,rest_w";

/* The counters of one socket. */
struct group {
	const struct meter_series **series;
	size_t n;
	int32_t socket;
};

/* All of a domain in it: how many places. */
static size_t
add_up(
    const struct table *t, const struct group *g, enum rapl_domain domain, struct table_total *sum)
{
	size_t i, n = 0;

	*sum = (struct table_total){ .t0 = RAPL_NO_TIME, .t1 = RAPL_NO_TIME };
	for (i = 0; i < g->n; i++) {
		if (g->series[i]->domain != domain)
			continue;
		table_add_total(sum, &t->total[g->series[i]->index]);
		n++;
	}
	return n;
}

/* The rest; false where the two do not cover the same time. */
static bool
subtract(const struct table_total *pkg, const struct table_total *part, struct table_total *rest)
{
	*rest = *pkg;
	return pkg->missing == 0 && part->missing == 0 && !pkg->unknown && !part->unknown &&
	       pkg->t0 == part->t0 && pkg->t1 == part->t1 && pkg->duration == part->duration &&
	       energy_sub(&rest->energy, part->energy) && energy_add(&rest->err, part->err);
}

static void
put_rest(struct table *t, const struct table_total *rest)
{
	energy_int watts;

	csv_energy(&t->csv, rest->energy, t->digits, t->exact);
	csv_energy(&t->csv, rest->err, ERR_DIGITS, false);
	if (!rest->timeless && rest->duration > 0 &&
	    energy_watts(rest->energy, rest->duration, t->digits, &watts))
		csv_decimal(&t->csv, watts, t->digits);
	else
		csv_none(&t->csv);
}

static void
put(struct table *t, const struct group *g, enum rapl_domain domain)
{
	struct table_total pkg, part, rest;
	size_t places = add_up(t, g, domain, &part);
	struct energy apart;
	bool known;

	if (places == 0 || add_up(t, g, RAPL_PKG, &pkg) == 0)
		return;
	known = subtract(&pkg, &part, &rest);
	apart = rest.energy;
	if (known && apart.n < 0 && energy_add(&apart, rest.err) && apart.n < 0)
		t->excess++;
	if (t->form != TABLE_CORES)
		return;
	csv_number(&t->csv, t->run);
	csv_number(&t->csv, g->socket);
	table_time(t, part.t0);
	table_time(t, part.t1);
	csv_str(&t->csv, rapl_domain_name(domain));
	csv_number(&t->csv, (int64_t)places);
	csv_energy(&t->csv, part.energy, t->digits, t->exact);
	csv_energy(&t->csv, part.err, ERR_DIGITS, false);
	csv_energy(&t->csv, pkg.energy, t->digits, t->exact);
	csv_energy(&t->csv, pkg.err, ERR_DIGITS, false);
	if (known) {
		put_rest(t, &rest);
	} else {
		csv_none(&t->csv);
		csv_none(&t->csv);
		csv_none(&t->csv);
	}
	csv_end(&t->csv);
}

static int
by_socket(const void *a, const void *b)
{
	const struct meter_series *x = *(const struct meter_series *const *)a;
	const struct meter_series *y = *(const struct meter_series *const *)b;

	if (x->place.socket != y->place.socket)
		return x->place.socket < y->place.socket ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

void
table_cores_end(struct table *t)
{
	struct group g;
	size_t i;

	if (t->run == 0 && t->form == TABLE_CORES)
		csv_header(&t->csv, header);
	spans_flush(&t->spans);
	if (t->norder > 0)
		qsort(t->order, t->norder, sizeof(struct meter_series *), by_socket);
	for (i = 0; i < t->norder; i += g.n) {
		g = (struct group){ t->order + i, 1, t->order[i]->place.socket };
		while (i + g.n < t->norder && g.series[g.n]->place.socket == g.socket)
			g.n++;
		put(t, &g, RAPL_CORES);
		put(t, &g, RAPL_CORE);
	}
	t->norder = 0;
}
