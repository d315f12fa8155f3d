/* SPDX-License-Identifier: MIT */
/* rec_int - shared by the files of rec */

#ifndef REC_INT_H
#define REC_INT_H

#include "rec.h"

/* Set the fault: the field of this name is malformed. It starts at s, which points into the line.
 * Always returns false. */
bool rec_bad_field(struct recin *, const struct rec *, const char *name, const char *s);

#endif
