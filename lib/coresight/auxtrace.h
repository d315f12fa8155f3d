/* SPDX-License-Identifier: MIT */
/*
 * auxtrace - CoreSight trace in a perf.data: the sources of its CPUs, the bytes of its records
 *
 * AUXTRACE_INFO holds the registers of each CPU's trace source, AUXTRACE records are followed by
 * trace, AUX records say when each part of it was written; TIME_CONV says how the processor's
 * counter becomes time, and a register TS_SOURCE of 1 that the trace's timestamps are that counter.
 * Facts: tools/perf/util/cs-etm.h and
 * include/linux/coresight-pmu.h of Linux 6.18; recordings of earlier versions.
 */

#ifndef AUXTRACE_H
#define AUXTRACE_H

#include "base/hash.h"
#include "csd.h"
#include "perf/perf.h"

/* Flags of PERF_RECORD_AUX. */
enum {
	AUX_TRUNCATED = 1,
	AUX_OVERWRITE = 2,
	AUX_PARTIAL = 4,
	AUX_COLLISION = 8,
	AUX_FORMAT = 0xff00,
	AUX_FORMAT_RAW = 0x100 /* the bytes of one source, no frames */
};

/* The bytes after one AUXTRACE record. */
struct auxtrace_buffer {
	uint64_t offset, size; /* in the stream of its CPU or thread */
	uint64_t file;         /* offset in the file */
	int32_t cpu, tid;      /* cpu is -1 in a buffer of a thread */
	bool used;             /* an AUX record covers part of it */
};

/* An AUX record. */
struct aux {
	uint64_t offset, size, flags;
	int32_t cpu, tid;                     /* -1 if the record does not say */
	const struct auxtrace_buffer *buffer; /* NULL if its bytes are not in the file */
	uint64_t repeated;      /* the number of its bytes that earlier records cover */
	size_t piece, n_pieces; /* the rest of its bytes */
};

/* Bytes that are decoded as one piece: their offset in the file and in the stream. */
struct aux_piece {
	uint64_t file, index, size;
};

enum { AUXTRACE_SOURCES = 128 };

struct auxtrace {
	bool found, known; /* there is an AUXTRACE_INFO; its trace is CoreSight's */
	bool timed;        /* auxtrace_time() knows how */
	struct auxtrace_buffer *buffer;
	struct aux *aux; /* in the order of perf_next() */
	struct aux_piece *piece;
	size_t n_buffers, n_aux, n_pieces;
	/* private */
	size_t n_virtual; /* sources whose timestamps are those of the virtual counter */
	bool has_conv;
	struct auxtrace_conv {
		uint64_t shift, mult, zero, cycles, mask;
		bool is_short; /* cycles holds the upper bits of a counter of fewer bits */
	} conv;
	struct csd_source *source;                 /* in the order of AUXTRACE_INFO */
	struct hash by_cpu;                        /* index + 1 of a CPU's source */
	struct csd_source by_id[AUXTRACE_SOURCES]; /* the last one of each trace id */
	size_t n, cap, cap_buffers, cap_aux, cap_pieces;
};

void auxtrace_free(struct auxtrace *);

/* Learn from a record: AUXTRACE_INFO, AUXTRACE, AUX, AUX_OUTPUT_HW_ID, TIME_CONV. False if it is
 * damaged. */
bool auxtrace_learn(struct auxtrace *, const struct perf_record *);

/* The time of a timestamp of the trace, in ns on the clock of the records; -1 if it is none. */
int64_t auxtrace_time(const struct auxtrace *, uint64_t timestamp);

/* Find the bytes of each AUX record, after all records were learned. */
void auxtrace_resolve(struct auxtrace *);

/* Get the sources whose trace may be in frames that a CPU wrote, one for each trace id; of two
 * sources with the same id, the CPU's own. Returns their number. */
size_t auxtrace_sources(const struct auxtrace *, int32_t cpu, struct csd_source *);

/* Get the source of a CPU, or the first source if that is unknown, for trace without frames.
 * Returns 0 if it cannot be decoded. */
size_t auxtrace_source(const struct auxtrace *, int32_t cpu, struct csd_source *);

#endif
