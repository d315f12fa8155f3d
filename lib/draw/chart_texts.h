/* SPDX-License-Identifier: MIT */
/* chart_texts - the frames of stacks that are defined once, within a bound of memory */

#ifndef CHART_TEXTS_H
#define CHART_TEXTS_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/text.h"

struct chart_texts {
	size_t budget; /* bytes, to be set first */
	struct hash by;
	struct chart_text {
		uint64_t key;
		struct str text;
	} * text;
	size_t n, cap, bytes;
	struct arena texts;
	uint64_t limit; /* only keys up to here are kept: halved when there are too many */
};

/* Define a stack; again alike changes nothing, and of two that differ the order does not matter. */
void chart_texts_put(struct chart_texts *, struct str machine, uint64_t hash, struct str frames);

/* p is NULL where it is not defined. */
struct str chart_texts_get(const struct chart_texts *, struct str machine, uint64_t hash);

void chart_texts_free(struct chart_texts *);

#endif
