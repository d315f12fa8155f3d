/* SPDX-License-Identifier: MIT */
/*
 * perf - a perf.data file, in file mode or pipe mode, as a sequence of records in time order
 *
 * What is newer than us is read as far as we know it, what is damaged up to the damage. Memory is
 * bounded: 16 MB of the input, and an index of 16 bytes for each record between two of its rounds;
 * what a pipe has more between two rounds waits in a temporary file.
 * Facts: sluice-perfdata(5).
 */

#ifndef PERF_H
#define PERF_H

#include "blocks.h"
#include "perfevents.h"
#include "perfheader.h"
#include "timeorder.h"

/* Record types; what is below 64 comes from the kernel. */
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
	PERF_R_COUNT = 96 /* types that are counted apart */
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
	uint64_t offset;   /* of its header in the file */
	uint64_t time;     /* its own, 0 where it has none */
	struct bytes body; /* behind the header, trailer and all; until the next perf_next() */
	struct perf_attr *event;  /* NULL where that is not known */
	uint64_t blob, blob_size; /* offset of the data that follow the record (TRACING_DATA,
				     AUXTRACE) */
};

struct perf {
	struct input *in;
	struct fault fault; /* what is wrong with the file */
	struct blocks blocks;
	struct timeorder order;
	struct perf_header header;
	struct perf_events events;
	uint64_t pos, end;            /* what is to be read of the data section */
	uint64_t before;              /* time of the record before, in file order */
	bool ended;                   /* all is indexed */
	bool broken;                  /* the file could not be read to its end */
	uint64_t count[PERF_R_COUNT]; /* records by type; [0]: types unknown to us */
	uint64_t unmatched;           /* records with an id of no event */
};

/* Read the header. False with the fault set where this is no perf.data. */
bool perf_open(struct perf *, struct input *);
void perf_close(struct perf *);

/*
 * The next record: those with a time in time order, those without (and all of perf's own, >= 64) as
 * soon as they are met. False at the end: the fault then says whether it came too early.
 */
bool perf_next(struct perf *, struct perf_record *);

/*
 * Who and when the trailer of a kernel's record says, and in *body the record without its trailer.
 * All is unknown (-1, UINT64_MAX) if the record has no trailer.
 */
struct perf_who perf_trailer(const struct perf_record *, struct bytes *body);

/* What perf calls a record type, NULL where it is unknown: such records are passed over. */
const char *perf_type_name(unsigned type);

/* n bytes at an offset of the file, until the next call of any; bad where there are fewer. In a
 * pipe only a record's own blob can be had. */
struct bytes perf_bytes(struct perf *, uint64_t offset, uint64_t n);

/* A header feature's section in file mode; empty where the file has none. */
struct bytes perf_feature(struct perf *, int feature);

#endif
