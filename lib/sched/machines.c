/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "machines.h"
#include "rec/rec.h"

static struct machine *
add(struct machines *ms, struct str name)
{
	struct machine *m = mem_alloc(sizeof *m);

	m->id = (uint32_t)ms->n;
	m->lost = INT64_MIN;
	m->name = (struct str){ mem_copy(name.p, name.n), name.n };
	ms->all = mem_grow(ms->all, ms->n, &ms->cap, sizeof(struct machine *));
	ms->all[ms->n++] = m;
	return m;
}

struct machine *
machines_get(struct machines *ms, struct str name)
{
	uint64_t key, *id;

	if (ms->recent != NULL && str_eq(ms->recent->name, name))
		return ms->recent;
	key = digest_bytes(0, name.p, name.n);
	while ((id = hash_get(&ms->ids, key)) != NULL) {
		ms->recent = ms->all[*id - 1];
		if (str_eq(ms->recent->name, name))
			return ms->recent;
		key++;
	}
	ms->recent = add(ms, name);
	*hash_put(&ms->ids, key) = ms->n;
	return ms->recent;
}

void
machines_free(struct machines *ms)
{
	size_t i;

	for (i = 0; i < ms->n; i++) {
		free((char *)ms->all[i]->name.p);
		free(ms->all[i]);
	}
	free(ms->all);
	hash_free(&ms->ids);
	*ms = (struct machines){ 0 };
}

bool
machine_event(struct machine *m, int64_t t)
{
	if (!m->begun) {
		m->begun = true;
		m->start = m->last = t;
	}
	if (t < m->last)
		return false;
	m->last = t;
	return true;
}

static const struct str words[] = { { "", 0 }, { "inferred", 8 }, { "unknown", 7 }, { "open", 4 },
	{ "lost", 4 } };

void
edge_pairs(struct strbuf *k, enum edge begin, enum edge end)
{
	if (begin != EDGE_SEEN)
		pairs_add(k, STR("begin"), words[begin]);
	if (end != EDGE_SEEN)
		pairs_add(k, STR("end"), words[end]);
}

int64_t
machine_span(int64_t a, int64_t b)
{
	uint64_t n = (uint64_t)b - (uint64_t)a;

	return n > INT64_MAX ? REC_NO_NS : (int64_t)n;
}
