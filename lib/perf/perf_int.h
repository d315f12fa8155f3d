/* SPDX-License-Identifier: MIT */
/* perf_int - what the files of lib/perf know about a perf.data file: its events and features */

#ifndef PERF_INT_H
#define PERF_INT_H

#include "base/hash.h"
#include "base/intern.h"
#include "perf.h"

/* --- perfattr: events, and how their records are laid out. Facts: include/uapi/linux/perf_event.h
 * of Linux 6.18 */

/* perf_event_attr.sample_type */
enum {
	PERF_IP = 1 << 0,
	PERF_TID = 1 << 1,
	PERF_TIME = 1 << 2,
	PERF_ADDR = 1 << 3,
	PERF_READ = 1 << 4,
	PERF_CALLCHAIN = 1 << 5,
	PERF_ID = 1 << 6,
	PERF_CPU = 1 << 7,
	PERF_PERIOD = 1 << 8,
	PERF_STREAM_ID = 1 << 9,
	PERF_RAW = 1 << 10,
	PERF_BRANCH_STACK = 1 << 11,
	PERF_REGS_USER = 1 << 12,
	PERF_STACK_USER = 1 << 13,
	PERF_WEIGHT = 1 << 14,
	PERF_DATA_SRC = 1 << 15,
	PERF_IDENTIFIER = 1 << 16,
	PERF_TRANSACTION = 1 << 17,
	PERF_REGS_INTR = 1 << 18,
	PERF_PHYS_ADDR = 1 << 19,
	PERF_AUX = 1 << 20,
	PERF_CGROUP = 1 << 21,
	PERF_DATA_PAGE_SIZE = 1 << 22,
	PERF_CODE_PAGE_SIZE = 1 << 23,
	PERF_WEIGHT_STRUCT = 1 << 24
};

/* perf_event_attr.type */
enum {
	PERF_HARDWARE,
	PERF_SOFTWARE,
	PERF_TRACEPOINT,
	PERF_HW_CACHE,
	PERF_RAW_EVENT,
	PERF_BREAKPOINT
};

/* perf_event_attr.read_format */
enum {
	PERF_READ_ENABLED = 1 << 0,
	PERF_READ_RUNNING = 1 << 1,
	PERF_READ_ID = 1 << 2,
	PERF_READ_GROUP = 1 << 3,
	PERF_READ_LOST = 1 << 4
};

/* Bits of perf_attr.flags */
enum { PERF_FLAG_INHERIT = 1, PERF_FLAG_CONTEXT_SWITCH = 26, PERF_FLAG_DEFER = 38 };

/* perf_event_attr.branch_sample_type */
enum {
	PERF_BRANCH_CALL_STACK = 1 << 11,
	PERF_BRANCH_HW_INDEX = 1 << 17,
	PERF_BRANCH_COUNTERS = 1 << 19
};

struct perf_attr {
	uint32_t type, size, stack_user;
	int32_t clockid; /* -1 if the file does not say */
	uint64_t config, period, sample_type, read_format, flags;
	uint64_t branch_type, regs_user, regs_intr;
	bool freq, sample_id_all;
	size_t index;     /* among the file's events */
	uint64_t samples; /* written, for perfrec */
	char *name;       /* NULL if the file does not name the event */
	/* Where values are: offset in a sample's body, distance from the end of other records; -1
	 * if they have none. */
	int sample_id, sample_time, back_id, back_time;
	int head;    /* the size of what comes before the parts of a sample that vary in size */
	int trailer; /* the size of what sample_id_all appends to other records */
};

/* Read an attr of n bytes. The writer knew attr.size of them: missing ones are 0, further ones are
 * ignored. */
struct perf_attr perf_attr_read(struct bytes *, size_t n);

/* Write the name that perf gives to an unnamed event, in at most n bytes with its NUL. */
void perf_attr_describe(const struct perf_attr *, char *name, size_t n);

enum { PERF_EVENT_HINTS = 64, PERF_EVENT_NAME = 512 };

struct perf_events {
	struct perf_attr **event;
	size_t n, cap;
	struct hash ids; /* event id -> index + 1 */
	struct {
		uint64_t id;
		struct perf_attr *event;
	} hint[PERF_EVENT_HINTS]; /* ids found lately */
	bool mixed;               /* the events differ in where their records have time and id */
	struct hash types;        /* config -> type name + 1 */
	struct hash typed;        /* digest of config, and type -> type name + 1 */
	struct intern type_names;
	uint64_t cut_names; /* names longer than PERF_EVENT_NAME */
};

void perf_events_free(struct perf_events *);

/* Add an event with its ids, u64 each. */
struct perf_attr *perf_events_add(struct perf_events *, struct perf_attr, struct bytes ids);

/* perf_events_find() for an id that was not found lately; only perf_events_find() calls it. */
struct perf_attr *perf_events_search(struct perf_events *, uint64_t id);

/* The event of an id; for id 0, which synthesised records have, the first one unless an event has
 * it. NULL if no event has the id. */
static inline struct perf_attr *
perf_events_find(struct perf_events *e, uint64_t id)
{
	size_t hint = id % PERF_EVENT_HINTS;

	if (e->hint[hint].event != NULL && e->hint[hint].id == id)
		return e->hint[hint].event;
	return perf_events_search(e, id);
}

/* The event of a record with that body; NULL for a sample with an id that no event has. The place
 * of the id is the same for all events that a record may belong to. */
static inline struct perf_attr *
perf_events_of(struct perf_events *e, bool sample, struct bytes b)
{
	struct perf_attr *first = e->n > 0 ? e->event[0] : NULL, *found;
	int at = e->n <= 1 ? -1 : sample ? first->sample_id : first->back_id;

	if (at < 0)
		return first;
	if (bytes_take(&b, sample ? (size_t)at : bytes_left(&b) - (size_t)at) == NULL)
		return NULL;
	found = perf_events_find(e, bytes_u64(&b));
	return found == NULL && !sample ? first : found;
}

/* Take names from the feature EVENT_DESC, from an EVENT_UPDATE record, and from the EVENT_TYPE
 * records that old versions wrote instead. */
void perf_events_describe(struct perf_events *, struct bytes);
void perf_events_update(struct perf_events *, struct bytes);
void perf_events_type(struct perf_events *, struct bytes);

/* Name the events of a type and config, unless they have a name. Hardware, software and cache
 * events keep those of perf. */
void perf_events_name_type(struct perf_events *, uint64_t type, uint64_t config, struct str name);

/* The name that the file gives to an event; NULL if none. */
const char *perf_events_name(const struct perf_events *, const struct perf_attr *);

/* --- perfsample: the body of a sample */

/*
 * Values before the chain are -1 or UINT64_MAX if the sample_type has none; the period is the
 * attr's then, unless that is a frequency. chain and raw are empty without their bits. The others
 * are set only with their bits.
 */
struct perf_sample {
	int32_t pid, tid, cpu;
	uint64_t time, id, ip, addr, period;
	struct bytes read;   /* in the attr's read_format */
	struct bytes chain;  /* addresses and context markers, u64 each */
	struct bytes raw;    /* the tracepoint's data, padded */
	struct bytes branch; /* from, to, flags: u64 each */
	struct bytes regs_user, regs_intr;
	uint64_t regs_user_abi, regs_intr_abi;
	struct bytes stack; /* the valid part of the user stack */
	uint64_t weight, data_src, transaction, phys_addr, cgroup, data_page, code_page;
	struct bytes aux;
};

/* Returns false if the body ends early. */
bool perf_sample_read(const struct perf_attr *, struct bytes body, struct perf_sample *);

/* The number of counters in the read part of a sample; *read moves to the first one. */
uint64_t perf_sample_counters(const struct perf_attr *, struct bytes *read);

/* Take the value of a counter and its id, UINT64_MAX if it has none. */
uint64_t perf_sample_counter(const struct perf_attr *, struct bytes *read, uint64_t *id);

/* --- perf: the file */

/* Header features */
enum {
	PERF_F_TRACING_DATA = 1,
	PERF_F_BUILD_ID,
	PERF_F_HOSTNAME,
	PERF_F_OSRELEASE,
	PERF_F_VERSION,
	PERF_F_ARCH,
	PERF_F_NRCPUS,
	PERF_F_CPUDESC,
	PERF_F_CPUID,
	PERF_F_TOTAL_MEM,
	PERF_F_CMDLINE,
	PERF_F_EVENT_DESC,
	PERF_F_CPU_TOPOLOGY,
	PERF_F_NUMA_TOPOLOGY,
	PERF_F_PMU_MAPPINGS = 16,
	PERF_F_GROUP_DESC,
	PERF_F_CACHE = 20,
	PERF_F_SAMPLE_TIME,
	PERF_F_MEM_TOPOLOGY,
	PERF_F_CLOCKID,
	PERF_F_COMPRESSED = 27,
	PERF_F_CPU_PMU_CAPS,
	PERF_F_CLOCK_DATA,
	PERF_F_HYBRID_TOPOLOGY,
	PERF_F_PMU_CAPS,
	PERF_F_SIMPLE_FILE = 128,
	PERF_F_SIMPLE_INFO = 129,
	PERF_F_SIMPLE_FILE2 = 132,
	PERF_F_COUNT = 256
};

/* A feature's section in file mode; empty if the file has none. Valid until the next call. */
struct bytes perf_feature(struct perf *, int feature);

/* n bytes of it from at on, valid until the next call; bad if there are fewer. */
struct bytes perf_feature_part(struct perf *, int feature, uint64_t at, uint64_t n);

/* n bytes at the offset of a record or of its blob, valid until the next call; bad if there are
 * fewer. */
struct bytes perf_bytes(struct perf *, uint64_t offset, uint64_t n);

struct perf_events *perf_events(const struct perf *);

/* The bytes of the data section that were not read; UINT64_MAX if its end is unknown. */
uint64_t perf_unread(const struct perf *);

/* All records before this time were read, by perf's marks; 0 if there are none. */
uint64_t perf_settled(const struct perf *);

#endif
