/* SPDX-License-Identifier: MIT */
/* temp - temporary files without a name, for what does not fit into memory */

#ifndef TEMP_H
#define TEMP_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"

/* Make a file in $TMPDIR, or in /tmp if that is unset or empty, which no signal leaves there.
 * Returns its descriptor, -1 with the fault set on error. */
int temp_open(struct fault *);

/* Write all of n bytes at an offset of a file; false with errno set on error. */
bool temp_write(int fd, uint64_t offset, const void *, size_t n);

#endif
