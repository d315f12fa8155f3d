/* SPDX-License-Identifier: MIT */
/* The time that each row of a chart spends in each state is that of random records, however few
 * bins there are, in any order. */

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "chart/chart.h"
#include "tap.h"

enum { TASKS = 7, STATES = 3, RECORDS = 3000, PLAN = 6 };

static const char *const words[STATES] = { "running", "sleeping", "preempted" };
static const enum chart_state states[STATES] = { CHART_RUNNING, CHART_SLEEPING, CHART_PREEMPTED };

struct truth {
	uint64_t ns[TASKS][STATES];
	int64_t from, to; /* the window */
};

static uint64_t
next(uint64_t *r)
{
	*r ^= *r << 13;
	*r ^= *r >> 7;
	*r ^= *r << 17;
	return *r;
}

/* One record's line, and what of it is in the window. */
static int
make(uint64_t *r, char *line, size_t room, int64_t *clock, struct truth *truth)
{
	int task = (int)(next(r) % TASKS), st = (int)(next(r) % STATES);
	int64_t t = clock[task], end = t + (int64_t)(next(r) % (next(r) % 9 == 0 ? 3000000 : 900));
	int64_t a = t > truth->from ? t : truth->from, b = end < truth->to ? end : truth->to;

	clock[task] = end;
	truth->ns[task][st] += b > a ? (uint64_t)(b - a) : 0;
	return snprintf(line, room, "state\t%lld\thost\t%d\t%d\t%d\t%lld\t0\tt%d\t120\t%s\t-\t-\n",
	    (long long)t, task % 2, 100 + task / 2, 100 + task, (long long)end, task, words[st]);
}

/* Fold lines in an order that a stride gives. */
static void
fold(struct chart *c, char (*line)[128], int stride)
{
	struct input in;
	struct recin rec = { .in = &in };
	struct rec r;
	int fd = memfd_create("chart", 0), i;

	for (i = 0; i < RECORDS; i++) {
		const char *s = line[(long)i * stride % RECORDS];

		if (write(fd, s, strlen(s)) < 0)
			exit(1);
	}
	lseek(fd, 0, SEEK_SET);
	input_open_fd(&in, "test", fd);
	chart_open(c);
	while (rec_line(&rec, &r) && chart_add(c, &rec, &r))
		;
	chart_end(c);
	input_close(&in);
}

static uint64_t
area(const struct chart *c, const struct chart_row *row, enum chart_state s)
{
	size_t n = bins_count(&c->bins), i;
	struct bins_cell *cell = mem_alloc(CHART_TASK_STATES * n * sizeof *cell);
	uint64_t *ns = mem_alloc(n * sizeof *ns), sum = 0;
	uint32_t lane = chart_lane(row, s);

	if (c->whole) {
		chart_spread(c, (uint32_t)(row - c->rows.row), cell);
		bins_sum(&c->bins, cell + (size_t)s * n, ns);
	} else {
		bins_read(&c->bins, &lane, 1, ns);
	}
	for (i = 0; i < n; i++)
		sum += ns[i];
	free(ns);
	free(cell);
	return sum;
}

static bool
agrees(const struct chart *c, const struct truth *truth)
{
	struct chart_key key = { .cpu = -1 };
	const struct chart_row *row;
	int task, st;

	for (task = 0; task < TASKS; task++)
		for (st = 0; st < STATES; st++) {
			key.pid = 100 + task / 2;
			key.tid = 100 + task;
			row = chart_find(c, &key);
			if (row == NULL || chart_total(c, row, states[st]) != truth->ns[task][st] ||
			    area(c, row, states[st]) != truth->ns[task][st])
				return false;
		}
	return true;
}

static bool
check(const struct chart *how, int stride, unsigned *shift)
{
	static const int64_t start = 1000 * 1000 * 1000;
	char(*line)[128] = mem_alloc(RECORDS * sizeof *line);
	struct chart c = *how;
	struct truth truth = { .from = how->time.from, .to = how->time.to };
	int64_t clock[TASKS];
	uint64_t r = 88172645463325252;
	bool ok;
	int i;

	for (i = 0; i < TASKS; i++)
		clock[i] = start;
	for (i = 0; i < RECORDS; i++)
		make(&r, line[i], sizeof line[i], clock, &truth);
	fold(&c, line, stride);
	ok = agrees(&c, &truth);
	*shift = c.bins.shift;
	chart_free(&c);
	free(line);
	return ok;
}

/* A number of up to 40 bits, mostly of far fewer. */
static int64_t
any(uint64_t *r)
{
	return (int64_t)(next(r) >> (24 + next(r) % 40));
}

/* Make an interval of a task, one after the other, and its line. */
static void
make_interval(uint64_t *r, char *line, size_t room, struct chart_interval *i)
{
	int64_t gap = next(r) % 3 == 0 ? any(r) : 0;
	char info[32] = "-";

	i->waker = next(r) % 2 == 0 ? i->waker : (int32_t)(any(r) & INT32_MAX);
	i->comm = (uint32_t)(next(r) % 9 == 0 ? next(r) % 3 : i->comm);
	i->kind = (uint32_t)(next(r) % (next(r) % 9 == 0 ? 100000 : 9));
	i->t = i->end + gap;
	i->end = i->t + 1 + any(r);
	if (i->kind % 2 == 0)
		snprintf(info, sizeof info, "waker=%d/w", i->waker);
	snprintf(line, room, "state\t%lld\thost\t0\t5\t5\t%lld\t0\tt%u\t%u\tsleeping\t%s\t-\n",
	    (long long)i->t, (long long)i->end, i->comm, i->kind, info);
}

static bool
same_interval(
    const struct chart *c, const struct chart_interval *got, const struct chart_interval *want)
{
	const struct chart_kind *kind = chart_kind(c, got);
	bool waker = want->kind % 2 == 0;
	char comm[8];

	snprintf(comm, sizeof comm, "t%u", want->comm);
	return got->t == want->t && got->end == want->end && kind->prio == (int32_t)want->kind &&
	       kind->waker == waker && got->waker == (waker ? want->waker : -1) &&
	       str_eq(chart_interval_comm(c, got), str_of(comm));
}

/* Each interval of a task comes back as it was. */
static bool
check_intervals(void)
{
	char(*line)[128] = mem_alloc(RECORDS * sizeof *line);
	struct chart_interval *want = mem_alloc((RECORDS + 1) * sizeof *want), got;
	struct chart c = { .columns = 100, .whole = true, .time = WINDOW_ALL };
	uint64_t r = 88172645463325252;
	struct chart_walk w;
	size_t i, n = 0;
	bool ok = true;

	for (i = 1; i <= RECORDS; i++) {
		want[i] = want[i - 1];
		make_interval(&r, line[i - 1], sizeof *line, &want[i]);
	}
	fold(&c, line, 1);
	for (chart_walk_start(&w, &c, 0); chart_walk_next(&w, &got);)
		ok = ok && ++n <= RECORDS && same_interval(&c, &got, &want[n]);
	chart_walk_end(&w);
	chart_free(&c);
	free(want);
	free(line);
	return ok && n == RECORDS;
}

static void
put_call(const struct chart_call *k, char *line, size_t room)
{
	snprintf(line, room,
	    "iostate\t%lld\thost\t%d\t5\t%d\t%lld\t0\tt\tread\tread\t3\t/f\t%llu\t%d\t-\t-\n",
	    (long long)k->t, k->cpu, k->tid, (long long)k->end, (unsigned long long)k->bytes,
	    k->error);
}

static bool
same_call(const struct chart_call *a, const struct chart_call *b)
{
	return a->t == b->t && a->end == b->end && a->bytes == b->bytes && a->tid == b->tid &&
	       a->cpu == b->cpu && a->error == b->error && a->state == CHART_IO_READ;
}

/* Each call on a file comes back as it was, by time; none if there are more than the most. */
static bool
check_calls(size_t most)
{
	char(*line)[128] = mem_alloc(RECORDS * sizeof *line);
	struct chart_call *want = mem_alloc(RECORDS * sizeof *want), *got;
	struct chart c = { .columns = 100, .whole = true, .most_calls = most, .time = WINDOW_ALL };
	uint64_t r = 88172645463325252;
	size_t i, n;
	bool ok;

	for (i = 0; i < RECORDS; i++) {
		want[i] = (struct chart_call){ .t = (i > 0 ? want[i - 1].t : 0) + 1 + any(&r),
			.bytes = next(&r) >> next(&r) % 64,
			.tid = (int32_t)(any(&r) & INT32_MAX),
			.cpu = (int32_t)(any(&r) & 1023),
			.error = (int32_t)any(&r) };
		want[i].end = want[i].t + 1 + any(&r);
		want[i].bytes -= want[i].bytes == UINT64_MAX;
		put_call(&want[i], line[i], sizeof *line);
	}
	fold(&c, line, 7);
	n = chart_calls(&c, c.io.row, &got);
	ok = n == (most < RECORDS ? 0 : RECORDS);
	for (i = 0; i < n && ok; i++)
		ok = same_call(&got[i], &want[i]);
	free(got);
	chart_free(&c);
	free(want);
	free(line);
	return ok;
}

int
main(void)
{
	static const char *const names[PLAN - 2] = {
		"the area of a state is its time, in any order, with and without whole intervals",
		"so it is with a few edges only", "and in a window", "and with few columns"
	};
	struct chart how[PLAN - 2] = { { .columns = 1800 }, { .columns = 1800, .bins.budget = 300 },
		{ .columns = 1800 }, { .columns = 10 } };
	struct tap t = { 0 };
	unsigned shift, again;
	bool ok;
	int i;

	for (i = 0; i < PLAN - 2; i++) {
		how[i].bins.batch = 100;
		how[i].time = (struct window)WINDOW_ALL;
		how[i].time.from = i == 2 ? 1000300000 : INT64_MIN;
		how[i].time.to = i == 2 ? 1050000000 : INT64_MAX;
		ok = check(&how[i], 1, &shift) && check(&how[i], 7, &again) && shift == again &&
		     check(&how[i], 1499, &again) && shift == again;
		how[i].whole = true;
		ok = ok && check(&how[i], 1, &again) && shift == again &&
		     check(&how[i], 7, &again) && shift == again;
		tap_ok(&t, ok, names[i]);
	}
	tap_ok(&t, check_intervals(), "every interval of a task comes back as it was");
	tap_ok(&t, check_calls(RECORDS) && check_calls(RECORDS - 1),
	    "every call on a file comes back as it was, none of too many");
	return tap_end(&t);
}
