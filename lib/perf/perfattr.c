/* SPDX-License-Identifier: MIT */

#include <stdio.h>

#include "perfattr.h"

enum {
	ATTR_V0 = 64,
	HEAD = 8,
	FLAG_FREQ = 10,
	FLAG_ID_ALL = 18,
	FLAG_COMM_EXEC = 24,
	FLAG_CLOCKID = 25
};

/* The bits of a C bit field: a big-endian compiler fills each byte from its other end. */
static uint64_t
read_flags(struct bytes *b)
{
	uint64_t v = 0, byte;
	int i, k;

	for (i = 0; i < 8; i++) {
		byte = bytes_u8(b);
		for (k = 0; k < 8; k++)
			if (byte >> (bytes_big(b) ? 7 - k : k) & 1)
				v |= (uint64_t)1 << (8 * i + k);
	}
	return v;
}

static void
read_body(struct perf_attr *a, struct bytes *b)
{
	a->config = bytes_u64(b);
	a->period = bytes_u64(b);
	a->sample_type = bytes_u64(b);
	a->read_format = bytes_u64(b);
	a->flags = read_flags(b);
	bytes_u32(b); /* wakeup */
	bytes_u32(b); /* bp_type */
	bytes_u64(b); /* config1 */
	bytes_u64(b); /* config2 */
	a->branch_type = bytes_u64(b);
	a->regs_user = bytes_u64(b);
	a->stack_user = bytes_u32(b);
	a->clockid = (int32_t)bytes_u32(b);
	a->regs_intr = bytes_u64(b);
}

/* Values of 8 bytes that a sample begins with. */
enum {
	HEADS = PERF_IDENTIFIER | PERF_IP | PERF_TID | PERF_TIME | PERF_ADDR | PERF_ID |
		PERF_STREAM_ID | PERF_CPU | PERF_PERIOD
};

static int
words(uint64_t bits)
{
	return 8 * __builtin_popcountll(bits);
}

/* Where id and time stand in a sample, and counted from the end in other records. */
static void
lay_out(struct perf_attr *a)
{
	uint64_t st = a->sample_type, head = st & (PERF_IDENTIFIER | PERF_IP | PERF_TID);
	uint64_t back = PERF_ID | PERF_STREAM_ID | PERF_CPU | PERF_IDENTIFIER;

	a->sample_id = a->sample_time = a->back_id = a->back_time = -1;
	if (st & PERF_IDENTIFIER)
		a->sample_id = 0;
	else if (st & PERF_ID)
		a->sample_id = words(st & (PERF_IP | PERF_TID | PERF_TIME | PERF_ADDR));
	if (st & PERF_TIME)
		a->sample_time = words(head);
	a->head = words(st & HEADS);
	if (!a->sample_id_all)
		return;
	a->trailer = words(st & (back | PERF_TID | PERF_TIME));
	if (st & PERF_IDENTIFIER)
		a->back_id = 8;
	else if (st & PERF_ID)
		a->back_id = words(st & (PERF_ID | PERF_STREAM_ID | PERF_CPU));
	if (st & PERF_TIME)
		a->back_time = 8 + words(st & back);
}

struct perf_attr
perf_attr_read(struct bytes *from, size_t n)
{
	struct bytes b = bytes_cut(from, n);
	struct perf_attr a = { .type = bytes_u32(&b), .size = bytes_u32(&b) };

	if (a.size == 0)
		a.size = ATTR_V0;
	if (!bytes_bad(&b) && a.size < n)
		bytes_keep(&b, a.size < HEAD ? 0 : a.size - HEAD);
	read_body(&a, &b);
	a.freq = a.flags >> FLAG_FREQ & 1;
	a.sample_id_all = a.flags >> FLAG_ID_ALL & 1;
	a.comm_exec = a.flags >> FLAG_COMM_EXEC & 1;
	a.use_clockid = a.flags >> FLAG_CLOCKID & 1;
	if (!a.use_clockid)
		a.clockid = -1;
	lay_out(&a);
	return a;
}

static const char *const hardware[] = { "cycles", "instructions", "cache-references",
	"cache-misses", "branches", "branch-misses", "bus-cycles", "stalled-cycles-frontend",
	"stalled-cycles-backend", "ref-cycles" };
static const char *const software[] = { "cpu-clock", "task-clock", "page-faults",
	"context-switches", "cpu-migrations", "minor-faults", "major-faults", "alignment-faults",
	"emulation-faults", "dummy", "bpf-output", "cgroup-switches" };
static const char *const cache[] = { "L1-dcache", "L1-icache", "LLC", "dTLB", "iTLB", "branch",
	"node" };
static const char *const cache_op[] = { "load", "store", "prefetch" };

enum {
	N_HARDWARE = sizeof hardware / sizeof *hardware,
	N_SOFTWARE = sizeof software / sizeof *software,
	N_CACHE = sizeof cache / sizeof *cache
};

void
perf_attr_describe(const struct perf_attr *a, char *name, size_t n)
{
	unsigned which = a->config & 0xff, op = a->config >> 8 & 0xff,
		 miss = a->config >> 16 & 0xff;

	if (a->type == PERF_HARDWARE && a->config < N_HARDWARE)
		snprintf(name, n, "%s", hardware[a->config]);
	else if (a->type == PERF_SOFTWARE && a->config < N_SOFTWARE)
		snprintf(name, n, "%s", software[a->config]);
	else if (a->type == PERF_HW_CACHE && which < N_CACHE && op < 3 && miss < 2)
		snprintf(
		    name, n, "%s-%s%s", cache[which], cache_op[op], miss == 1 ? "-misses" : "s");
	else if (a->type == PERF_RAW_EVENT)
		snprintf(name, n, "r%llx", (unsigned long long)a->config);
	else if (a->type == PERF_BREAKPOINT)
		snprintf(name, n, "mem");
	else if (a->type == PERF_TRACEPOINT)
		snprintf(name, n, "tracepoint:%llu", (unsigned long long)a->config);
	else
		snprintf(name, n, "pmu%u/config=0x%llx/", a->type, (unsigned long long)a->config);
}

struct perf_who
perf_attr_trailer(const struct perf_attr *a, struct bytes *body)
{
	struct perf_who w = { -1, -1, -1, UINT64_MAX, UINT64_MAX };
	uint64_t st = a->sample_type;
	struct bytes b;

	if (a->trailer == 0 || bytes_left(body) < (size_t)a->trailer)
		return w;
	b = *body;
	bytes_take(&b, bytes_left(body) - (size_t)a->trailer);
	bytes_keep(body, bytes_left(body) - (size_t)a->trailer);
	if (st & PERF_TID) {
		w.pid = (int32_t)bytes_u32(&b);
		w.tid = (int32_t)bytes_u32(&b);
	}
	if (st & PERF_TIME)
		w.time = bytes_u64(&b);
	if (st & PERF_ID)
		w.id = bytes_u64(&b);
	if (st & PERF_STREAM_ID)
		bytes_u64(&b);
	if (st & PERF_CPU) {
		w.cpu = (int32_t)bytes_u32(&b);
		bytes_u32(&b);
	}
	if (st & PERF_IDENTIFIER)
		w.id = bytes_u64(&b);
	return w;
}
