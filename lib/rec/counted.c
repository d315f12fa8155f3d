/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "counted.h"
#include "event.h"

static struct str
event_of(const struct rec *r)
{
	switch (r->kind) {
	case REC_SAMPLE:
		return r->sample.event;
	case REC_TRACEPOINT:
		return r->tracepoint.name;
	case REC_STATE:
		return r->state.state;
	default:
		return str_of(rec_name(r->kind));
	}
}

/* Note that an event is counted. The lengths of states, whichever these are, add up to a time. */
static void
note_event(struct counted *c, const struct rec *r, uint32_t event)
{
	uint32_t what = r->kind == REC_STATE ? INTERN_NONE : event + 1;

	c->first = c->first == 0 ? what : c->first;
	c->mixed = c->mixed || c->first != what;
}

bool
counted_has(struct counted *c, const struct rec *r, uint32_t *event)
{
	bool sampled = r->kind == REC_SAMPLE || r->kind == REC_TRACEPOINT;
	size_t known = c->seen.n;
	struct str name;

	if (c->events.n == 0 && !sampled)
		return false;
	name = event_of(r);
	*event = intern_put(&c->seen, name);
	if (*event == known) {
		c->wanted = mem_grow(c->wanted, known, &c->cap, sizeof *c->wanted);
		c->wanted[known] = c->events.n == 0 || event_hit_rec(&c->events, r, name);
	}
	if (!c->wanted[*event])
		return false;
	note_event(c, r, *event);
	return true;
}

struct str
counted_event(const struct counted *c, uint32_t event)
{
	return intern_str(&c->seen, event);
}

uint64_t
counted_period(struct counted *c, const struct rec *r)
{
	int64_t end;

	if (r->kind == REC_SAMPLE && r->sample.period != REC_NO_U64)
		return r->sample.period;
	if (r->kind != REC_STATE && r->kind != REC_PATH)
		return 1;
	end = r->kind == REC_STATE ? r->state.end : r->path.end;
	if (end >= r->t)
		return (uint64_t)end - (uint64_t)r->t;
	c->backward++;
	return 0;
}

void
counted_free(struct counted *c)
{
	patterns_free(&c->events);
	intern_free(&c->seen);
	free(c->wanted);
}
