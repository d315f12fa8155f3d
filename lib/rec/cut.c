/* SPDX-License-Identifier: MIT */

#include "cut.h"

/* The end of the interval of a record, which may be changed if the record may; NULL if its kind has
 * none. */
static int64_t *
end_field(const struct rec *r)
{
	struct rec *changed = (struct rec *)(uintptr_t)r;

	switch (r->kind) {
	case REC_STATE:
		return &changed->state.end;
	case REC_CPUSTATE:
		return &changed->cpustate.end;
	case REC_IOSTATE:
		return &changed->iostate.end;
	case REC_REQUEST:
		return &changed->request.end;
	case REC_PATH:
		return &changed->path.end;
	case REC_ENERGY:
		return &changed->energy.end;
	default:
		return NULL;
	}
}

int64_t
cut_end(const struct rec *r)
{
	const int64_t *end = end_field(r);

	return end == NULL || *end == REC_NO_NS ? r->t : *end;
}

/* Is t the first event of the input, and the start of the window? */
static bool
is_first(const struct window *w, int64_t t)
{
	return t == w->from && t == w->first && window_is_relative(w);
}

struct cut
cut_span(const struct window *w, int64_t t, int64_t end)
{
	struct cut c = { t, end, true };

	/* one that ends before it starts is of one time */
	c.end = c.end > c.t ? c.end : c.t;
	c.counts = (c.end > w->from || is_first(w, c.end)) && c.end <= w->to;
	c.t = c.t > w->from ? c.t : w->from;
	c.end = c.end < w->to ? c.end : w->to;
	return c;
}

struct cut
cut_of(const struct window *w, const struct rec *r)
{
	return r->t == REC_NO_NS ? (struct cut){ r->t, cut_end(r), true }
				 : cut_span(w, r->t, cut_end(r));
}

bool
cut_rec(const struct window *w, struct rec *r)
{
	struct cut c = cut_of(w, r);
	int64_t *end = end_field(r);

	if (cut_is_empty(&c))
		return false;
	if (end != NULL && c.t < c.end) {
		r->t = c.t;
		*end = c.end;
	}
	return true;
}

bool
cut_is_loss(const struct window *w, const struct rec *r)
{
	int64_t since = r->kind == REC_LOST ? r->lost.since : r->t;
	struct cut c;

	if (!rec_is_loss(r) || r->t == REC_NO_NS)
		return false;
	since = since == REC_NO_NS || since > r->t ? r->t : since;
	c = cut_span(w, since, cut_end(r));
	return !cut_is_empty(&c);
}
