/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "totals.h"

/* The energy of one counter in a run, or of several counters. */
struct total {
	struct energy energy, err;
	energy_int peak;          /* watts; below 0: not known */
	int64_t t0, t1, duration; /* duration: of the known rows */
	uint64_t samples, missing;
	uint32_t run;
	bool timeless; /* a known row has no duration */
	bool uneven;   /* its parts are known for different times */
	bool unknown;  /* the sum does not fit */
};

/* The energy of all places of each domain in one interval. */
struct sums {
	bool has[RAPL_DOMAINS];
	struct energy energy[RAPL_DOMAINS];
};

static void
raise_peak(struct totals *t, int domain, struct energy e, const struct span *span)
{
	energy_int watts;

	if (energy_watts(e, span->t1 - span->t0, t->csv->digits, &watts) && watts > t->peak[domain])
		t->peak[domain] = watts;
}

static void
close_span(void *totals, struct span *span)
{
	const struct sums *s = span->data;
	struct energy both = s->energy[RAPL_PKG];
	struct totals *t = totals;
	int i;

	for (i = 0; i < RAPL_DOMAINS; i++)
		if (s->has[i])
			raise_peak(t, i, s->energy[i], span);
	if ((s->has[RAPL_PKG] || s->has[RAPL_DRAM]) && energy_add(&both, s->energy[RAPL_DRAM]))
		raise_peak(t, TOTALS_PKG_DRAM, both, span);
}

static void
start_run(struct totals *t, uint32_t run)
{
	int i;

	if (t->run == 0)
		t->spans =
		    (struct spans){ .close = close_span, .arg = t, .size = sizeof(struct sums) };
	t->run = run;
	for (i = 0; i < RAPL_DOMAINS; i++)
		t->peak[i] = -1;
}

static struct total
empty(uint32_t run)
{
	return (struct total){ .run = run, .t0 = RAPL_NO_TIME, .t1 = RAPL_NO_TIME, .peak = -1 };
}

static struct total *
total_of(struct totals *t, const struct meter_row *row)
{
	struct total *total;

	t->total = mem_grow_zeroed(t->total, row->series->index, &t->cap_total, sizeof *t->total);
	total = &t->total[row->series->index];
	if (total->run == row->run)
		return total;
	*total = empty(row->run);
	t->order = mem_grow(t->order, t->norder, &t->cap_order, sizeof(struct meter_series *));
	t->order[t->norder++] = row->series;
	return total;
}

static void
extend(struct total *to, int64_t t0, int64_t t1)
{
	int64_t from = t0 != RAPL_NO_TIME ? t0 : t1;

	if (from != RAPL_NO_TIME && (to->t0 == RAPL_NO_TIME || from < to->t0))
		to->t0 = from;
	if (t1 != RAPL_NO_TIME && (to->t1 == RAPL_NO_TIME || t1 > to->t1))
		to->t1 = t1;
}

static void
add_known(struct totals *t, struct total *total, const struct meter_row *row)
{
	enum rapl_domain domain = row->series->domain;
	struct sums *sums;
	energy_int watts;

	total->samples++;
	total->unknown |=
	    !energy_add(&total->energy, row->energy) || !energy_add(&total->err, row->err);
	if (row->dt == RAPL_NO_TIME) {
		total->timeless = true;
		return;
	}
	if (__builtin_add_overflow(total->duration, row->dt, &total->duration))
		total->timeless = true;
	if (energy_watts(row->energy, row->dt, t->csv->digits, &watts) && watts > total->peak)
		total->peak = watts;
	sums = spans_find(&t->spans, row->t0, row->t1)->data;
	sums->has[domain] = true;
	energy_add(&sums->energy[domain], row->energy);
}

void
totals_row(struct totals *t, const struct meter_row *row)
{
	struct total *total;

	if (t->run != row->run) {
		totals_end(t);
		start_run(t, row->run);
	}
	total = total_of(t, row);
	extend(total, row->t0, row->t1);
	if (row->known)
		add_known(t, total, row);
	else
		total->missing++;
}

/* Add the totals of the counters that are of a set of domains: returns their number. */
static size_t
add_up(const struct totals *t, const struct meter_series **s, size_t n, unsigned domains,
    struct total *sum)
{
	const struct total *part;
	size_t i, found = 0;

	*sum = empty(t->run);
	for (i = 0; i < n; i++) {
		if ((domains >> s[i]->domain & 1) == 0)
			continue;
		part = &t->total[s[i]->index];
		extend(sum, part->t0, part->t1);
		sum->uneven |= part->samples > 0 && sum->samples > 0 &&
			       part->duration != sum->duration &&
			       (part->missing > 0 || sum->missing > 0);
		if (part->duration > sum->duration)
			sum->duration = part->duration;
		sum->timeless |= part->timeless;
		sum->samples += part->samples;
		sum->missing += part->missing;
		sum->unknown |= part->unknown || !energy_add(&sum->energy, part->energy) ||
				!energy_add(&sum->err, part->err);
		found++;
	}
	return found;
}

/* --- a row for each counter, domain, and for package and DRAM */

static const char totals_header[] =
    "run,domain,loc,t0_s,t1_s,duration_s,samples,missing,energy_j,err_j,mean_w,peak_w";

static void
put_total(struct totals *t, struct str domain, struct str place, const struct total *total)
{
	int64_t duration = total->timeless || total->duration == 0 ? RAPL_NO_TIME : total->duration;
	const struct energy *energy = total->unknown ? NULL : &total->energy;
	struct csv *c = t->csv;

	csv_number(c, t->run);
	csv_str(c, domain);
	csv_str(c, place);
	csv_time(c, total->t0);
	csv_time(c, total->t1);
	csv_seconds(c, duration);
	csv_number(c, (int64_t)total->samples);
	csv_number(c, (int64_t)total->missing);
	csv_energy(c, energy);
	csv_error(c, energy == NULL ? NULL : &total->err);
	csv_watts(c, total->uneven ? NULL : energy, duration);
	csv_scaled(c, total->peak);
	csv_end_row(c);
}

/* Write the domains that have several places, in order of appearance. */
static void
put_domains(struct totals *t)
{
	unsigned done = 0, domain;
	struct total sum;
	size_t i;

	for (i = 0; i < t->norder; i++) {
		domain = t->order[i]->domain;
		if ((done >> domain & 1) != 0)
			continue;
		done |= 1u << domain;
		if (add_up(t, t->order, t->norder, 1u << domain, &sum) < 2)
			continue;
		sum.peak = t->peak[domain];
		put_total(t, rapl_domain_name(domain), STR("*"), &sum);
	}
}

static void
put_totals(struct totals *t)
{
	const struct meter_series *s;
	struct total sum;
	size_t i;

	for (i = 0; i < t->norder; i++) {
		s = t->order[i];
		put_total(
		    t, rapl_domain_name(s->domain), rapl_place_str(&s->place), &t->total[s->index]);
	}
	put_domains(t);
	if (add_up(t, t->order, t->norder, 1u << RAPL_PKG | 1u << RAPL_DRAM, &sum) > 0) {
		sum.peak = t->peak[TOTALS_PKG_DRAM];
		put_total(t, STR("pkg+dram"), STR("*"), &sum);
	}
}

/* --- a row for each package: its cores, itself, and the rest, which is caches, fabric, memory
 * controllers and graphics */

static const char cores_header[] = "run,socket,t0_s,t1_s,part,places,part_j,part_err_j,pkg_j,"
				   "pkg_err_j,rest_j,rest_err_j,rest_w";

/* Subtract a part of a package; false if the two do not cover the same time. */
static bool
subtract(const struct total *pkg, const struct total *part, struct total *rest)
{
	*rest = *pkg;
	return pkg->missing == 0 && part->missing == 0 && !pkg->unknown && !part->unknown &&
	       pkg->t0 == part->t0 && pkg->t1 == part->t1 && pkg->duration == part->duration &&
	       energy_sub(&rest->energy, part->energy) && energy_add(&rest->err, part->err);
}

static void
put_sum(struct csv *c, const struct total *sum, bool known)
{
	csv_energy(c, known ? &sum->energy : NULL);
	csv_error(c, known ? &sum->err : NULL);
}

/* Compare the cores of one socket, by the domain that they were recorded in, with their package. */
static void
compare_cores(struct totals *t, const struct meter_series **s, size_t n, enum rapl_domain domain)
{
	struct total pkg, part, rest;
	size_t places = add_up(t, s, n, 1u << domain, &part);
	struct energy most;
	bool known;

	if (places == 0 || add_up(t, s, n, 1u << RAPL_PKG, &pkg) == 0)
		return;
	known = subtract(&pkg, &part, &rest);
	most = rest.energy;
	if (known && energy_add(&most, rest.err) && most.n < 0)
		t->excess++;
	if (!t->cores)
		return;
	csv_number(t->csv, t->run);
	csv_number(t->csv, (*s)->place.socket);
	csv_time(t->csv, part.t0);
	csv_time(t->csv, part.t1);
	csv_str(t->csv, rapl_domain_name(domain));
	csv_number(t->csv, (int64_t)places);
	put_sum(t->csv, &part, !part.unknown);
	put_sum(t->csv, &pkg, !pkg.unknown);
	put_sum(t->csv, &rest, known);
	csv_watts(t->csv, known && !rest.timeless ? &rest.energy : NULL, rest.duration);
	csv_end_row(t->csv);
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

static void
compare_all_cores(struct totals *t)
{
	const struct meter_series **s;
	size_t i, n;

	if (t->norder > 0)
		qsort(t->order, t->norder, sizeof *t->order, by_socket);
	for (i = 0; i < t->norder; i += n) {
		s = &t->order[i];
		for (n = 1; i + n < t->norder && s[n]->place.socket == (*s)->place.socket; n++)
			;
		compare_cores(t, s, n, RAPL_CORES);
		compare_cores(t, s, n, RAPL_CORE);
	}
}

void
totals_end(struct totals *t)
{
	if (t->run == 0)
		csv_header(t->csv, t->cores ? cores_header : totals_header);
	spans_flush(&t->spans);
	if (!t->cores)
		put_totals(t);
	compare_all_cores(t);
	t->norder = 0;
}

void
totals_free(struct totals *t)
{
	free(t->total);
	free(t->order);
	spans_free(&t->spans);
}
