/* SPDX-License-Identifier: MIT */
/*
 * evnames - the names that the print fmt of a tracepoint gives to the values of a field
 *
 * They are the arguments of __print_flags() and __print_symbolic(). The letters of a task's state,
 * for one, differ between kernels, so only the recording's own format has the right ones.
 */

#ifndef EVNAMES_H
#define EVNAMES_H

#include "evformat.h"

enum { EVNAMES_MAX = 64, EVNAMES_TEXT = 256 };

/* The strings point into the text of the format. */
struct evnames {
	size_t n;
	struct {
		uint64_t value;
		struct str name;
	} pair[EVNAMES_MAX];
	bool flags;         /* the values are bits, which may be combined */
	uint64_t mask;      /* the bits that the names are about */
	struct str delim;   /* between two flags */
	struct str none;    /* the name for no flag; empty if there is none */
	uint64_t plus_mask; /* the bits that append ... */
	struct str plus;
};

/* Find the names of a field. Returns false if the print fmt has none. */
bool evnames_read(struct evnames *, const struct evformat *, const char *field);

/* Write the name of a value to d, which has room for EVNAMES_TEXT bytes: its number if it has no
 * name. Returns the length. */
size_t evnames_put(const struct evnames *, uint64_t value, char *d);

#endif
