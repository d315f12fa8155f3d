/* SPDX-License-Identifier: MIT */
/* perfheader - the start of a perf.data file: byte order, where its parts are, its events */

#ifndef PERFHEADER_H
#define PERFHEADER_H

#include "blocks.h"
#include "perfevents.h"

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
	PERF_F_SAMPLE_TIME = 21,
	PERF_F_CLOCKID = 23,
	PERF_F_CLOCK_DATA = 29,
	PERF_F_COUNT = 256
};

struct perf_header {
	bool big;
	bool pipe;          /* nothing but records follows */
	bool killed;        /* the recorder did not come to write sizes and features */
	bool cut;           /* the file ends before its data section does */
	bool torn;          /* features behind the data are not in the file */
	uint64_t data, end; /* the data section */
	struct {
		uint64_t offset, size;
	} feature[PERF_F_COUNT]; /* their sections; size 0 where the file has none */
};

/* Read the header and the events of a file. False with the fault set where it is no perf.data. */
bool perf_header_read(struct perf_header *, struct blocks *, struct perf_events *, struct fault *);

/* n bytes at an offset of the file, until the next call; bad where there are fewer. */
static inline struct bytes
perf_header_bytes(const struct perf_header *h, struct blocks *blocks, uint64_t offset, uint64_t n)
{
	const uint8_t *at = n > SIZE_MAX / 2 ? NULL : blocks_at(blocks, offset, (size_t)n);

	struct bytes b = bytes_of(at, at == NULL ? 0 : (size_t)n, h->big);

	if (at == NULL)
		bytes_spoil(&b);
	return b;
}

#endif
