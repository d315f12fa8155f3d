/* SPDX-License-Identifier: MIT */
/* patterns - names or patterns of the shell, separated by commas, as options have them */

#ifndef PATTERNS_H
#define PATTERNS_H

#include "text.h"

/* Does a name, which may be escaped as in a record, match one of them? */
bool patterns_match(const char *list, struct str name);

#endif
