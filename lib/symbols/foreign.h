/* SPDX-License-Identifier: MIT */
/*
 * foreign - are these the symbols of another kernel than the one that was recorded?
 *
 * A copy of /proc/kallsyms does not say which kernel it is of, but call stacks do: a task that is
 * switched out is in the scheduler, and nothing is called from the padding before a function. A
 * recording with few stacks shows nothing.
 */

#ifndef FOREIGN_H
#define FOREIGN_H

#include "kallsyms.h"

/* Do the stacks of a machine in a piece of a stream contradict the symbols? delta is what addresses
 * in the table are higher than in the recording. Sets why to what contradicts. */
bool foreign_kernel(const struct kallsyms *, uint64_t delta, struct str machine, struct str stream,
    struct fault *why);

#endif
