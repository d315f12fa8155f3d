/* SPDX-License-Identifier: MIT */
/* place - what the frames of a waiting task's stack say about its wait: which of them name a place,
 * and which only how the task came to be switched out */

#ifndef PLACE_H
#define PLACE_H

#include "base/text.h"

/* Does a symbol only say that the task was switched out, or that this was recorded? */
bool place_is_switching(struct str symbol);

/* Is it a function that the kernel makes for a trace event (include/trace/trace_events.h)? The
 * stack of an event starts with these if ftrace recorded it; perf leaves them out. */
bool place_is_tracer(struct str symbol);

/* Is an object the C library, whose functions only pass on what the program wants? */
bool place_is_libc(struct str object);

/* Cut the suffix that the compiler gave a symbol: .part.0, or [clone .part.0] after a demangled
 * name. */
struct str place_bare(struct str symbol);

/* The bare symbol of the innermost frame of a stack that names a place, as in the stack; empty if
 * there is none. */
struct str place_function(struct str stack);

#endif
