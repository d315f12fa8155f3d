/* SPDX-License-Identifier: MIT */
/*
 * svg - text of an SVG file, one element a line
 *
 * Coordinates are whole pixels, or hundredths if the name says so.
 */

#ifndef SVG_H
#define SVG_H

#include "base/out.h"

/* Text to be shown: valid UTF-8 without control characters, not escaped. Starts with n = 0. */
struct svg_text {
	size_t n;
	char text[1016];
};

static inline struct str
svg_str(const struct svg_text *t)
{
	return (struct str){ t->text, t->n };
}

/* Add our own words; add a field of a record without the characters that cannot be shown. Text that
 * does not fit is cut. */
void svg_add(struct svg_text *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void svg_add_field(struct svg_text *, struct str);

/* Shorten the text with an ellipsis until it is at most px pixels wide; false if too little would
 * be left of it. */
bool svg_fit(struct svg_text *, int px, int size);

/* The width of a text in pixels at a font size, in the widest of the fonts that may be used: too
 * much rather than too little. */
int svg_width(struct str, int size);

/* Write markup as it is; text with the characters escaped that XML reserves; a field of a record,
 * made fit to be shown, escaped. */
void svg_put(struct out *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void svg_put_text(struct out *, struct str);
void svg_put_field(struct out *, struct str);

/* 1234 as 12.34, 1200 as 12. */
struct svg_hundredths {
	char s[24];
};
struct svg_hundredths svg_hundredths(int64_t);

void svg_rect(struct out *, const char *class, int x, int y, int w, int h);

/* A text element; class may be NULL. */
void svg_label(struct out *, const char *class, int x, int y, struct str);

#endif
