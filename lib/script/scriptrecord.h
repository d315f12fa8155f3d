/* SPDX-License-Identifier: MIT */
/* scriptrecord - the lines of perf script that show records other than samples: PERF_RECORD_... */

#ifndef SCRIPTRECORD_H
#define SCRIPTRECORD_H

#include "base/strbuf.h"
#include "rec/rec.h"

enum scriptrecord {
	SCRIPTRECORD_DONE,
	SCRIPTRECORD_OTHER, /* of a kind that no record has */
	SCRIPTRECORD_BAD
};

/* Is it what follows the time in such a line? */
bool scriptrecord_is(struct str);

/* Set the kind of a record, its machine if that is a guest, its pid and tid, and the fields of the
 * kind. text holds the strings of the record until it is changed. */
enum scriptrecord scriptrecord_read(struct str, struct strbuf *text, struct rec *);

#endif
