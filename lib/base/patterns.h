/* SPDX-License-Identifier: MIT */
/* patterns - match names with patterns of the shell, as options have them */

#ifndef PATTERNS_H
#define PATTERNS_H

#include "text.h"

/* Does a name, which may be escaped as in a record, match the pattern? A name or a pattern of more
 * than 1024 bytes has to be equal. */
bool pattern_match(struct str pattern, struct str name);

/* Does it match one of a list of patterns with commas between them? */
bool patterns_match(const char *list, struct str name);

#endif
