/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "rec/pairs.h"
#include "states_int.h"

struct machine *
machines_get_other(struct machines *ms, struct str name)
{
	size_t n = ms->names.n;
	uint32_t id;
	struct machine *m;

	id = intern_put(&ms->names, name);
	if (id < n)
		return ms->last = ms->all[id];
	ms->all = mem_grow(ms->all, id, &ms->cap, sizeof(struct machine *));
	m = ms->all[id] = mem_alloc(sizeof *m);
	*m = (struct machine){
		.id = id, .name = intern_str(&ms->names, id), .lost = INT64_MIN, .latest = INT64_MIN
	};
	return ms->last = m;
}

void
machines_free(struct machines *ms)
{
	size_t i;

	for (i = 0; i < ms->names.n; i++)
		free(ms->all[i]);
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
	if (t < m->latest)
		return false;
	m->last = m->latest = t;
	return true;
}

bool
machine_process(struct machine *m, int64_t t)
{
	if (t == 0)
		return true;
	if (t < m->latest)
		return false;
	m->latest = t;
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

int64_t
number_of(struct str s)
{
	const char *end;
	uint64_t u;
	int64_t v;

	if (s.p == NULL)
		return REC_NO_INT;
	end = s.p + s.n;
	if (s.n > 2 && s.p[0] == '0' && s.p[1] == 'x') {
		while (s.n > 3 && s.p[2] == '0')
			s = (struct str){ s.p + 1, s.n - 1 };
		return text_hex(s.p + 2, end, &u) == end ? (int64_t)u : REC_NO_INT;
	}
	if (text_s64(s.p, end, &v) == end)
		return v;
	return text_u64(s.p, end, &u) == end ? (int64_t)u : REC_NO_INT;
}

int64_t
info_number(struct str info, struct str key)
{
	return number_of(pairs_get(info, key));
}

void
info_add(struct strbuf *info, struct str key, uint64_t n)
{
	char digits[TEXT_NUMBER];

	pairs_add(info, key, (struct str){ digits, text_put_u64(digits, n) });
}
