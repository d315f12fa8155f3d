/* SPDX-License-Identifier: MIT */
/*
 * evnames - the names that the print fmt of a tracepoint gives to the values of a field
 *
 * They stand in __print_flags() and __print_symbolic(). The letters of a task's state changed from
 * kernel to kernel: those of the recording's own format are right, no others.
 */

#ifndef EVNAMES_H
#define EVNAMES_H

#include "evformat.h"

enum { EVNAMES_MAX = 64, EVNAMES_TEXT = 256 };

struct evnames {
	size_t n;
	struct {
		uint64_t value;
		struct str name;
	} pair[EVNAMES_MAX];
	bool flags;       /* bits that may be or-ed; else each value has a name */
	uint64_t mask;    /* the bits that the names are about */
	struct str delim; /* between two flags */
	struct str none;  /* for no flag set, empty where there is no word for that */
	uint64_t mark;    /* bits that append ... */
	struct str suffix;
};

/* False when the print fmt has no names for the field. */
bool evnames_read(struct evnames *, const struct evformat *, const char *field);

/* The name of a value at d, which has room for EVNAMES_TEXT bytes; the number where it has none. */
size_t evnames_put(const struct evnames *, uint64_t value, char *d);

#endif
