/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "chart_int.h"

static const struct str metas[CHART_METAS] = {
	[CHART_HOSTNAME] = STR_INIT("hostname"),
	[CHART_OSRELEASE] = STR_INIT("osrelease"),
	[CHART_ARCH] = STR_INIT("arch"),
	[CHART_NRCPUS] = STR_INIT("nrcpus"),
	[CHART_CMDLINE] = STR_INIT("cmdline"),
	[CHART_CLOCK_UNIT] = STR_INIT("clock_unit"),
};

uint32_t
chart_machine_of(struct chart_rows *rows, struct str name)
{
	uint32_t id = rows->last;

	if (id < rows->nmachine && str_eq(rows->machine[id].name, name))
		return id;
	rows->last = id = intern_put(&rows->names, name);
	if (id == rows->nmachine) {
		rows->machine = mem_grow(
		    rows->machine, rows->nmachine, &rows->machine_cap, sizeof *rows->machine);
		rows->machine[rows->nmachine++] =
		    (struct chart_machine){ .name = intern_str(&rows->names, id),
			    .stacks = chart_stacks_machine(name) };
	}
	return id;
}

static struct str
key_str(const struct chart_key *key)
{
	return (struct str){ (const char *)key, sizeof *key };
}

static bool
key_eq(const struct chart_key *a, const struct chart_key *b)
{
	return a->tid == b->tid && a->cpu == b->cpu && a->birth == b->birth &&
	       a->machine == b->machine && a->pid == b->pid;
}

static uint32_t
add_row(struct chart_rows *rows, struct bins *bins, const struct chart_key *key)
{
	uint32_t id = intern_put(&rows->keys, key_str(key));
	uint32_t lanes = key->cpu < 0 ? CHART_TASK_STATES : CHART_STATES - CHART_CPU_RUNNING;

	if (id == rows->n) {
		rows->row = mem_grow(rows->row, rows->n, &rows->cap, sizeof *rows->row);
		rows->row[rows->n++] = (struct chart_row){ .key = *key,
			.first_run = INT64_MAX,
			.since = INT64_MAX,
			.first = INT64_MAX,
			.end = INT64_MIN,
			.named = INT64_MIN,
			.path = CHART_NO_PATH,
			.lane = bins != NULL ? bins_lanes(bins, lanes) : id * lanes };
	}
	return id;
}

uint32_t
chart_row_of(struct chart_rows *rows, struct bins *bins, const struct chart_key *key)
{
	uint32_t *id = &rows->recent[((uint32_t)key->tid + (uint32_t)key->cpu) % CHART_RECENT];

	if (*id >= rows->n || !key_eq(&rows->row[*id].key, key))
		*id = add_row(rows, bins, key);
	return *id;
}

const struct chart_row *
chart_find(const struct chart *c, const struct chart_key *key)
{
	uint32_t id = intern_find(&c->rows.keys, key_str(key));

	return id != INTERN_NONE ? &c->rows.row[id] : NULL;
}

/* Replace a text by a copy of another one if that is greater. */
static void
keep_greater(struct str *text, struct str s)
{
	if (text->p != NULL && chart_order(s, *text) <= 0)
		return;
	free((char *)text->p);
	*text = (struct str){ mem_copy(s.p, s.n), s.n };
}

void
chart_rows_meta(struct chart_rows *rows, const struct rec *r)
{
	uint32_t machine = chart_machine_of(rows, r->machine);
	int i;

	for (i = 0; i < CHART_METAS; i++)
		if (str_eq(r->meta.key, metas[i]))
			keep_greater(&rows->machine[machine].meta[i], r->meta.value);
}

void
chart_rows_missing(struct chart_rows *rows, uint32_t machine, struct str what)
{
	static const struct str many = STR_INIT("missing switches, ");

	if (what.n > many.n && memcmp(what.p, many.p, many.n) == 0)
		keep_greater(&rows->machine[machine].missing, what);
}

void
chart_rows_vcpu(struct chart_rows *rows, const struct rec *r)
{
	uint32_t machine = chart_machine_of(rows, r->machine);
	struct chart_vcpu v = { machine, r->pid, r->tid, r->vcpu.vcpu, r->t, { NULL, 0 } };
	uint64_t *known;
	const struct chart_vcpu *old;

	if (r->tid < 0)
		return;
	v.guest = intern_str(&rows->guests, intern_put(&rows->guests, r->vcpu.guest));
	known = hash_put(&rows->vcpus, hash_pair(machine, (uint32_t)r->tid));
	if (*known == 0) {
		rows->vcpu = mem_grow(rows->vcpu, rows->nvcpu, &rows->vcpu_cap, sizeof v);
		*known = ++rows->nvcpu;
		rows->vcpu[*known - 1] = v;
		return;
	}
	old = &rows->vcpu[*known - 1];
	if (v.t > old->t || (v.t == old->t && v.vcpu > old->vcpu))
		rows->vcpu[*known - 1] = v;
}

/* Does a vcpu record refer to this task, not to an earlier one that had the same tid? */
static bool
is_vcpu(const struct chart_row *row, const struct chart_vcpu *v)
{
	return row->key.cpu < 0 && row->end >= v->t &&
	       (v->pid < 0 || row->key.pid < 0 || v->pid == row->key.pid);
}

void
chart_rows_end(struct chart_rows *rows)
{
	const struct chart_vcpu *v;
	struct chart_row *row;
	const uint64_t *known;
	uint32_t id;
	size_t i;

	for (i = 0; i < rows->n && rows->nvcpu > 0; i++) {
		row = &rows->row[i];
		known = hash_get(&rows->vcpus, hash_pair(row->key.machine, (uint32_t)row->key.tid));
		if (known != NULL && is_vcpu(row, &rows->vcpu[*known - 1]))
			row->vcpu = (uint32_t)*known;
	}
	for (i = 0; i < rows->nvcpu; i++) {
		v = &rows->vcpu[i];
		id = intern_find(&rows->names, v->guest);
		if (id != INTERN_NONE)
			rows->machine[id].host = rows->machine[v->machine].name;
	}
}

static int
name_order(struct str a, struct str b)
{
	bool host_a = str_eq(a, STR("host")), host_b = str_eq(b, STR("host"));

	return host_a != host_b ? host_b - host_a : chart_order(a, b);
}

static int
machine_order(const struct chart_machine *a, const struct chart_machine *b)
{
	bool guest_a = a->host.p != NULL, guest_b = b->host.p != NULL;
	int d = name_order(guest_a ? a->host : a->name, guest_b ? b->host : b->name);

	d = d != 0 ? d : guest_a - guest_b;
	return d != 0 ? d : chart_order(a->name, b->name);
}

int
chart_key_order(const struct chart_rows *rows, const struct chart_key *a, const struct chart_key *b)
{
	int d = 0;

	if (a->machine != b->machine)
		d = machine_order(&rows->machine[a->machine], &rows->machine[b->machine]);
	d = d != 0 ? d : ORDER(a->cpu, b->cpu);
	d = d != 0 ? d : ORDER(a->pid, b->pid);
	d = d != 0 ? d : ORDER(a->tid, b->tid);
	return d != 0 ? d : ORDER(a->birth, b->birth);
}

void
chart_rows_free(struct chart_rows *rows)
{
	size_t i;
	int m;

	for (i = 0; i < rows->nmachine; i++) {
		for (m = 0; m < CHART_METAS; m++)
			free((char *)rows->machine[i].meta[m].p);
		free((char *)rows->machine[i].missing.p);
	}
	free(rows->machine);
	free(rows->row);
	free(rows->vcpu);
	hash_free(&rows->vcpus);
	intern_free(&rows->guests);
	intern_free(&rows->names);
	intern_free(&rows->keys);
}
