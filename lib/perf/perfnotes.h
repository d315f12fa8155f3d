/* SPDX-License-Identifier: MIT */
/* perfnotes - messages about what a perf.data contains and what was left out of it */

#ifndef PERFNOTES_H
#define PERFNOTES_H

#include "perfrec.h"

/* Give note each message about what does not end the program. kind is NULL. */
void perfnotes(const struct perf *, const struct perfrec_counts *,
    void (*note)(void *arg, const char *kind, const char *text), void *arg);

/* The same for the lines of a table of all types of records and parts of samples. */
void perfnotes_table(const struct perf *, const struct perfrec_counts *,
    void (*note)(void *arg, const char *kind, const char *text), void *arg);

#endif
