/* SPDX-License-Identifier: MIT */
/* meter_series - the counters of a recording, by domain, place and name */

#include "base/digest.h"
#include "base/mem.h"
#include "meter.h"

static bool
is_series(const struct meter_series *s, const struct rapl_reading *r)
{
	return s->domain == r->domain && s->place.len == r->place.len &&
	       memcmp(s->place.name, r->place.name, s->place.len) == 0 &&
	       str_eq(s->event, r->event);
}

static struct meter_series *
new_series(struct meter *m, const struct rapl_reading *r)
{
	struct meter_series *s = mem_alloc(sizeof *s);

	m->series = mem_grow(m->series, m->nseries, &m->cap_series, sizeof(struct meter_series *));
	m->series[m->nseries] = s;
	s->index = (uint32_t)m->nseries++;
	s->domain = r->domain;
	s->place = r->place;
	s->event = (struct str){ mem_copy(r->event.p, r->event.n), r->event.n };
	return s;
}

/* In recordings the counters come round in the same order. */
struct meter_series *
meter_find(struct meter *m, const struct rapl_reading *r)
{
	uint64_t key, *index;

	m->guess = m->guess + 1 < m->nseries ? m->guess + 1 : 0;
	if (m->guess < m->nseries && is_series(m->series[m->guess], r))
		return m->series[m->guess];
	key = digest_bytes((uint64_t)r->domain, r->place.name, r->place.len);
	key = digest_bytes(key, r->event.p, r->event.n);
	while ((index = hash_get(&m->names, key)) != NULL) {
		m->guess = *index;
		if (is_series(m->series[m->guess], r))
			return m->series[m->guess];
		key = digest(key);
	}
	if (m->nseries == METER_SERIES)
		return NULL;
	m->guess = m->nseries;
	*hash_put(&m->names, key) = m->nseries;
	return new_series(m, r);
}
