/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "perf_int.h"

enum {
	ATTR_V0 = 64,
	HEAD = 8,
	MODIFIERS = 8, /* the longest text of them */
	FLAG_NO_USER = 4,
	FLAG_NO_KERNEL = 5,
	FLAG_NO_HV = 6,
	FLAG_FREQ = 10,
	FLAG_PRECISE = 15,
	FLAG_ID_ALL = 18,
	FLAG_CLOCKID = 25,
	UPDATE_NAME = 2
};

/* --- an attr */

/* The bits of a C bit field: a big-endian compiler fills each byte from its high end. */
static uint64_t
read_flags(struct bytes *b)
{
	uint64_t v = 0, byte;
	int i, k;

	for (i = 0; i < 8; i++) {
		byte = bytes_u8(b);
		for (k = 0; k < 8; k++)
			if (byte >> (bytes_big(b) ? 7 - k : k) & 1)
				v |= (uint64_t)1 << (8 * i + k);
	}
	return v;
}

static void
read_body(struct perf_attr *a, struct bytes *b)
{
	a->config = bytes_u64(b);
	a->period = bytes_u64(b);
	a->sample_type = bytes_u64(b);
	a->read_format = bytes_u64(b);
	a->flags = read_flags(b);
	bytes_u32(b); /* wakeup */
	bytes_u32(b); /* bp_type */
	bytes_u64(b); /* config1 */
	bytes_u64(b); /* config2 */
	a->branch_type = bytes_u64(b);
	a->regs_user = bytes_u64(b);
	a->stack_user = bytes_u32(b);
	a->clockid = (int32_t)bytes_u32(b);
	a->regs_intr = bytes_u64(b);
}

/* Values of 8 bytes, which a sample starts with. */
enum {
	HEADS = PERF_IDENTIFIER | PERF_IP | PERF_TID | PERF_TIME | PERF_ADDR | PERF_ID |
		PERF_STREAM_ID | PERF_CPU | PERF_PERIOD
};

static int
words(uint64_t bits)
{
	return 8 * __builtin_popcountll(bits);
}

/* Find where samples and other records have their id and time. */
static void
lay_out(struct perf_attr *a)
{
	uint64_t st = a->sample_type, head = st & (PERF_IDENTIFIER | PERF_IP | PERF_TID);
	uint64_t back = PERF_ID | PERF_STREAM_ID | PERF_CPU | PERF_IDENTIFIER;

	a->sample_id = a->sample_time = a->back_id = a->back_time = -1;
	if (st & PERF_IDENTIFIER)
		a->sample_id = 0;
	else if (st & PERF_ID)
		a->sample_id = words(st & (PERF_IP | PERF_TID | PERF_TIME | PERF_ADDR));
	if (st & PERF_TIME)
		a->sample_time = words(head);
	a->head = words(st & HEADS);
	if (!a->sample_id_all)
		return;
	a->trailer = words(st & (back | PERF_TID | PERF_TIME));
	if (st & PERF_IDENTIFIER)
		a->back_id = 8;
	else if (st & PERF_ID)
		a->back_id = words(st & (PERF_ID | PERF_STREAM_ID | PERF_CPU));
	if (st & PERF_TIME)
		a->back_time = 8 + words(st & back);
}

struct perf_attr
perf_attr_read(struct bytes *from, size_t n)
{
	struct bytes b = bytes_cut(from, n);
	struct perf_attr a = { .type = bytes_u32(&b), .size = bytes_u32(&b) };

	if (a.size == 0)
		a.size = ATTR_V0;
	if (!bytes_bad(&b) && a.size < n)
		bytes_keep(&b, a.size < HEAD ? 0 : a.size - HEAD);
	read_body(&a, &b);
	a.freq = a.flags >> FLAG_FREQ & 1;
	a.sample_id_all = a.flags >> FLAG_ID_ALL & 1;
	if (!(a.flags >> FLAG_CLOCKID & 1))
		a.clockid = -1;
	lay_out(&a);
	return a;
}

static const char *const hardware[] = { "cycles", "instructions", "cache-references",
	"cache-misses", "branches", "branch-misses", "bus-cycles", "stalled-cycles-frontend",
	"stalled-cycles-backend", "ref-cycles" };
static const char *const software[] = { "cpu-clock", "task-clock", "page-faults",
	"context-switches", "cpu-migrations", "minor-faults", "major-faults", "alignment-faults",
	"emulation-faults", "dummy", "bpf-output", "cgroup-switches" };
static const char *const cache[] = { "L1-dcache", "L1-icache", "LLC", "dTLB", "iTLB", "branch",
	"node" };
static const char *const cache_op[] = { "load", "store", "prefetch" };

enum {
	N_HARDWARE = sizeof hardware / sizeof *hardware,
	N_SOFTWARE = sizeof software / sizeof *software,
	N_CACHE = sizeof cache / sizeof *cache
};

/* Append what perf writes after the name of an event for the modes that it does not count in, and
 * for its precision: ":u", ":ppp". */
static void
add_modifiers(const struct perf_attr *a, char *name, size_t n)
{
	static const struct {
		int excluded;
		char letter;
	} modes[] = { { FLAG_NO_KERNEL, 'k' }, { FLAG_NO_USER, 'u' }, { FLAG_NO_HV, 'h' } };
	uint64_t precise = a->flags >> FLAG_PRECISE & 3;
	size_t len = strlen(name);
	char d[MODIFIERS], *p = d;
	size_t i;

	*p++ = ':';
	for (i = 0; i < sizeof modes / sizeof *modes; i++)
		if (a->flags >> FLAG_NO_USER & 7 && !(a->flags >> modes[i].excluded & 1))
			*p++ = modes[i].letter;
	for (; precise > 0; precise--)
		*p++ = 'p';
	*p = '\0';
	if (p > d + 1 && len + sizeof d <= n)
		memcpy(name + len, d, (size_t)(p - d) + 1);
}

void
perf_attr_describe(const struct perf_attr *a, char *name, size_t n)
{
	unsigned which = a->config & 0xff, op = a->config >> 8 & 0xff,
		 miss = a->config >> 16 & 0xff;

	if (a->type == PERF_HARDWARE && a->config < N_HARDWARE)
		snprintf(name, n, "%s", hardware[a->config]);
	else if (a->type == PERF_SOFTWARE && a->config < N_SOFTWARE)
		snprintf(name, n, "%s", software[a->config]);
	else if (a->type == PERF_HW_CACHE && which < N_CACHE && op < 3 && miss < 2)
		snprintf(
		    name, n, "%s-%s%s", cache[which], cache_op[op], miss == 1 ? "-misses" : "s");
	else if (a->type == PERF_RAW_EVENT)
		snprintf(name, n, "r%llx", (unsigned long long)a->config);
	else if (a->type == PERF_BREAKPOINT)
		snprintf(name, n, "mem");
	else if (a->type == PERF_TRACEPOINT)
		snprintf(name, n, "tracepoint:%llu", (unsigned long long)a->config);
	else
		snprintf(name, n, "pmu%u/config=0x%llx/", a->type, (unsigned long long)a->config);
	if (a->type != PERF_TRACEPOINT && a->type != PERF_BREAKPOINT)
		add_modifiers(a, name, n);
}

/* --- the events of a file */

void
perf_events_free(struct perf_events *e)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		free(e->event[i]->name);
		free(e->event[i]);
	}
	free(e->event);
	hash_free(&e->ids);
	hash_free(&e->types);
	hash_free(&e->typed);
	intern_free(&e->type_names);
	*e = (struct perf_events){ 0 };
}

struct perf_attr *
perf_events_add(struct perf_events *e, struct perf_attr attr, struct bytes ids)
{
	struct perf_attr *a = mem_alloc(sizeof *a);
	const struct perf_attr *first;
	size_t i;

	*a = attr;
	a->index = e->n;
	e->event = mem_grow(e->event, e->n, &e->cap, sizeof a);
	e->event[e->n++] = a;
	while (bytes_left(&ids) >= 8)
		*hash_put(&e->ids, bytes_u64(&ids)) = e->n;
	for (i = 0; i < PERF_EVENT_HINTS; i++)
		e->hint[i].event = NULL;
	first = e->event[0];
	e->mixed |= a->sample_id != first->sample_id || a->sample_time != first->sample_time ||
		    a->back_id != first->back_id || a->back_time != first->back_time ||
		    a->trailer != first->trailer;
	return a;
}

struct perf_attr *
perf_events_search(struct perf_events *e, uint64_t id)
{
	size_t hint = id % PERF_EVENT_HINTS;
	uint64_t *at = hash_get(&e->ids, id);

	if (at == NULL)
		return id == 0 && e->n > 0 ? e->event[0] : NULL;
	e->hint[hint].id = id;
	e->hint[hint].event = e->event[*at - 1];
	return e->event[*at - 1];
}

static void
set_name(struct perf_events *e, struct perf_attr *a, const char *name, size_t n)
{
	if (n > PERF_EVENT_NAME) {
		e->cut_names++;
		n = PERF_EVENT_NAME;
	}
	free(a->name);
	a->name = mem_copy(name, n);
}

/* Attr, ids and name of each event, which is found by its first id or else by its place. */
void
perf_events_describe(struct perf_events *e, struct bytes b)
{
	uint32_t n = bytes_u32(&b), size = bytes_u32(&b), i, nids, len;
	struct bytes text;
	struct perf_attr *a;
	const char *name;
	size_t namelen;

	for (i = 0; i < n && !bytes_bad(&b); i++) {
		bytes_take(&b, size);
		nids = bytes_u32(&b);
		len = bytes_u32(&b);
		text = bytes_cut(&b, len);
		name = bytes_string(&text, &namelen);
		a = nids > 0 && bytes_left(&b) >= 8 ? perf_events_find(e, bytes_u64(&b)) : NULL;
		bytes_take(&b, nids > 0 ? 8 * ((size_t)nids - 1) : 0);
		if (a == NULL && i < e->n)
			a = e->event[i];
		if (a != NULL && namelen > 0 && !bytes_bad(&b))
			set_name(e, a, name, namelen);
	}
}

void
perf_events_update(struct perf_events *e, struct bytes b)
{
	uint64_t type = bytes_u64(&b);
	struct perf_attr *a = perf_events_find(e, bytes_u64(&b));
	const char *name;
	size_t n;

	if (type != UPDATE_NAME || a == NULL || bytes_bad(&b))
		return;
	name = bytes_string(&b, &n);
	if (n > 0)
		set_name(e, a, name, n);
}

/* A config and the name of the events that have it. The first name counts. */
void
perf_events_type(struct perf_events *e, struct bytes b)
{
	uint64_t config = bytes_u64(&b), *type;
	struct str name;

	name.p = bytes_string(&b, &name.n);
	if (name.n == 0 || bytes_bad(&b))
		return;
	if (name.n > PERF_EVENT_NAME) {
		e->cut_names++;
		name.n = PERF_EVENT_NAME;
	}
	type = hash_put(&e->types, config);
	if (*type == 0)
		*type = (uint64_t)intern_put(&e->type_names, name) + 1;
}

void
perf_events_name_type(struct perf_events *e, uint64_t type, uint64_t config, struct str name)
{
	uint64_t *named;

	if (name.n == 0 || name.n > PERF_EVENT_NAME)
		return;
	named = hash_put(&e->typed, digest(config) + type);
	*named = (uint64_t)intern_put(&e->type_names, name) + 1;
}

/* The name that a type and config have in the file; NULL if none. */
static const uint64_t *
typed_name(const struct perf_events *e, const struct perf_attr *a)
{
	if (a->type == PERF_HARDWARE || a->type == PERF_SOFTWARE || a->type == PERF_HW_CACHE)
		return NULL;
	return hash_get(&e->typed, digest(a->config) + a->type);
}

const char *
perf_events_name(const struct perf_events *e, const struct perf_attr *a)
{
	const uint64_t *type;

	if (a->name != NULL)
		return a->name;
	type = typed_name(e, a);
	if (type == NULL)
		type = hash_get(&e->types, a->config);
	return type == NULL ? NULL : intern_str(&e->type_names, (uint32_t)(*type - 1)).p;
}
