/* SPDX-License-Identifier: MIT */
/* perfname - what each event of a perf.data file is called, and how its raw data are read */

#ifndef PERFNAME_H
#define PERFNAME_H

#include "base/fault.h"
#include "evrec.h"
#include "perfattr.h"

struct perf_name {
	bool resolved;
	bool wanted;         /* the user asked for it */
	struct str name;     /* escaped */
	struct evrec *evrec; /* of a tracepoint whose format is known, else NULL */
};

struct perf_names {
	/* shell patterns of names, with or without the system in front, and kinds, with commas
	 * between them; NULL for all */
	const char *patterns;
	struct tracing tracing;
	struct perf_name *name; /* by the event's index */
	size_t n;
};

void perf_names_free(struct perf_names *);

/* An event's, looked up at its first call; valid until the next call. */
struct perf_name *perf_names_of(struct perf_names *, const struct perf_attr *);

/* Does each pattern choose an event (where there are any)? False with the fault set where one does
 * not. */
bool perf_names_check(struct perf_names *, struct perf_attr *const *, size_t n, struct fault *);

/* Does the file record that tracepoint? */
bool perf_names_has(const struct perf_names *, struct perf_attr *const *, size_t n, const char *);

#endif
