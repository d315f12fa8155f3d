/* SPDX-License-Identifier: MIT */
/*
 * pprofout - write a profile in the format of pprof, with libprotobuf-c
 *
 * It is written message by message: the format lets a message be cut into parts. Ids count from 1,
 * 0 is none. A text is a number of pprofout_text(), 0 the empty text.
 */

#ifndef PPROFOUT_H
#define PPROFOUT_H

#include "base/out.h"

struct pprofout;

struct pprofout *pprofout_open(struct out *);

/* The number of a text, whose bytes that are not UTF-8 or controls become \xHH; the text of a field
 * is to be unescaped first. It is cut to PPROFOUT_TEXT bytes. */
enum { PPROFOUT_TEXT = 4096 };
uint32_t pprofout_text(struct pprofout *, struct str);

struct pprofout_type {
	uint32_t name, unit;
};

/* Add a type of values; all before the first sample. */
void pprofout_type(struct pprofout *, struct pprofout_type);

/* The type that is shown by default; what a sample stands for, if that is always the same. */
void pprofout_default(struct pprofout *, uint32_t name);
void pprofout_period(struct pprofout *, struct pprofout_type, int64_t period);

void pprofout_comment(struct pprofout *, uint32_t text);

/* When it was recorded, in ns since 1970, 0 if unknown; and for how many ns. */
void pprofout_time(struct pprofout *, int64_t time, int64_t duration);

struct pprofout_label {
	uint32_t key, text;
};

/* Add a sample: locations, innermost first; a value for each type. At most PPROFOUT_LABELS labels.
 */
enum { PPROFOUT_LABELS = 8 };
void pprofout_sample(struct pprofout *, const uint64_t *location, size_t n, const int64_t *value,
    const struct pprofout_label *, size_t nlabel);

struct pprofout_mapping {
	uint64_t start, end, off;
	uint32_t file, build;
	bool functions, lines, inlines; /* what the locations have */
};

void pprofout_mapping(struct pprofout *, uint32_t id, const struct pprofout_mapping *);

struct pprofout_line {
	uint32_t function, line;
};

/* Add a location: the functions inlined there, innermost first, and the one that has its code. */
void pprofout_location(struct pprofout *, uint32_t id, uint32_t mapping, uint64_t addr,
    const struct pprofout_line *, size_t n);

void pprofout_function(struct pprofout *, uint32_t id, uint32_t name, uint32_t file);

/* Write the texts and the end, and free all. */
void pprofout_close(struct pprofout *);

#endif
