/* SPDX-License-Identifier: MIT */
/*
 * Random records of several CPUs, some with equal times, in rounds: each comes out once, in order,
 * equal times in the order they were added, and no round too early. A record may miss its rounds by
 * TIMEORDER_LATE.
 */

#include "perf/timeorder.h"
#include "tap.h"

enum { CASES = 300, CPUS = 7, MAXROUNDS = 12, MAXRECORDS = 40, STEP = TIMEORDER_LATE / 20 };

struct test {
	uint64_t r; /* the state of the random numbers */
	struct timeorder order;
	uint64_t offset, out, last_time, last_offset;
	uint64_t lowest; /* the lowest offset that waits, as timeorder says */
	bool bad;
	uint64_t settled; /* records that came when earlier ones were known to be over */
};

static uint64_t
next(uint64_t *r)
{
	*r ^= *r << 13;
	*r ^= *r >> 7;
	*r ^= *r << 17;
	return *r;
}

static void
take(struct test *t)
{
	struct timeorder_entry e;

	while (timeorder_next(&t->order, &e)) {
		if (e.where >> 16 < t->lowest)
			t->bad = true;
		if (e.time < t->last_time ||
		    (e.time == t->last_time && e.where >> 16 < t->last_offset && t->out > 0))
			t->bad = true;
		if ((e.where & 0xffff) != (e.where >> 16) % 1000)
			t->bad = true;
		t->last_time = e.time;
		t->last_offset = e.where >> 16;
		t->out++;
	}
	t->lowest = t->order.n == 0 ? t->offset : t->order.lowest;
}

/* A round: records of each CPU that are later than those it had in the previous round. */
static void
add_round(struct test *t, uint64_t *cpu_time, uint64_t start)
{
	uint64_t late;
	int cpu, n;

	for (cpu = 0; cpu < CPUS; cpu++) {
		if (cpu_time[cpu] < start)
			cpu_time[cpu] = start;
		for (n = (int)(next(&t->r) % MAXRECORDS); n > 0; n--) {
			cpu_time[cpu] += next(&t->r) % 3 * STEP;
			late = next(&t->r) % 8 == 0 ? next(&t->r) % TIMEORDER_LATE : 0;
			timeorder_add(&t->order, cpu_time[cpu] - late, t->offset, t->offset % 1000);
			if (cpu_time[cpu] - late < t->order.settled)
				t->bad = true;
			t->settled += t->order.settled > 0;
			t->offset++;
		}
	}
}

static bool
check(uint64_t seed, uint64_t *settled)
{
	struct test t = { .r = seed };
	uint64_t cpu_time[CPUS] = { 0 }, before = TIMEORDER_LATE, latest;
	int rounds = 1 + (int)(next(&t.r) % MAXROUNDS);

	while (rounds-- > 0) {
		/* a CPU's buffer may hold records as old as the end of the previous round */
		latest = t.order.latest;
		add_round(&t, cpu_time, before);
		before = latest;
		timeorder_mark(&t.order);
		take(&t);
	}
	timeorder_end(&t.order);
	take(&t);
	if (t.out != t.offset || t.order.n != 0)
		t.bad = true;
	timeorder_free(&t.order);
	*settled += t.settled;
	return !t.bad;
}

int
main(void)
{
	struct tap t = { 0 };
	uint64_t seed, settled = 0;
	int bad = 0;

	for (seed = 1; seed <= CASES; seed++)
		bad += !check(seed * 0x9e3779b97f4a7c15, &settled);
	tap_ok(&t, bad == 0, "records that come in rounds go out in order, each once");
	tap_ok(&t, settled > 1000, "no record is earlier than what is settled");
	return tap_end(&t);
}
