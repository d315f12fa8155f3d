/* SPDX-License-Identifier: MIT */
/* proftable - profiles as columns for a terminal: values, then the keys */

#ifndef PROFTABLE_H
#define PROFTABLE_H

#include "base/columns.h"
#include "prof.h"

/* Add the columns of a profile's keys; put the cells of a row in them. */
void proftable_add_keys(struct columns *, const struct prof *);
void proftable_put_keys(struct columns *, const struct prof *, const struct prof_row *);

/* Write a whole profile: shares, samples and periods. */
void proftable_write(const struct prof *, struct out *);

#endif
