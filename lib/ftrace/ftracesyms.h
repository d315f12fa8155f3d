/* SPDX-License-Identifier: MIT */
/*
 * ftracesyms - ksym records for the functions of kernel stacks, from the symbols that a trace holds
 *
 * A function is defined before the first stack that it is in. The table of symbols is read when the
 * first kernel stack comes.
 */

#ifndef FTRACESYMS_H
#define FTRACESYMS_H

#include "base/out.h"
#include "base/strbuf.h"
#include "rec/rec.h"

struct ftracesyms;

/* The text is that of /proc/kallsyms and is taken over. NULL if it is empty. */
struct ftracesyms *ftracesyms_new(struct strbuf *kallsyms);
void ftracesyms_free(struct ftracesyms *);

/* Define the functions that the words of a stack are in, at the record's time and machine. */
void ftracesyms_define(
    struct ftracesyms *, struct out *, const struct rec *, const uint64_t *word, size_t n);

/* Why the symbols are of no use; NULL if they are, or if there was no kernel stack. */
const char *ftracesyms_why(const struct ftracesyms *);
/* What was left out of the symbols; NULL if nothing was. */
const char *ftracesyms_damage(const struct ftracesyms *);

#endif
