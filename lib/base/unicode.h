/* SPDX-License-Identifier: MIT */
/*
 * unicode - what a terminal makes of a character: whether it shows it, and in how many columns
 *
 * The ranges are those of Unicode 14: a terminal may know another version. No locale is asked, so
 * the answers are the same everywhere.
 */

#ifndef UNICODE_H
#define UNICODE_H

#include <stdbool.h>
#include <stdint.h>

/* Does a code point show nothing, so that it can hide or reorder what is read? That is controls,
 * separators of lines, and what Unicode lets be ignored (Default_Ignorable_Code_Point): characters
 * without width, marks that change the direction of text, joiners, variation selectors, tags. */
bool unicode_is_hidden(uint32_t c);

/* The columns of one that is not hidden: 2 if East_Asian_Width is wide or fullwidth; 0 for
 * combining marks, of the scripts whose marks are most used; else 1. */
unsigned unicode_width(uint32_t c);

#endif
