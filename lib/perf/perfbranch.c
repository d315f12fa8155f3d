/* SPDX-License-Identifier: MIT */

/* Facts: struct perf_branch_entry in include/uapi/linux/perf_event.h of Linux 6.18. */

#include "perfrec_int.h"
#include "rec/pairs.h"
#include "rec/stack.h"

enum { ENTRY = 24 }; /* from, to, flags */

/* The flags of a branch: the first bit, and the number of bits. A big-endian writer counts bits
 * from the highest. */
static uint64_t
get_flag(uint64_t flags, bool big, int bit, int width)
{
	return flags >> (big ? 64 - bit - width : bit) & (((uint64_t)1 << width) - 1);
}

static struct str
type_name(uint64_t type, char *d)
{
	static const struct str names[] = { STR_INIT("-"), STR_INIT("cond"), STR_INIT("uncond"),
		STR_INIT("ind"), STR_INIT("call"), STR_INIT("ind_call"), STR_INIT("ret"),
		STR_INIT("syscall"), STR_INIT("sysret"), STR_INIT("cond_call"),
		STR_INIT("cond_ret"), STR_INIT("eret"), STR_INIT("irq"), STR_INIT("serror"),
		STR_INIT("no_tx") };

	if (type < sizeof names / sizeof *names)
		return names[type];
	return (struct str){ d, text_put_u64(d, type) };
}

/* What the flags say. Values of 0 are not known. */
static struct str
get_info(struct evinfo *v, uint64_t flags, bool big)
{
	static const struct {
		const char *key;
		int bit, width;
	} values[] = { { "mispredicted", 0, 1 }, { "predicted", 1, 1 }, { "in_tx", 2, 1 },
		{ "abort", 3, 1 }, { "cycles", 4, 16 }, { "spec", 24, 2 }, { "new_type", 26, 4 },
		{ "priv", 30, 3 } };
	char number[TEXT_NUMBER];
	uint64_t value;
	size_t i;

	evinfo_begin(v);
	for (i = 0; i < sizeof values / sizeof *values; i++) {
		value = get_flag(flags, big, values[i].bit, values[i].width);
		if (value != 0)
			evinfo_add(v, values[i].key, value);
	}
	pairs_add(&v->pairs, STR("type"), type_name(get_flag(flags, big, 20, 4), number));
	return evinfo_pairs(v);
}

bool
perf_branch_next(struct perf_branches *p, struct evinfo *v, struct rec *r)
{
	uint64_t from, to, flags;

	while (bytes_left(&p->left) >= ENTRY) {
		from = bytes_u64(&p->left);
		to = bytes_u64(&p->left);
		flags = bytes_u64(&p->left);
		p->n++;
		if (from == 0 && to == 0)
			continue;
		r->kind = REC_BRANCH;
		r->branch.index = p->n - 1;
		r->branch.from = (struct str){ p->from, text_put_hex(p->from, from) };
		r->branch.to = (struct str){ p->to, text_put_hex(p->to, to) };
		r->branch.info = get_info(v, flags, bytes_big(&p->left));
		return true;
	}
	return false;
}

struct bytes
perf_branch_join(struct bytes chain, struct bytes branch, uint64_t *room)
{
	const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	struct bytes b = chain;
	uint64_t from, to;
	size_t n = 0;
	bool first = true;

	while (bytes_left(&b) >= 8 && (n == 0 || room[n - 1] != STACK_USER))
		room[n++] = bytes_u64(&b);
	if (n == 0 || room[n - 1] != STACK_USER || bytes_left(&branch) < ENTRY)
		return chain;
	while (bytes_left(&branch) >= ENTRY) {
		from = bytes_u64(&branch);
		to = bytes_u64(&branch);
		bytes_u64(&branch); /* flags */
		if (first)
			room[n++] = to;
		if (from != 0)
			room[n++] = from;
		first = false;
	}
	return bytes_of(room, n * sizeof *room, big);
}
