/* SPDX-License-Identifier: MIT */
/*
 * demangle - names of C++, Rust and D as they are in the source
 *
 * A name that is no mangled one, or is longer than 2048 bytes, or would be longer than 4096 bytes
 * in the source, stays as it is. The work is bounded for any name.
 */

#ifndef SYMBOLS_DEMANGLE_H
#define SYMBOLS_DEMANGLE_H

#include "base/text.h"

enum demangle_how {
	DEMANGLE_FULL,    /* with the types of the arguments */
	DEMANGLE_NO_ARGS, /* without them */
	DEMANGLE_NOT
};

struct demangle;

struct demangle *demangle_new(enum demangle_how);
void demangle_free(struct demangle *);

/* The name in the source, valid until the next call; the name itself if it stays as it is. */
struct str demangle_name(struct demangle *, struct str mangled);

#endif
