/* SPDX-License-Identifier: MIT */
/*
 * foreign - are these the symbols of another kernel than the one that was recorded?
 *
 * A copy of /proc/kallsyms does not say which kernel it is of, but call stacks do: a task that is
 * switched out is in the scheduler, and nothing is called from the padding before a function or
 * runs there. A recording with few stacks and samples shows nothing.
 */

#ifndef FOREIGN_H
#define FOREIGN_H

#include "kallsyms.h"

/* A machine whose kernel the symbols are to be of. */
struct foreign_machine {
	struct str name;
	bool guest;     /* its kernel may be seen from the host */
	uint64_t delta; /* what addresses in the table are higher than in the recording */
};

/* Do the addresses of a machine in a piece of a stream contradict the symbols? Sets why to what
 * contradicts. */
bool foreign_kernel(
    const struct kallsyms *, const struct foreign_machine *, struct str stream, struct fault *why);

#endif
