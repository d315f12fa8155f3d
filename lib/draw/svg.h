/* SPDX-License-Identifier: MIT */
/*
 * svg - shapes as SVG text, one element a line
 *
 * Coordinates are integers: whole pixels, or hundredths where the name says so.
 */

#ifndef SVG_H
#define SVG_H

#include "base/out.h"

/* A text fit to be shown: valid UTF-8, no control characters. Start with n = 0. */
struct svg_word {
	size_t n;
	char text[1016];
};

/* Add clean text; add a text as it stands in a record, without what is not fit. What is too long is
 * cut. */
void svg_add(struct svg_word *, struct str clean);
void svg_add_field(struct svg_word *, struct str);

/* Drop the end and put ... there until the word fits so many pixels at a font size; false where too
 * little would be left. */
bool svg_fit(struct svg_word *, int px, int size);

/* How wide a text is, in pixels, in the widest of the fonts that may be used: rather too much. */
int svg_width(struct str clean, int size);

/* Text that is clean, with what XML needs escaped; text as it stands in a record. */
void svg_put(struct out *, struct str clean);
void svg_put_field(struct out *, struct str);

/* 1234 as 12.34, 1200 as 12. */
void svg_put_hundredths(struct out *, int64_t);

/* An element's attribute: name="value" with a blank before it. */
void svg_attr(struct out *, const char *name, int64_t v);
void svg_attr_hundredths(struct out *, const char *name, int64_t v);

void svg_rect(struct out *, const char *class, int x, int y, int w, int h);
void svg_text(struct out *, const char *class, int x, int y, struct str clean);

#endif
