/* SPDX-License-Identifier: MIT */

/*
 * Values have a fixed order, which is not that of the sample_type bits. Each is there if its bit is
 * set. Those that vary in size come with a count, which may be anything.
 * Facts: kernel/events/core.c, perf_output_sample(), Linux 6.18.
 */

#include "perf_int.h"

/* The parts after the branch stack; all parts after the raw data. */
enum {
	AFTER_BRANCHES = PERF_REGS_USER | PERF_STACK_USER | PERF_WEIGHT | PERF_WEIGHT_STRUCT |
			 PERF_DATA_SRC | PERF_TRANSACTION | PERF_REGS_INTR | PERF_PHYS_ADDR |
			 PERF_CGROUP | PERF_DATA_PAGE_SIZE | PERF_CODE_PAGE_SIZE | PERF_AUX,
	REST = PERF_BRANCH_STACK | AFTER_BRANCHES
};

/* n values of size bytes. n comes from the file. */
static inline struct bytes
values(struct bytes *b, uint64_t n, size_t size)
{
	if (n > bytes_left(b) / size)
		n = UINT64_MAX / size; /* more than there is: bad */
	return bytes_cut(b, n * size);
}

/* The size of one u64 for each bit. */
static size_t
words(uint64_t bits)
{
	return 8 * (size_t)__builtin_popcountll(bits);
}

static struct bytes
get_read(const struct perf_attr *a, struct bytes *b)
{
	uint64_t rf = a->read_format, nr = 1;
	size_t head = words(rf & (PERF_READ_ENABLED | PERF_READ_RUNNING));
	size_t each = 8 + words(rf & (PERF_READ_ID | PERF_READ_LOST));
	struct bytes begin = *b;

	if (rf & PERF_READ_GROUP)
		nr = bytes_u64(b);
	bytes_take(b, head);
	values(b, nr, each);
	bytes_keep(&begin, (size_t)(b->p - begin.p));
	if (bytes_bad(b))
		bytes_spoil(&begin);
	return begin;
}

/* Kernels before 6.2 omit the hardware index if there are no branches. */
static struct bytes
get_branches(const struct perf_attr *a, struct bytes *b)
{
	uint64_t nr = bytes_u64(b);
	struct bytes branch;

	if (a->branch_type & PERF_BRANCH_HW_INDEX &&
	    (nr > 0 || bytes_left(b) >= 8 + words(a->sample_type & AFTER_BRANCHES)))
		bytes_u64(b);
	branch = values(b, nr, 24);
	if (a->branch_type & PERF_BRANCH_COUNTERS)
		values(b, nr, 8);
	return branch;
}

static struct bytes
get_regs(struct bytes *b, uint64_t mask, uint64_t *abi)
{
	*abi = bytes_u64(b);
	return values(b, *abi == 0 ? 0 : (uint64_t)__builtin_popcountll(mask), 8);
}

static struct bytes
get_stack(struct bytes *b)
{
	uint64_t size = bytes_u64(b), valid;
	struct bytes stack = values(b, size, 1);

	if (size > 0 && (valid = bytes_u64(b)) < size)
		bytes_keep(&stack, bytes_bad(&stack) ? 0 : valid);
	return stack;
}

/* The parts after the callchain and the raw data, which few recordings have. */
static void
get_rest(const struct perf_attr *a, struct bytes *b, struct perf_sample *s)
{
	uint64_t st = a->sample_type;

	if (st & PERF_BRANCH_STACK)
		s->branch = get_branches(a, b);
	if (st & PERF_REGS_USER)
		s->regs_user = get_regs(b, a->regs_user, &s->regs_user_abi);
	if (st & PERF_STACK_USER)
		s->stack = get_stack(b);
	if (st & (PERF_WEIGHT | PERF_WEIGHT_STRUCT))
		s->weight = bytes_u64(b);
	if (st & PERF_DATA_SRC)
		s->data_src = bytes_u64(b);
	if (st & PERF_TRANSACTION)
		s->transaction = bytes_u64(b);
	if (st & PERF_REGS_INTR)
		s->regs_intr = get_regs(b, a->regs_intr, &s->regs_intr_abi);
	if (st & PERF_PHYS_ADDR)
		s->phys_addr = bytes_u64(b);
	if (st & PERF_CGROUP)
		s->cgroup = bytes_u64(b);
	if (st & PERF_DATA_PAGE_SIZE)
		s->data_page = bytes_u64(b);
	if (st & PERF_CODE_PAGE_SIZE)
		s->code_page = bytes_u64(b);
	if (st & PERF_AUX)
		s->aux = values(b, bytes_u64(b), 1);
}

/* Take a value of the head, or two of half the size. */
static inline uint64_t
next(const uint8_t **p, bool swapped)
{
	uint64_t v;

	memcpy(&v, *p, sizeof v);
	*p += sizeof v;
	return swapped ? __builtin_bswap64(v) : v;
}

static inline void
next_pair(const uint8_t **p, bool swapped, int32_t *first, int32_t *second)
{
	uint32_t v[2];

	memcpy(v, *p, sizeof v);
	*p += sizeof v;
	*first = (int32_t)(swapped ? __builtin_bswap32(v[0]) : v[0]);
	*second = (int32_t)(swapped ? __builtin_bswap32(v[1]) : v[1]);
}

/* The parts before the callchain, which all have a fixed size, at p. Inlined once for each byte
 * order. */
static inline __attribute__((always_inline)) void
get_head(uint64_t st, const uint8_t *p, bool swapped, struct perf_sample *s)
{
	int32_t reserved;

	if (st & PERF_IDENTIFIER)
		s->id = next(&p, swapped);
	if (st & PERF_IP)
		s->ip = next(&p, swapped);
	if (st & PERF_TID)
		next_pair(&p, swapped, &s->pid, &s->tid);
	if (st & PERF_TIME)
		s->time = next(&p, swapped);
	if (st & PERF_ADDR)
		s->addr = next(&p, swapped);
	if (st & PERF_ID)
		s->id = next(&p, swapped);
	if (st & PERF_STREAM_ID)
		next(&p, swapped);
	if (st & PERF_CPU)
		next_pair(&p, swapped, &s->cpu, &reserved);
	if (st & PERF_PERIOD)
		s->period = next(&p, swapped);
}

bool
perf_sample_read(const struct perf_attr *a, struct bytes b, struct perf_sample *s)
{
	const struct bytes none = bytes_of(b.p, 0, bytes_big(&b));
	const uint8_t *head = bytes_take(&b, (size_t)a->head);
	uint64_t st = a->sample_type;

	s->pid = s->tid = s->cpu = -1;
	s->time = s->id = s->ip = s->addr = UINT64_MAX;
	s->period = a->freq ? UINT64_MAX : a->period;
	s->chain = none;
	s->raw = none;
	if (head != NULL && bytes_swapped(&b))
		get_head(st, head, true, s);
	else if (head != NULL)
		get_head(st, head, false, s);
	if (st & PERF_READ)
		s->read = get_read(a, &b);
	if (st & PERF_CALLCHAIN)
		s->chain = values(&b, bytes_u64(&b), 8);
	if (st & PERF_RAW)
		s->raw = values(&b, bytes_u32(&b), 1);
	if (st & REST)
		get_rest(a, &b, s);
	return !bytes_bad(&b);
}

uint64_t
perf_sample_counters(const struct perf_attr *a, struct bytes *read)
{
	uint64_t rf = a->read_format, n;

	if (!(rf & PERF_READ_GROUP))
		return 1;
	n = bytes_u64(read);
	bytes_take(read, words(rf & (PERF_READ_ENABLED | PERF_READ_RUNNING)));
	return n;
}

uint64_t
perf_sample_counter(const struct perf_attr *a, struct bytes *read, uint64_t *id)
{
	uint64_t rf = a->read_format, value = bytes_u64(read);

	if (!(rf & PERF_READ_GROUP))
		bytes_take(read, words(rf & (PERF_READ_ENABLED | PERF_READ_RUNNING)));
	*id = rf & PERF_READ_ID ? bytes_u64(read) : UINT64_MAX;
	if (rf & PERF_READ_LOST)
		bytes_u64(read);
	return value;
}
