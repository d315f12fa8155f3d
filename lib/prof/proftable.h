/* SPDX-License-Identifier: MIT */
/*
 * proftable - rows of profiles as columns for a terminal: right-aligned values, then the keys
 *
 * Call proftable_measure() for all rows, then write the head and the rows.
 */

#ifndef PROFTABLE_H
#define PROFTABLE_H

#include "prof.h"

/* A column of values; the blanks between columns are part of its width. */
struct proftable_column {
	const char *name;
	size_t width;
};

struct proftable {
	unsigned keys;                         /* a bit for each enum prof_key */
	const struct proftable_column *column; /* n of them */
	size_t n;
	size_t width[PROF_KEYS]; /* private */
};

void proftable_measure(struct proftable *, const struct prof *, const struct prof_row *);
void proftable_head(const struct proftable *, struct out *);

/* value: a text for each column. */
void proftable_row(const struct proftable *, struct out *, const struct str *value,
    const struct prof *, const struct prof_row *);

/* Write a whole profile: shares, samples and periods. */
void proftable_write(const struct prof *, struct out *);

#endif
