/* SPDX-License-Identifier: MIT */
/* patterns - match names with shell patterns, as options take them */

#ifndef PATTERNS_H
#define PATTERNS_H

#include "text.h"

/* Does a name, which may be escaped as in a record, match the pattern? A name or a pattern of more
 * than 1024 bytes has to be equal. */
bool pattern_match(struct str pattern, struct str name);

/* Does it match one of a list of patterns with commas between them? */
bool patterns_match(const char *list, struct str name);

/* Patterns that remember whether they matched anything. Start with { 0 }. */
struct patterns {
	struct pattern {
		struct str text;
		bool hit;
	} * one;
	size_t n, missed; /* missed: those without a hit */
};

/* Add a pattern, or those of a list with commas between them. The text must outlive them. */
void patterns_add(struct patterns *, struct str pattern);
void patterns_add_list(struct patterns *, const char *list);
void patterns_free(struct patterns *);

/* Does a name match one of them? All that it matches are hit. */
bool patterns_hit(struct patterns *, struct str name);

#endif
