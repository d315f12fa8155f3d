/* SPDX-License-Identifier: MIT */
/* segments - what a program loads: the address of a byte of its file */

#ifndef SYMBOLS_SEGMENTS_H
#define SYMBOLS_SEGMENTS_H

#include <stdbool.h>

#include "coderanges.h"

/* Starts as { 0 }. */
struct segments {
	struct coderanges ranges; /* of offsets in the file, each the owner of its number plus 1 */
	uint64_t *shift;          /* by number: what an address is higher than its offset */
	size_t n, cap;
};

/* len bytes from an offset on are at an address. */
void segments_add(struct segments *, uint64_t off, uint64_t len, uint64_t addr);

/* All were added: make them ready for segments_find(). */
void segments_done(struct segments *);

/* Set addr to that of the byte at an offset, in the first segment that has it. Returns false if
 * none has it. */
bool segments_find(const struct segments *, uint64_t off, uint64_t *addr);

void segments_free(struct segments *);

#endif
