/* SPDX-License-Identifier: MIT */
/*
 * ehframe - the unwind information of a program or library: which entry covers an address
 *
 * The entries are found by the table of .eh_frame_hdr, stripped or not; static programs have none:
 * for them the section .eh_frame is read once. Only a table is kept; entries are read when they are
 * asked for.
 */

#ifndef EHFRAME_H
#define EHFRAME_H

#include "cfi.h"

struct ehframe;

/* Reads up to n bytes of the file from an offset on; returns how many. */
struct ehframe_source {
	size_t (*read)(void *arg, uint64_t off, uint8_t *, size_t n);
	void *arg;
};

/* Read the headers and the table. Returns NULL, and why, if there is no such information. */
struct ehframe *ehframe_new(struct ehframe_source, const char **why);
void ehframe_free(struct ehframe *);

/*
 * Make the row for the code at an offset of the file. Returns false if there is none. The
 * expressions of the row live until the next call. *cost is set to the number of bytes that were
 * looked at.
 */
bool ehframe_row(
    struct ehframe *, struct ehframe_source, uint64_t off, struct cfi_row *, uint64_t *cost);

/* Are its addresses 64 bits, and its numbers big-endian? */
bool ehframe_is64(const struct ehframe *);
bool ehframe_is_big(const struct ehframe *);

#endif
