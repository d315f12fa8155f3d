/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "perfevents.h"

enum { UPDATE_NAME = 2 };

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
perf_events_find(struct perf_events *e, uint64_t id)
{
	size_t hint = id % PERF_EVENT_HINTS;
	uint64_t *at;

	if (e->hint[hint].event != NULL && e->hint[hint].id == id)
		return e->hint[hint].event;
	at = hash_get(&e->ids, id);
	if (at == NULL)
		return id == 0 && e->n > 0 ? e->event[0] : NULL;
	e->hint[hint].id = id;
	e->hint[hint].event = e->event[*at - 1];
	return e->event[*at - 1];
}

/* The id's place is the same for all events that a record may belong to. */
struct perf_attr *
perf_events_of(struct perf_events *e, bool sample, struct bytes b)
{
	const struct perf_attr *first = e->n > 0 ? e->event[0] : NULL;
	struct perf_attr *found;
	int at;

	if (e->n <= 1)
		return e->n == 0 ? NULL : e->event[0];
	at = sample ? first->sample_id : first->back_id;
	if (at < 0)
		return e->event[0];
	if (bytes_take(&b, sample ? (size_t)at : bytes_left(&b) - (size_t)at) == NULL)
		return NULL;
	found = perf_events_find(e, bytes_u64(&b));
	return found == NULL && !sample ? e->event[0] : found;
}

void
perf_events_name(struct perf_attr *a, const char *name, size_t n)
{
	free(a->name);
	a->name = mem_copy(name, n);
}

/* Attr, ids and name of each event; the ids tell which of ours it is, else the order does. */
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
			perf_events_name(a, name, namelen);
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
		perf_events_name(a, name, n);
}

/* The attr's config and a name. */
void
perf_events_type(struct perf_events *e, struct bytes b)
{
	uint64_t config = bytes_u64(&b);
	const char *name;
	size_t n, i;

	name = bytes_string(&b, &n);
	for (i = 0; i < e->n && n > 0 && !bytes_bad(&b); i++)
		if (e->event[i]->config == config && e->event[i]->name == NULL)
			perf_events_name(e->event[i], name, n);
}
