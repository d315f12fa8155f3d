/* SPDX-License-Identifier: MIT */
/* temp - files that nobody else sees, for what does not fit into memory */

#ifndef TEMP_H
#define TEMP_H

#include "fault.h"

/* A file without a name in $TMPDIR, or else in /tmp: -1 with the fault set when there can be none.
 */
int temp_open(struct fault *);

#endif
