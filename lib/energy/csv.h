/* SPDX-License-Identifier: MIT */
/* csv - write comma-separated values as RFC 4180 has them; what is not known is an empty field */

#ifndef CSV_H
#define CSV_H

#include "base/out.h"
#include "energy.h"

struct csv {
	struct out *out;
	bool crlf;  /* RFC 4180's line ends; otherwise newlines */
	bool inrow; /* a comma comes before the next field */
};

void csv_str(struct csv *, struct str);
void csv_none(struct csv *);
void csv_number(struct csv *, int64_t); /* below 0: not known */

/* Nanoseconds as seconds with nine decimals. */
void csv_seconds(struct csv *, int64_t);

/* A number of 10^-digits. */
void csv_decimal(struct csv *, energy_int, unsigned digits);

/* An amount of energy, with that many decimals or with all it has. */
void csv_energy(struct csv *, struct energy, unsigned digits, bool exact);

/* The end of a row. */
void csv_end(struct csv *);

/* A row of plain words, as they stand between commas in names. */
void csv_header(struct csv *, const char *names);

#endif
