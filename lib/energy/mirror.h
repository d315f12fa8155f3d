/* SPDX-License-Identifier: MIT */
/*
 * mirror - flag the rows of dies that show the counter of another die of their package
 *
 * Some kernels take the chiplets of an AMD package for dies (6.9 to 6.11.5 in perf's PMU, powercap
 * on Zen 1 and 2): each shows the whole package's energy, and their sum is several times the truth.
 * Rows of a run are held back until it is known which dies differ.
 */

#ifndef MIRROR_H
#define MIRROR_H

#include "base/hash.h"
#include "meter.h"

struct mirror {
	void (*emit)(void *arg, const struct meter_row *);
	void *arg;
	uint64_t contradictions; /* rows of a mirror that differ after all */
	/* private */
	struct die *die; /* by series */
	size_t cap_die;
	struct hash first; /* the first die of a socket in this run: its series plus 1 */
	uint32_t *candidate;
	size_t ncandidates, cap_candidates, undecided;
	struct meter_row *queue;
	size_t nqueue, cap_queue;
};

/* Emit a row, now or once it is decided whether it is a mirror's. */
void mirror_row(struct mirror *, const struct meter_row *);

/* Decide about all dies: the run ends. */
void mirror_end_run(struct mirror *);

void mirror_free(struct mirror *);

#endif
