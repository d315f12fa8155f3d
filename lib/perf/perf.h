/* SPDX-License-Identifier: MIT */
/*
 * perf - a perf.data file as a sequence of records in time order
 *
 * Files, pipes and folders, both byte orders, all versions. A record newer than this code is
 * skipped, a damaged file is read up to the damage.
 * Memory is bounded: 16 MB of the input (and 1 MB for each further file of a folder), and 16 bytes
 * for each record between two rounds; a folder has no rounds. What exceeds that in a pipe or in
 * compressed records goes to a temporary file.
 * Facts: sluice-perfdata(5).
 */

#ifndef PERF_H
#define PERF_H

#include "base/bytes.h"
#include "base/fault.h"
#include "base/input.h"

/* Record types; those below 64 come from the kernel. */
enum {
	PERF_R_MMAP = 1,
	PERF_R_LOST,
	PERF_R_COMM,
	PERF_R_EXIT,
	PERF_R_THROTTLE,
	PERF_R_UNTHROTTLE,
	PERF_R_FORK,
	PERF_R_READ,
	PERF_R_SAMPLE,
	PERF_R_MMAP2,
	PERF_R_AUX,
	PERF_R_ITRACE_START,
	PERF_R_LOST_SAMPLES,
	PERF_R_SWITCH,
	PERF_R_SWITCH_CPU_WIDE,
	PERF_R_NAMESPACES,
	PERF_R_KSYMBOL,
	PERF_R_BPF_EVENT,
	PERF_R_CGROUP,
	PERF_R_TEXT_POKE,
	PERF_R_AUX_OUTPUT_HW_ID,
	PERF_R_CALLCHAIN_DEFERRED,
	PERF_R_USER = 64,
	PERF_R_HEADER_ATTR = 64,
	PERF_R_EVENT_TYPE,
	PERF_R_TRACING_DATA,
	PERF_R_BUILD_ID,
	PERF_R_FINISHED_ROUND,
	PERF_R_ID_INDEX,
	PERF_R_AUXTRACE_INFO,
	PERF_R_AUXTRACE,
	PERF_R_AUXTRACE_ERROR,
	PERF_R_THREAD_MAP,
	PERF_R_CPU_MAP,
	PERF_R_STAT_CONFIG,
	PERF_R_STAT,
	PERF_R_STAT_ROUND,
	PERF_R_EVENT_UPDATE,
	PERF_R_TIME_CONV,
	PERF_R_HEADER_FEATURE,
	PERF_R_COMPRESSED,
	PERF_R_FINISHED_INIT,
	PERF_R_COMPRESSED2,
	PERF_R_BPF_METADATA,
	PERF_R_SCHEDSTAT_CPU,
	PERF_R_SCHEDSTAT_DOMAIN,
	PERF_R_KNOWN,           /* one more than the last type that is known here */
	PERF_R_SIMPLEPERF = 96, /* place in the counts of simpleperf's types, from 32768 */
	PERF_R_SIMPLE_SPLIT = PERF_R_SIMPLEPERF + 4,
	PERF_R_SIMPLE_SPLIT_END,
	PERF_R_SIMPLE_TRACING = PERF_R_SIMPLEPERF + 9,
	PERF_R_COUNT = 112
};

enum perf_cpumode {
	PERF_CPUMODE_MASK = 7,
	PERF_CPUMODE_KERNEL = 1,
	PERF_CPUMODE_USER,
	PERF_CPUMODE_HV,
	PERF_CPUMODE_GUEST_KERNEL,
	PERF_CPUMODE_GUEST_USER
};

struct perf_record {
	uint32_t type;
	uint16_t misc;
	uint64_t offset;          /* of the record in the file; see perf_fault() */
	uint64_t time;            /* 0 if the record has none */
	struct bytes body;        /* without the header; valid until the next perf_next() */
	struct perf_attr *event;  /* NULL if unknown */
	uint64_t blob, blob_size; /* place in the file of the data that follow a TRACING_DATA or
				     AUXTRACE record; of an AUXTRACE cut short, what is there;
				     0 if the data are the body */
};

/* Whom a record or sample is about, and when; -1 and UINT64_MAX for what it does not say. */
struct perf_who {
	int32_t pid, tid, cpu;
	uint64_t time, id;
};

struct perf {
	struct input *in;
	struct fault fault;            /* the first thing that is wrong with the file */
	bool pipe;                     /* pipe mode: nothing but records after the header */
	bool big;                      /* big-endian */
	bool killed;                   /* the recorder was killed: sizes and features are missing */
	bool torn;                     /* features after the data are missing */
	bool broken;                   /* the records could not be read to their end */
	uint64_t count[PERF_R_COUNT];  /* records by type, those of simpleperf from
					  PERF_R_SIMPLEPERF on; [0]: unknown types */
	uint64_t copies[PERF_R_COUNT]; /* of these, copies of records before them, left out */
	uint64_t unmatched;            /* records whose id is no event's */
	struct perf_reader *reader;    /* private */
};

/* Read the header. Returns false with the fault set if this is no perf.data. The input is used
 * until perf_close(), which is needed in either case. */
bool perf_open(struct perf *, struct input *);

/*
 * Read also the files NAME.0, NAME.1 and so on up to the first number without a file, where NAME is
 * that of the input: perf record --threads leaves them in a folder beside "data". Returns false
 * with the fault set if one cannot be read.
 */
bool perf_add_parts(struct perf *);

void perf_close(struct perf *);

/*
 * Read the next record. Those with a time come in time order; those without, and all of perf's own
 * (type 64 and up), as soon as they are met. Returns false at the end; the fault is set if that
 * came too early.
 */
bool perf_next(struct perf *, struct perf_record *);

/* Set the fault: what is wrong at an offset, which may be in decompressed data. Returns false. */
bool perf_fault(struct perf *, uint64_t offset, const char *what);

/* The number of events found so far. */
size_t perf_event_count(const struct perf *);

/*
 * What the trailer of a kernel's record says, and in *body the record without its trailer. All is
 * unknown if the record has no trailer.
 */
struct perf_who perf_trailer(const struct perf_record *, struct bytes *body);

/* The name of a record type by its place in the counts; NULL if there is none. */
const char *perf_type_name(unsigned type);

#endif
