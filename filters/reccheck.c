/* SPDX-License-Identifier: MIT */
/* reccheck - copy a record stream up to its first bad line */

#include "filter.h"
#include "rec/stackdefs.h"

enum { OPT_ANY_ORDER = FILTER_LONG };

static const struct filter_option options[] = {
	{ 'n', NULL, NULL, "only check, copy nothing" },
	{ OPT_ANY_ORDER, "any-order", NULL, "times may go back" },
	{ 0 },
};

struct check {
	bool any_order;
	int64_t now; /* the latest time so far */
	struct stackdefs defs;
};

/* States are written when they end, packets buffer by buffer, a definition when it is used. */
static bool
is_ordered(const struct rec *r)
{
	switch (r->kind) {
	case REC_STATE:
	case REC_CPUSTATE:
	case REC_ARROW:
	case REC_PKT:
	case REC_RANGE:
	case REC_FLOW:
	case REC_STACK:
	case REC_OTHER:
		return false;
	default:
		return r->t != REC_NO_NS;
	}
}

/* What no line shows alone: the order of times, a stack that was defined otherwise before. */
static bool
check(struct check *c, struct recin *in, const struct rec *r)
{
	if (r->kind == REC_STACK && !stackdefs_put(&c->defs, r->stack.hash, r->stack.frames))
		return rec_bad(in, "stack: %llx was defined otherwise before",
		    (unsigned long long)r->stack.hash);
	if (c->any_order || !is_ordered(r))
		return true;
	if (r->t < c->now)
		return rec_bad(in,
		    "%s: time goes back from %lld to %lld (LC_ALL=C sort -s -k2,2n puts it right)",
		    rec_name(r->kind), (long long)c->now, (long long)r->t);
	c->now = r->t;
	return true;
}

int
main(int argc, char *argv[])
{
	struct filter f = { "reccheck",
		"copy records up to the first bad line, say what is wrong with it",
		.options = options, .argc = argc, .argv = argv };
	struct check c = { .now = INT64_MIN };
	struct rec r;
	bool copy = true;
	int id;

	while ((id = filter_option(&f)) != -1) {
		copy = copy && id != 'n';
		c.any_order = c.any_order || id == OPT_ANY_ORDER;
	}
	if (filter_open(&f))
		while (filter_next(&f, &r) && rec_check(&f.rec, &r) && check(&c, &f.rec, &r))
			if (copy)
				rec_put(&f.out, &r);
	if (f.verbose)
		filter_note(&f, "%llu lines read", (unsigned long long)f.rec.line);
	stackdefs_free(&c.defs);
	return filter_close(&f);
}
