/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "rec/pairs.h"
#include "states_int.h"

struct machine *
machines_get(struct machines *ms, struct str name)
{
	size_t n = ms->names.n;
	uint32_t id = intern_put(&ms->names, name);
	struct machine *m;

	if (id < n)
		return ms->all[id];
	ms->all = mem_grow(ms->all, id, &ms->cap, sizeof(struct machine *));
	m = ms->all[id] = mem_alloc(sizeof *m);
	*m = (struct machine){ .id = id, .name = intern_str(&ms->names, id), .lost = INT64_MIN };
	return m;
}

void
machines_free(struct machines *ms)
{
	size_t i;

	for (i = 0; i < ms->names.n; i++) {
		free(ms->all[i]->heard);
		free(ms->all[i]);
	}
	free(ms->all);
	intern_free(&ms->names);
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

void
edge_pairs(struct strbuf *pairs, enum edge begin, enum edge end)
{
	static const struct str words[] = { STR_INIT("-"), STR_INIT("inferred"),
		STR_INIT("unknown"), STR_INIT("open"), STR_INIT("lost") };

	if (begin != EDGE_SEEN)
		pairs_add(pairs, STR("begin"), words[begin]);
	if (end != EDGE_SEEN)
		pairs_add(pairs, STR("end"), words[end]);
}
