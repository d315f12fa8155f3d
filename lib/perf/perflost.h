/* SPDX-License-Identifier: MIT */
/*
 * perflost - what a recording lost, each event once
 *
 * The kernel tells of a full ring buffer when there is room again (LOST), in time. It also counts
 * what each event lost; those counts perf reads at the end of the recording (read_format bit 4) and
 * writes as LOST_SAMPLES without a time: the same losses, and those after the last LOST of a ring.
 * Facts: kernel/events/ring_buffer.c (both counters go up together) and tools/perf/builtin-record.c
 * of Linux 6.18.
 */

#ifndef PERFLOST_H
#define PERFLOST_H

#include "base/hash.h"
#include "perf.h"
#include "perfclock.h"
#include "rec/rec.h"

struct perf_losses {
	struct hash cpus;  /* id -> CPU + 1, as far as ID_INDEX tells */
	struct hash index; /* CPU + 1 -> index + 1 */
	struct perf_loss *loss;
	size_t n, cap;
};

void perf_losses_free(struct perf_losses *);

/* Learn from an ID_INDEX record's body to which CPU each id belongs. */
void perf_losses_learn(struct perf_losses *, struct bytes);

/*
 * Count a record of a loss: r is filled but for since, and for the CPU where its trailer has none;
 * id is the trailer's. False when it is a count that perf read, which may have been told before.
 */
bool perf_losses_add(struct perf_losses *, struct perf_clock *, const struct perf_record *,
    uint64_t id, struct rec *r);

/* Write, CPU after CPU, what was counted and not told in time. */
void perf_losses_end(struct perf_losses *, struct perf_clock *, struct str machine, struct out *);

#endif
