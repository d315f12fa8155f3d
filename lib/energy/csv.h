/* SPDX-License-Identifier: MIT */
/* csv - write comma-separated values as in RFC 4180; a value that is not known is an empty field */

#ifndef CSV_H
#define CSV_H

#include "base/out.h"
#include "energy.h"

struct csv {
	struct out *out;
	bool crlf;       /* RFC 4180's line ends; otherwise newlines */
	bool exact;      /* energies with all their decimals, not with digits */
	unsigned digits; /* decimals of energy and power */
	int64_t start;   /* ns, added to all times */
	bool in_row;     /* a comma comes before the next field */
};

void csv_str(struct csv *, struct str);
void csv_skip(struct csv *, size_t n);  /* n fields that are not known, not the first of a row */
void csv_number(struct csv *, int64_t); /* below 0: not known */

/* A point in time and a length, in ns, written as seconds with nine decimals; RAPL_NO_TIME: not
 * known. */
void csv_time(struct csv *, int64_t);
void csv_seconds(struct csv *, int64_t);

/* An energy, its error, its power over ns; NULL or an ns not above 0: not known. */
void csv_energy(struct csv *, const struct energy *);
void csv_error(struct csv *, const struct energy *);
void csv_watts(struct csv *, const struct energy *, int64_t ns);

/* A number in units of 10^-digits; below 0: not known. */
void csv_scaled(struct csv *, energy_int);

void csv_end_row(struct csv *);

/* A row of names that need no quotes, given with their commas. */
void csv_header(struct csv *, const char *names);

#endif
