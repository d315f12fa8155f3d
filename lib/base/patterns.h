/* SPDX-License-Identifier: MIT */
/* patterns - match names with shell patterns, as options take them */

#ifndef PATTERNS_H
#define PATTERNS_H

#include "intern.h"

/* Does a name, which may be escaped as in a record, match the pattern, or is it equal? A name or a
 * pattern of more than 1024 bytes has to be equal. */
bool pattern_match(struct str pattern, struct str name);

/* Patterns that remember whether they matched anything, each of which is there once. Those without
 * wildcards are found without a search. Start with { 0 }. */
struct patterns {
	struct pattern {
		struct str text;
		bool hit;
	} * one;
	size_t n, missed;  /* missed: those without a hit */
	struct intern met; /* names that patterns_met() was called with, cut */
	/* private */
	struct intern texts; /* by these numbers */
	uint32_t *wild;      /* the numbers of those with wildcards */
	size_t nwild, cap, cap_wild;
};

enum { PATTERNS_LIST = 400 };

/* Add a pattern, or those of a list separated by commas. The text must outlive them. */
void patterns_add(struct patterns *, struct str pattern);
void patterns_add_list(struct patterns *, const char *list);
void patterns_free(struct patterns *);

/* Does a name match any of them? Marks each that it matches as hit. */
bool patterns_hit(struct patterns *, struct str name);

/* Did a pattern that was added match a name? */
bool patterns_is_hit(const struct patterns *, struct str pattern);

/* Remember a name for patterns_list(), unless all patterns are hit or there are many. */
void patterns_met(struct patterns *, struct str name);

/* Write the names that were met, separated by commas, with dots for those without room. */
void patterns_list(const struct patterns *, char text[PATTERNS_LIST]);

#endif
