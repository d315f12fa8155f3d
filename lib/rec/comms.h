/* SPDX-License-Identifier: MIT */
/* comms - the names of tasks: those that records carry, and those of comm and fork records before
 * them; starts as { 0 } */

#ifndef COMMS_H
#define COMMS_H

#include "base/hash.h"
#include "base/intern.h"
#include "rec.h"

enum { COMMS_NAME = 4096 /* bytes of a name */ };

struct comms {
	uint64_t cut; /* names of comm records longer than COMMS_NAME */
	/* private */
	struct intern machines, names;
	struct hash tasks; /* machine and tid -> name + 1 */
};

/* Learn names. Call it with every record. */
void comms_add(struct comms *, const struct rec *);

/* The name of the task of a record, as in a field; empty if it is unknown. */
struct str comms_of(const struct comms *, const struct rec *);

void comms_free(struct comms *);

#endif
