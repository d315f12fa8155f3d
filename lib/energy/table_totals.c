/* SPDX-License-Identifier: MIT */
/* table_totals - what each counter came to, each domain, and package and DRAM together: what a
 * machine used of which nothing is counted twice */

#include "base/mem.h"
#include "table.h"

enum { ERR_DIGITS = 9 };

static const char header[] =
    "run,domain,loc,t0_s,t1_s,duration_s,samples,missing,energy_j,err_j,mean_w,peak_w";

/* The energy of all places of each domain in one interval. */
struct sums {
	bool has[RAPL_DOMAINS];
	struct energy energy[RAPL_DOMAINS];
};

static void
raise_peak(struct table *t, int domain, struct energy e, const struct span *span)
{
	energy_int watts;

	if (energy_watts(e, span->t1 - span->t0, t->digits, &watts) && watts > t->peak[domain])
		t->peak[domain] = watts;
}

static void
close_span(void *table, struct span *span)
{
	const struct sums *s = span->data;
	struct energy both = s->energy[RAPL_PKG];
	struct table *t = table;
	int i;

	for (i = 0; i < RAPL_DOMAINS; i++)
		if (s->has[i])
			raise_peak(t, i, s->energy[i], span);
	if ((s->has[RAPL_PKG] || s->has[RAPL_DRAM]) && energy_add(&both, s->energy[RAPL_DRAM]))
		raise_peak(t, TABLE_PKG_DRAM, both, span);
}

static void
start_run(struct table *t, uint32_t run)
{
	int i;

	if (t->run == 0)
		t->spans =
		    (struct spans){ .close = close_span, .arg = t, .size = sizeof(struct sums) };
	t->run = run;
	t->norder = 0;
	for (i = 0; i < RAPL_DOMAINS; i++)
		t->peak[i] = -1;
}

static struct table_total *
total_of(struct table *t, const struct meter_row *row)
{
	struct table_total *total;
	size_t n = t->cap_total;

	while (t->cap_total <= row->series->index) {
		t->total = mem_grow(t->total, t->cap_total, &t->cap_total, sizeof *t->total);
		memset(t->total + n, 0, (t->cap_total - n) * sizeof *t->total);
		n = t->cap_total;
	}
	total = &t->total[row->series->index];
	if (total->run == row->run)
		return total;
	*total = (struct table_total){
		.run = row->run, .t0 = RAPL_NO_TIME, .t1 = RAPL_NO_TIME, .peak = -1
	};
	t->order = mem_grow(t->order, t->norder, &t->cap_order, sizeof(struct meter_series *));
	t->order[t->norder++] = row->series;
	return total;
}

static void
stretch(struct table_total *to, int64_t t0, int64_t t1)
{
	int64_t from = t0 != RAPL_NO_TIME ? t0 : t1;

	if (from != RAPL_NO_TIME && (to->t0 == RAPL_NO_TIME || from < to->t0))
		to->t0 = from;
	if (t1 != RAPL_NO_TIME && (to->t1 == RAPL_NO_TIME || t1 > to->t1))
		to->t1 = t1;
}

static void
add_known(struct table *t, struct table_total *total, const struct meter_row *row)
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
	if (energy_watts(row->energy, row->dt, t->digits, &watts) && watts > total->peak)
		total->peak = watts;
	sums = spans_find(&t->spans, row->t0, row->t1)->data;
	sums->has[domain] = true;
	energy_add(&sums->energy[domain], row->energy);
}

void
table_total(struct table *t, const struct meter_row *row)
{
	struct table_total *total;

	if (!table_counts(row))
		return;
	if (t->run != row->run) {
		table_end(t);
		start_run(t, row->run);
	}
	total = total_of(t, row);
	stretch(total, row->t0, row->t1);
	if (row->known)
		add_known(t, total, row);
	else
		total->missing++;
}

void
table_add_total(struct table_total *to, const struct table_total *part)
{
	stretch(to, part->t0, part->t1);
	to->uneven |= part->samples > 0 && to->samples > 0 && part->duration != to->duration &&
		      (part->missing > 0 || to->missing > 0);
	if (part->duration > to->duration)
		to->duration = part->duration;
	to->timeless |= part->timeless;
	to->samples += part->samples;
	to->missing += part->missing;
	to->unknown |= part->unknown || !energy_add(&to->energy, part->energy) ||
		       !energy_add(&to->err, part->err);
}

static void
put_total(struct table *t, const char *domain, struct str place, const struct table_total *total)
{
	bool timed = !total->timeless && total->duration > 0;
	struct csv *c = &t->csv;
	energy_int mean;

	csv_number(c, t->run);
	csv_str(c, str_of(domain));
	csv_str(c, place);
	table_time(t, total->t0);
	table_time(t, total->t1);
	if (timed)
		csv_seconds(c, total->duration);
	else
		csv_none(c);
	csv_number(c, (int64_t)total->samples);
	csv_number(c, (int64_t)total->missing);
	if (total->unknown) {
		csv_none(c);
		csv_none(c);
	} else {
		csv_energy(c, total->energy, t->digits, t->exact);
		csv_energy(c, total->err, ERR_DIGITS, false);
	}
	if (timed && !total->unknown && !total->uneven &&
	    energy_watts(total->energy, total->duration, t->digits, &mean))
		csv_decimal(c, mean, t->digits);
	else
		csv_none(c);
	if (total->peak >= 0)
		csv_decimal(c, total->peak, t->digits);
	else
		csv_none(c);
	csv_end(c);
}

/* All places of the domains of a set: how many there are. */
static size_t
add_up(const struct table *t, unsigned domains, struct table_total *sum)
{
	size_t i, n = 0;

	*sum = (struct table_total){ .t0 = RAPL_NO_TIME, .t1 = RAPL_NO_TIME };
	for (i = 0; i < t->norder; i++) {
		if ((domains >> t->order[i]->domain & 1) == 0)
			continue;
		table_add_total(sum, &t->total[t->order[i]->index]);
		n++;
	}
	return n;
}

/* A domain of several places, at the place where it comes first. */
static void
put_domains(struct table *t)
{
	unsigned done = 0, domain;
	struct table_total sum;
	size_t i;

	for (i = 0; i < t->norder; i++) {
		domain = t->order[i]->domain;
		if ((done >> domain & 1) != 0)
			continue;
		done |= 1u << domain;
		if (add_up(t, 1u << domain, &sum) < 2)
			continue;
		sum.peak = t->peak[domain];
		put_total(t, rapl_domain_name(domain).p, STR("*"), &sum);
	}
}

void
table_totals_end(struct table *t)
{
	const struct meter_series *s;
	struct table_total sum;
	size_t i;

	if (t->run == 0)
		csv_header(&t->csv, header);
	spans_flush(&t->spans);
	for (i = 0; i < t->norder; i++) {
		s = t->order[i];
		put_total(t, rapl_domain_name(s->domain).p,
		    (struct str){ s->place.name, s->place.len }, &t->total[s->index]);
	}
	put_domains(t);
	if (add_up(t, 1u << RAPL_PKG | 1u << RAPL_DRAM, &sum) > 0) {
		sum.peak = t->peak[TABLE_PKG_DRAM];
		put_total(t, "pkg+dram", STR("*"), &sum);
	}
	table_cores_end(t); /* counts packages that used less than their cores */
}
