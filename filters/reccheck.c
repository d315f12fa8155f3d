/* SPDX-License-Identifier: MIT */
/* reccheck - copy a record stream up to its first bad line */

#include "filter.h"
#include "rec/stackdefs.h"

enum { OPT_ANY_ORDER = FILTER_LONG };

static const struct filter_option options[] = {
	{ 'n', NULL, NULL, "only check, copy nothing" },
	{ OPT_ANY_ORDER, "any-order", NULL, "allow times to go back" },
	{ 0 },
};

struct check {
	bool any_order, copy;
	int64_t now; /* the latest time so far */
	struct stackdefs defs;
};

static void
get_options(struct filter *f, struct check *c)
{
	int id;

	while ((id = filter_option(f)) != -1)
		if (id == 'n')
			c->copy = false;
		else if (id == OPT_ANY_ORDER)
			c->any_order = true;
}

/* Is the record of a kind that comes in order? States are written when they end, packets buffer by
 * buffer, a stack when it is first used. */
static bool
is_ordered(const struct rec *r)
{
	switch (r->kind) {
	case REC_STATE:
	case REC_CPUSTATE:
	case REC_IOSTATE:
	case REC_REQUEST:
	case REC_ARROW:
	case REC_PATH:
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

/* Check what no line shows alone: the order of times, and that no stack is redefined. */
static bool
check(struct check *c, struct recin *in, const struct rec *r)
{
	if (r->kind == REC_STACK && !stackdefs_agree(&c->defs, r->stack.hash, r->stack.frames))
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
		"copy records up to the first bad line, and report what is wrong with it",
		.options = options, .argc = argc, .argv = argv };
	struct check c = { .copy = true, .now = INT64_MIN };
	struct rec r;

	get_options(&f, &c);
	if (filter_open(&f))
		while (filter_next(&f, &r) && rec_check(&f.rec, &r) && check(&c, &f.rec, &r))
			if (c.copy)
				rec_put(&f.out, &r);
	if (f.verbose)
		filter_note(&f, NULL, "%llu lines read", (unsigned long long)f.rec.line);
	stackdefs_free(&c.defs);
	return filter_close(&f);
}
