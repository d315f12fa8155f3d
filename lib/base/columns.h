/* SPDX-License-Identifier: MIT */
/*
 * columns - a table for a terminal: numbers to the right in their columns, texts to the left
 *
 * Columns are as wide as their widest cell, those of texts up to COLUMNS_TEXT. So the cells are put
 * twice: before columns_head() they are measured, after it they are written. Start with { 0 }.
 */

#ifndef COLUMNS_H
#define COLUMNS_H

#include "out.h"

enum { COLUMNS_MOST = 64, COLUMNS_TEXT = 40 };

struct columns {
	/* private */
	struct out *out; /* NULL while cells are measured */
	size_t n;        /* of columns */
	struct column {
		struct str name;
		bool text;
		size_t width;
	} column[COLUMNS_MOST];
	size_t at; /* the column of the next cell */
};

/* Add a column before the first cell: width is the least one, with the two blanks before the
 * column. The name must outlive the table. */
void columns_add(struct columns *, struct str name, size_t width, bool text);

/* Measure or write the next cell, from left to right. A text is made safe for a terminal. */
void columns_put(struct columns *, struct str);
void columns_put_u64(struct columns *, uint64_t);

/* Write the names; from now on cells are written. A table may have several heads. */
void columns_head(struct columns *, struct out *);

#endif
