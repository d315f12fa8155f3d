/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream, folded: no interval is empty or negative, those of a task do not
 * overlap, those of a CPU follow one another without a gap; the calls of a task and the
 * interrupts of a CPU do not overlap; valid records make valid records; each line is the one that
 * rec_put() writes. */

#include <stdlib.h>

#include "base/digest.h"
#include "base/hash.h"
#include "base/mem.h"
#include "input.h"
#include "rec/rec.h"
#include "sched/lines.h"
#include "sched/states.h"

/* Where the last interval of each task and of each CPU ended. */
struct check {
	struct hash task, cpu, lane, call;
	struct out out, other;
	struct lines lines;
};

static void
must(bool b)
{
	if (!b)
		abort();
}

/* Intervals of one key, which may be empty, follow one another; nested, one may lie within the
 * next.
 */
static void
check_apart(struct hash *ends, uint64_t key, const struct rec *r, int64_t end, bool nested)
{
	uint64_t id = digest_bytes(key, r->machine.p, r->machine.n), *at = hash_get(ends, id);

	must(end >= r->t);
	must(at == NULL || (nested ? end : r->t) >= (int64_t)*at);
	*hash_put(ends, id) = (uint64_t)end;
}

/* An interval must not begin before the last one of its key ended; nor after that if whole. */
static void
check_follows(struct hash *ends, uint64_t key, const struct rec *r, int64_t end, bool whole)
{
	uint64_t id = digest_bytes(key, r->machine.p, r->machine.n), *at = hash_get(ends, id);

	must(end > r->t);
	must(at == NULL || r->t >= (int64_t)*at);
	must(!whole || at == NULL || r->t == (int64_t)*at);
	*hash_put(ends, id) = (uint64_t)end;
}

/* Write a record in two ways. */
static void
put(struct check *c, const struct rec *r)
{
	c->other.n = 0;
	rec_put(&c->other, r);
	out_room(&c->out, c->other.n + 1024);
	lines_put(&c->lines, &c->out, r);
	must(c->out.n >= c->other.n &&
	     memcmp(c->out.buf + c->out.n - c->other.n, c->other.buf, c->other.n) == 0);
}

static void
check(void *arg, const struct rec *r)
{
	struct check *c = arg;

	put(c, r);
	if (r->kind == REC_STATE) {
		check_follows(&c->task, digest((uint64_t)r->state.birth) ^ (uint32_t)r->tid, r,
		    r->state.end, false);
		if (str_eq(r->state.state, STR("running")))
			check_follows(&c->cpu, (uint32_t)r->cpu, r, r->state.end, true);
	} else if (r->kind == REC_CPUSTATE) {
		must(r->cpustate.end >= r->t);
		if (str_eq(r->cpustate.lane, STR("cpu")))
			check_follows(&c->cpu, (uint32_t)r->cpu, r, r->cpustate.end, true);
		else if (str_eq(r->cpustate.lane, STR("softirq")))
			check_apart(&c->lane, (uint32_t)r->cpu, r, r->cpustate.end, false);
		else if (str_eq(r->cpustate.lane, STR("irq")))
			check_apart(&c->lane, ~(uint64_t)r->cpu, r, r->cpustate.end, true);
	} else if (r->kind == REC_IOSTATE) {
		check_apart(&c->call, digest((uint64_t)r->iostate.birth) ^ (uint32_t)r->tid, r,
		    r->iostate.end, false);
	} else if (r->kind == REC_REQUEST) {
		must(r->request.end >= r->t);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	bool valid = n % 2 == 0; /* take valid records only */
	struct input in;
	struct recin rec = { .in = &in };
	struct check c = { 0 };
	struct states *s = states_new(check, &c);
	struct rec r;

	fuzz_input(&in, p, n);
	out_open(&c.other, -1);
	out_open(&c.out, valid ? fuzz_file("", 0) : -1);
	while (rec_next(&rec, &r) && (!valid || rec_check(&rec, &r)) &&
	       states_add(s, &r) != STATES_ORDER)
		;
	states_end(s);
	states_free(s);
	out_flush(&c.out);
	if (valid)
		fuzz_is_stream(c.out.fd);
	hash_free(&c.task);
	hash_free(&c.cpu);
	hash_free(&c.lane);
	hash_free(&c.call);
	out_free(&c.out);
	out_free(&c.other);
	input_close(&in);
	return 0;
}
