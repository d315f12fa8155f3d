/* SPDX-License-Identifier: MIT */
/*
 * columns - a table for a terminal: numbers to the right in their columns, texts to the left
 *
 * Columns are as wide as their widest cell, those of texts up to COLUMNS_TEXT. All cells are kept
 * until the table is written. Start with { 0 }.
 */

#ifndef COLUMNS_H
#define COLUMNS_H

#include "out.h"
#include "strbuf.h"

enum { COLUMNS_MOST = 64, COLUMNS_TEXT = 40 };

struct columns {
	/* private */
	size_t n; /* of columns */
	struct column {
		bool text;
		size_t width;
	} column[COLUMNS_MOST];
	struct strbuf cells; /* the lengths and the texts, row by row, the names first */
	size_t put;
};

/* Add a column, which has its name as a head, before the first cell. */
void columns_add(struct columns *, struct str name, bool text);

/* Add the next cell, from left to right. A text is made safe for a terminal. */
void columns_put(struct columns *, struct str);

void columns_write(const struct columns *, struct out *);
void columns_free(struct columns *);

#endif
