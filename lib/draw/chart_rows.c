/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "chart.h"

uint32_t
chart_machine_of(struct chart *c, struct str name)
{
	uint64_t key, *i;

	if (c->nmachine > 0 && str_eq(c->machine[c->machine_last].name, name))
		return c->machine_last;
	key = digest_bytes(0, name.p, name.n);
	while ((i = hash_get(&c->machine_by, key)) != NULL) {
		c->machine_last = (uint32_t)*i;
		if (str_eq(c->machine[*i].name, name))
			return c->machine_last;
		key++;
	}
	c->machine = mem_grow(c->machine, c->nmachine, &c->machine_cap, sizeof *c->machine);
	c->machine[c->nmachine] =
	    (struct chart_machine){ .name = { mem_copy(name.p, name.n), name.n } };
	*hash_put(&c->machine_by, key) = c->nmachine;
	c->machine_last = (uint32_t)c->nmachine++;
	return c->machine_last;
}

static uint64_t
key_hash(const struct chart_key *k)
{
	uint64_t h = (uint64_t)k->machine << 32 | (uint32_t)k->cpu;

	return digest(
	    digest(h ^ (uint64_t)k->birth) ^ (uint64_t)(uint32_t)k->pid << 32 ^ (uint32_t)k->tid);
}

static bool
key_eq(const struct chart_key *a, const struct chart_key *b)
{
	return a->tid == b->tid && a->cpu == b->cpu && a->birth == b->birth &&
	       a->machine == b->machine && a->pid == b->pid;
}

struct chart_row *
chart_find(const struct chart *c, const struct chart_key *key)
{
	uint64_t h = key_hash(key), *i;

	while ((i = hash_get(&c->row_by, h)) != NULL) {
		if (key_eq(&c->row[*i].key, key))
			return &c->row[*i];
		h++;
	}
	return NULL;
}

static uint32_t
add_row(struct chart *c, const struct chart_key *key)
{
	uint64_t h = key_hash(key);

	while (hash_get(&c->row_by, h) != NULL)
		h++;
	c->row = mem_grow(c->row, c->nrow, &c->row_cap, sizeof *c->row);
	c->row[c->nrow] =
	    (struct chart_row){ .key = *key, .first_run = INT64_MAX, .last = INT64_MIN };
	*hash_put(&c->row_by, h) = c->nrow;
	return (uint32_t)c->nrow++;
}

static uint32_t
cache_slot(const struct chart_key *key)
{
	return (uint32_t)(key->tid + key->cpu) % CHART_CACHE;
}

void
chart_row_near(const struct chart *c, const struct chart_key *key)
{
	uint32_t cached = c->row_cache[cache_slot(key)];

	if (cached > 0)
		__builtin_prefetch(&c->row[cached - 1], 1);
}

uint32_t
chart_row_of(struct chart *c, const struct chart_key *key)
{
	uint32_t *cached = &c->row_cache[cache_slot(key)];
	struct chart_row *row;

	if (*cached > 0 && key_eq(&c->row[*cached - 1].key, key))
		return *cached - 1;
	row = chart_find(c, key);
	*cached = 1 + (row != NULL ? (uint32_t)(row - c->row) : add_row(c, key));
	return *cached - 1;
}

uint32_t
chart_cpu_of(struct chart *c, uint32_t machine, int32_t cpu)
{
	return chart_row_of(c, &(struct chart_key){ machine, cpu, -1, -1, 0 });
}

static uint32_t *
slot(struct chart_row *row, enum chart_what what)
{
	return &row->lane[what < CHART_STATES ? what : what - CHART_STATES];
}

uint32_t
chart_lane_of(struct chart *c, uint32_t row, enum chart_what what)
{
	uint32_t *s = slot(&c->row[row], what);

	if (*s == 0) {
		c->lane = mem_grow(c->lane, c->nlane, &c->lane_cap, sizeof *c->lane);
		c->lane[c->nlane] = (struct chart_lane){ 0 };
		*s = (uint32_t)++c->nlane;
	}
	return *s - 1;
}

struct chart_lane *
chart_lane(const struct chart *c, const struct chart_row *row, enum chart_what what)
{
	uint32_t i;

	if ((row->key.cpu >= 0) != (what >= CHART_STATES))
		return NULL;
	i = *slot((struct chart_row *)row, what);
	return i > 0 ? &c->lane[i - 1] : NULL;
}

uint64_t
chart_total(const struct chart *c, const struct chart_row *row, enum chart_what what)
{
	const struct chart_lane *l = chart_lane(c, row, what);

	return l != NULL ? l->total : 0;
}

/* How many edges there are, one a bin at most. */
static size_t
settle_all(struct chart *c)
{
	size_t i, n = 0;

	for (i = 0; i < c->nlane; i++)
		n += bins_compact(&c->lane[i].bins, &c->scale);
	return n;
}

/*
 * Where the edges are too many, wider bins have fewer. What is added later only makes for more, so
 * the width in the end depends on what was added, not on its order.
 */
void
chart_squeeze(struct chart *c)
{
	size_t n = c->scale.held;

	while (n > c->budget && (n = settle_all(c)) > c->budget && c->scale.shift < 63)
		c->scale.shift++;
	c->held_max = c->held_max > 2 * n ? c->held_max : 2 * n;
}

/* Where a machine stands: the host before all others. */
static int
machine_order(struct str a, struct str b)
{
	bool host_a = str_eq(a, STR("host")), host_b = str_eq(b, STR("host"));

	return host_a != host_b ? host_b - host_a : chart_order(a, b);
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

int
chart_key_order(const struct chart *c, const struct chart_key *a, const struct chart_key *b)
{
	int d = 0;

	if (a->machine != b->machine)
		d = machine_order(c->machine[a->machine].name, c->machine[b->machine].name);
	d = d != 0 ? d : ORDER(a->cpu, b->cpu);
	d = d != 0 ? d : ORDER(a->pid, b->pid);
	d = d != 0 ? d : ORDER(a->tid, b->tid);
	return d != 0 ? d : ORDER(a->birth, b->birth);
}

void
chart_rows_free(struct chart *c)
{
	size_t i;
	int m;

	bins_free(&c->scale);
	for (i = 0; i < c->nmachine; i++) {
		free((char *)c->machine[i].name.p);
		for (m = 0; m < CHART_METAS; m++)
			free((char *)c->machine[i].meta[m].p);
	}
	free(c->lane);
	free(c->row);
	free(c->machine);
	hash_free(&c->row_by);
	hash_free(&c->machine_by);
}
