/* SPDX-License-Identifier: MIT */
/*
 * auxtrace - CoreSight trace in a perf.data: which CPUs traced how, which bytes are whose
 *
 * AUXTRACE_INFO holds the registers of each CPU's trace source, AUXTRACE records are followed by
 * trace, AUX records tell which part of it was written when. Facts: tools/perf/util/cs-etm.h and
 * include/linux/coresight-pmu.h of Linux 6.18, and the versions before as recordings show them.
 */

#ifndef AUXTRACE_H
#define AUXTRACE_H

#include "csd.h"
#include "perf/perf.h"

/* PERF_RECORD_AUX's flags. */
enum {
	AUX_TRUNCATED = 1,
	AUX_OVERWRITE = 2,
	AUX_PARTIAL = 4,
	AUX_COLLISION = 8,
	AUX_FORMAT = 0xff00,
	AUX_FORMAT_RAW = 0x100 /* the bytes of one source, no frames */
};

struct aux {
	uint64_t offset, size, flags;
	int32_t cpu, pid, tid; /* -1 where the record does not say */
};

struct auxtrace_buffer {
	uint64_t offset, size; /* in the stream of its CPU or thread */
	uint64_t file;         /* where in the file its bytes are */
	int32_t cpu, tid;
	bool used; /* an AUX record told of it */
};

struct auxtrace {
	struct csd_source *source;
	struct auxtrace_buffer *buffer;
	size_t n, cap, n_buffers, cap_buffers;
	bool found, known; /* an AUXTRACE_INFO; and it is CoreSight's */
};

void auxtrace_free(struct auxtrace *);

/* Learn from a record: AUXTRACE_INFO, AUXTRACE, AUX_OUTPUT_HW_ID. False where one is damaged. */
bool auxtrace_learn(struct auxtrace *, const struct perf_record *);

/* The fields of an AUX record. False where it is cut short. */
bool auxtrace_aux(const struct perf_record *, struct aux *);

/*
 * The bytes that an AUX record tells of: where in the file, the index of the first, how many. The
 * buffer they are in, NULL where there is none.
 */
struct auxtrace_buffer *auxtrace_find(
    struct auxtrace *, const struct aux *, uint64_t *file, uint64_t *index, uint64_t *size);

/* The source of a CPU; NULL where the file does not know it. */
const struct csd_source *auxtrace_source(const struct auxtrace *, int32_t cpu);

#endif
