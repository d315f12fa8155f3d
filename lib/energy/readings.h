/* SPDX-License-Identifier: MIT */
/*
 * readings - the lines of a recording of energy counters in whatever form: perf stat's text, CSV
 * and JSON; count records; polls of powercap and of registers; turbostat
 *
 * The first line that can only be of one form decides. Lines before it, such as the output of the
 * measured program, are ignored.
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
	struct out *copy;    /* where records other than counts go, or NULL */
	struct strbuf event; /* of a record, without escapes */
	struct perfstat perf;
	struct powercap powercap;
	struct rdmsr rdmsr;
	struct turbostat turbostat;
};

/* What the recording does not say. */
struct readings_options {
	struct units units;
	struct powercap_names names;
	struct rdmsr_bare bare; /* n > 0: the values of registers, and nothing else, on each line */
	int64_t interval;       /* ns between rounds, 0: not known */
};

/* The options must stay. */
void readings_init(struct readings *, struct input *, const struct readings_options *);
void readings_free(struct readings *);

/* Read the next line; false at the end of input, or if its fault or that of rec is set. */
bool readings_next(struct readings *, struct rapl_line *);

/* False with the fault set if the input is a perf.data file, which has none of these forms. */
bool readings_is_text(struct input *, struct fault *);

/* The origin of its times: the "start" of the recording, or the "epoch". */
struct str readings_base(const struct readings *);

/* The number of the current line. */
uint64_t readings_number(const struct readings *);

#endif
