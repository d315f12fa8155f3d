/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "chart_int.h"
#include "rec/pairs.h"

enum { NANO = 9, MAXMILLIWATT = 1000 * 1000 * 1000 };

static const uint64_t most_nanojoules = UINT64_MAX / 4;

/* Joules as nanojoules; further decimals are cut off. */
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

/* Is a counter's energy part of another one's? */
static bool
is_double(struct str flags)
{
	return flags.p != NULL && (memmem(flags.p, flags.n, "mirror", 6) != NULL ||
				      memmem(flags.p, flags.n, "sum", 3) != NULL);
}

static void
get_key(struct chart_power_key *key, uint32_t machine, const struct rec *r)
{
	struct str place = pairs_get(r->energy.info, STR("place")),
		   run = pairs_get(r->energy.info, STR("run"));

	memset(key, 0, sizeof *key);
	key->machine = machine;
	key->domain = rapl_domain_named(r->energy.domain);
	key->socket = r->energy.socket;
	key->die = r->energy.die;
	key->core = r->energy.core;
	key->cpu = r->cpu;
	if (run.p != NULL)
		text_u64(run.p, run.p + run.n, &key->run);
	if (place.p != NULL)
		memcpy(key->place, place.p, place.n < RAPL_PLACE_NAME ? place.n : RAPL_PLACE_NAME);
}

static struct chart_power_row *
row_of(struct chart_power *p, const struct chart_power_key *key)
{
	uint32_t id = intern_put(&p->keys, (struct str){ (const char *)key, sizeof *key });

	if (id == p->n) {
		p->row = mem_grow(p->row, p->n, &p->cap, sizeof *p->row);
		p->row[p->n++] =
		    (struct chart_power_row){ .key = *key, .lane = bins_lanes(&p->bins, 2) };
	}
	return &p->row[id];
}

/* What a part has of an amount, which the whole of ns has. */
static uint64_t
share(uint64_t amount, const struct cut *part, uint64_t ns)
{
	return (uint64_t)((energy_int)amount * cut_length(part) / ns);
}

void
chart_power_add(struct chart *c, const struct rec *r)
{
	bool own_clock = pairs_get(r->energy.info, STR("base")).p != NULL;
	struct chart_power *p = own_clock ? &c->own_clock : &c->power;
	uint32_t machine = chart_machine_of(&c->rows, r->machine);
	struct cut part = cut_of(&c->time, r);
	struct chart_power_row *row;
	struct chart_power_key key;
	uint64_t nj, error, ns;
	energy_int mw;

	if (r->t == REC_NO_NS || cut_length(&part) == 0 || !nanojoules(r->energy.joules, &nj) ||
	    is_double(pairs_get(r->energy.info, STR("flags"))))
		return;
	get_key(&key, machine, r);
	if (key.domain == RAPL_NONE)
		return;
	row = row_of(p, &key);
	ns = (uint64_t)r->energy.end - (uint64_t)r->t;
	mw = (energy_int)nj * 1000 / (energy_int)ns;
	mw = mw < MAXMILLIWATT ? mw : MAXMILLIWATT;
	row->n += part.counts;
	row->ns += cut_length(&part);
	row->nanojoules += share(nj, &part, ns);
	row->error += nanojoules(r->energy.error, &error) ? share(error, &part, ns) : 0;
	row->most = (uint64_t)mw > row->most ? (uint64_t)mw : row->most;
	bins_reach(&p->bins, part.t, part.end);
	bins_add(&p->bins, row->lane, part.t, part.end, (int32_t)mw);
	bins_add(&p->bins, row->lane + 1, part.t, part.end, 1);
}

static int
order(const void *a, const void *b, void *rows)
{
	/* in a socket, the parts that are larger than a core come first */
	static const int rank[RAPL_DOMAINS] = { 0, 1, 2, 4, 6, 5, 3 };
	const struct chart_power_key *x = &((const struct chart_power_row *)a)->key;
	const struct chart_power_key *y = &((const struct chart_power_row *)b)->key;
	const struct chart_key m = { .machine = x->machine }, n = { .machine = y->machine };
	int d = chart_key_order(rows, &m, &n);

	d = d != 0 ? d : ORDER(x->run, y->run);
	d = d != 0 ? d : ORDER(x->socket, y->socket);
	d = d != 0 ? d : ORDER(rank[x->domain], rank[y->domain]);
	d = d != 0 ? d : ORDER(x->die, y->die);
	d = d != 0 ? d : ORDER(x->core, y->core);
	d = d != 0 ? d : ORDER(x->cpu, y->cpu);
	return d != 0 ? d : strcmp(x->place, y->place);
}

void
chart_power_end(struct chart_power *p, const struct chart_rows *rows)
{
	bins_end(&p->bins);
	if (p->n > 0)
		qsort_r(p->row, p->n, sizeof *p->row, order, (void *)rows);
}

void
chart_power_free(struct chart_power *p)
{
	bins_free(&p->bins);
	free(p->row);
	intern_free(&p->keys);
}
