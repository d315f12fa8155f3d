/* SPDX-License-Identifier: MIT */
/*
 * readings - the energy counters in a recording, whatever form it has: perf stat's text, CSV and
 * JSON; count records; polls of powercap and of registers; turbostat
 *
 * The form is told by the first line that can only be of one. Lines before it, such as what the
 * measured program printed, are not looked at.
 */

#ifndef READINGS_H
#define READINGS_H

#include "base/lines.h"
#include "perfstat.h"
#include "powercap.h"
#include "rdmsr.h"
#include "rec/rec.h"
#include "turbostat.h"

enum readings_form {
	READINGS_UNKNOWN,
	READINGS_PERF,
	READINGS_POWERCAP,
	READINGS_RDMSR,
	READINGS_TURBOSTAT,
	READINGS_RECORDS
};

struct readings {
	struct lines lines;
	struct recin rec;
	enum readings_form form;
	struct out *copy; /* where records go that are no counts; NULL: nowhere */
	struct perfstat perf;
	struct powercap powercap;
	struct rdmsr rdmsr;
	struct turbostat turbostat;
};

void readings_init(struct readings *, struct input *, const struct rapl_units *, int64_t interval);
void readings_free(struct readings *);

/* The next line; false at the end of input, or when its fault or that of rec is set. */
bool readings_next(struct readings *, struct rapl_line *);

/* Whether the input may be one of these forms: a perf.data file is not. */
bool readings_is_text(struct input *, struct fault *);

/* What its times count from: the "start" of the recording, or the "epoch". */
struct str readings_base(const struct readings *);

/* The number of that line. */
uint64_t readings_number(const struct readings *);

#endif
