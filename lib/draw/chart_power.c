/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "chart.h"
#include "chart_power.h"

enum { NANO = 9, MAXMILLIWATT = 1000 * 1000 * 1000, SETTLE = 16384 };

static const uint64_t most_nanojoules = UINT64_MAX / 4;

bool
chart_power_apart(const struct rec *r)
{
	return chart_value(r->energy.info, "base").p != NULL;
}

/* Joules as nanojoules; what is below is cut off. */
static bool
nanojoules(struct str s, uint64_t *v)
{
	const char *p, *end = s.p + s.n;
	int decimals;

	if ((p = text_u64(s.p, end, v)) == NULL || (p < end && *p != '.'))
		return false;
	for (decimals = 0; decimals < NANO; decimals++) {
		if (*v > most_nanojoules / 10)
			return false;
		*v *= 10;
		if (p < end && ++p < end)
			*v += (uint64_t)(*p - '0') % 10;
	}
	return true;
}

/* What is counted a second time elsewhere. */
static bool
is_double(struct str flags)
{
	return flags.p != NULL && (memmem(flags.p, flags.n, "mirror", 6) != NULL ||
				      memmem(flags.p, flags.n, "sum", 3) != NULL);
}

static void
get_key(struct chart_power_key *key, uint32_t machine, const struct rec *r)
{
	struct str place = chart_value(r->energy.info, "place"),
		   run = chart_value(r->energy.info, "run");

	*key = (struct chart_power_key){ .machine = machine,
		.domain = rapl_domain_named(r->energy.domain),
		.socket = r->energy.socket,
		.die = r->energy.die,
		.core = r->energy.core,
		.cpu = r->cpu };
	if (run.p != NULL)
		text_u64(run.p, run.p + run.n, &key->run);
	if (place.p != NULL)
		memcpy(key->place, place.p, place.n < RAPL_PLACE_NAME ? place.n : RAPL_PLACE_NAME);
}

static int
order(const void *a, const void *b, void *chart)
{
	/* of one socket first what is larger than a core */
	static const int rank[RAPL_DOMAINS] = { 0, 1, 2, 4, 6, 5, 3 };
	const struct chart_power_key *x = &((const struct chart_power_row *)a)->key;
	const struct chart_power_key *y = &((const struct chart_power_row *)b)->key;
	const struct chart_key m = { .machine = x->machine }, n = { .machine = y->machine };
	const int64_t d[] = { chart_key_order(chart, &m, &n),
		x->run < y->run ? -1 : x->run > y->run, (int64_t)x->socket - y->socket,
		rank[x->domain] - rank[y->domain], (int64_t)x->die - y->die,
		(int64_t)x->core - y->core, (int64_t)x->cpu - y->cpu };
	size_t i;

	for (i = 0; i < sizeof d / sizeof *d; i++)
		if (d[i] != 0)
			return d[i] < 0 ? -1 : 1;
	return strcmp(x->place, y->place);
}

static bool
same(const struct chart_power_key *x, const struct chart_power_key *y)
{
	return x->machine == y->machine && x->run == y->run && x->domain == y->domain &&
	       x->socket == y->socket && x->die == y->die && x->core == y->core &&
	       x->cpu == y->cpu && strcmp(x->place, y->place) == 0;
}

static uint64_t
hash_of(const struct chart_power_key *k)
{
	uint64_t h = digest_bytes(k->run, k->place, strlen(k->place));

	h = digest(h ^ ((uint64_t)k->machine << 32 | (uint32_t)k->domain));
	h = digest(h ^ ((uint64_t)(uint32_t)k->socket << 32 | (uint32_t)k->die));
	return digest(h ^ ((uint64_t)(uint32_t)k->core << 32 | (uint32_t)k->cpu));
}

/* The row of a key; NULL where there are too many. */
static struct chart_power_row *
row_of(struct chart_power *p, const struct chart_power_key *key)
{
	uint64_t h = hash_of(key), *i;
	struct chart_power_row *row;

	while ((i = hash_get(&p->by, h)) != NULL) {
		if (same(&p->row[*i].key, key))
			return &p->row[*i];
		h++;
	}
	if (p->n == CHART_POWER_ROWS)
		return NULL;
	*hash_put(&p->by, h) = p->n;
	p->row = mem_grow(p->row, p->n, &p->cap, sizeof *p->row);
	row = &p->row[p->n++];
	*row = (struct chart_power_row){ .key = *key };
	return row;
}

static void
spend(struct bins *b, struct bins_scale *s, int64_t t, int64_t end, int32_t weight)
{
	bins_add(b, s, t, end, weight);
	if (b->n > SETTLE)
		bins_compact(b, s);
}

bool
chart_power_add(
    struct chart_power *p, uint32_t machine, const struct rec *r, int64_t from, int64_t to)
{
	int64_t t = r->t, end = r->energy.end;
	struct chart_power_row *row;
	struct chart_power_key key;
	uint64_t nj, error, ns;
	energy_int mw;

	if (t == REC_NO_NS || end == REC_NO_NS || end <= t || end <= from || t >= to ||
	    !nanojoules(r->energy.joules, &nj) || is_double(chart_value(r->energy.info, "flags")))
		return false;
	get_key(&key, machine, r);
	if (key.domain == RAPL_NONE || (row = row_of(p, &key)) == NULL)
		return false;
	ns = (uint64_t)end - (uint64_t)t;
	mw = (energy_int)nj * 1000 / (energy_int)ns;
	mw = mw < MAXMILLIWATT ? mw : MAXMILLIWATT;
	row->n++;
	row->ns += ns;
	row->nanojoules += nj;
	row->error += nanojoules(r->energy.error, &error) ? error : 0;
	row->most = (uint64_t)mw > row->most ? (uint64_t)mw : row->most;
	t = t > from ? t : from;
	end = end < to ? end : to;
	bins_reach(&p->scale, t, end);
	spend(&row->watts, &p->scale, t, end, (int32_t)mw);
	spend(&row->time, &p->scale, t, end, 1);
	return true;
}

void
chart_power_end(struct chart_power *p, struct chart *c)
{
	if (p->n > 0)
		qsort_r(p->row, p->n, sizeof *p->row, order, c);
	hash_free(&p->by);
}

void
chart_power_free(struct chart_power *p)
{
	bins_free(&p->scale);
	free(p->row);
	hash_free(&p->by);
}
