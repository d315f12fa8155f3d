/* SPDX-License-Identifier: MIT */
/* packed - files that another program compressed, and that are not inflated here */

#ifndef PACKED_H
#define PACKED_H

#include "input.h"

/* What a file starts as, and the command to inflate it: "an xz file: xz -dc file"; NULL where it is
 * none that we know. The window stays where it is. */
const char *input_compression(struct input *);

#endif
