/* SPDX-License-Identifier: MIT */

#include <assert.h>

#include "columns.h"
#include "text.h"

enum { GAP = 2, SHOWN = 512 /* bytes of a text */ };

static void
widen(struct column *column, struct str s)
{
	size_t n = text_width(s);

	n = column->text && n > COLUMNS_TEXT ? COLUMNS_TEXT : n;
	column->width = n > column->width ? n : column->width;
}

void
columns_add(struct columns *c, struct str name, size_t width, bool text)
{
	size_t gap = c->n == 0 ? 0 : GAP;

	assert(c->n < COLUMNS_MOST && c->at == 0);
	c->column[c->n] = (struct column){ name, text, width > gap ? width - gap : 0 };
	widen(&c->column[c->n++], name);
}

static void
pad(struct out *o, size_t n, size_t width)
{
	for (; n < width; n++)
		out_char(o, ' ');
}

/* Write a cell; the last one of a line is not padded. */
static void
put(const struct columns *c, size_t i, struct str s)
{
	const struct column *column = &c->column[i];
	size_t width = text_width(s);

	pad(c->out, 0, i == 0 ? 0 : GAP);
	pad(c->out, width, column->text ? 0 : column->width);
	out_str(c->out, s);
	if (i + 1 == c->n)
		out_char(c->out, '\n');
	else if (column->text)
		pad(c->out, width, column->width);
}

void
columns_put(struct columns *c, struct str s)
{
	char d[SHOWN];

	if (c->column[c->at].text)
		s = str_of(text_quote(d, sizeof d, s));
	if (c->out != NULL)
		put(c, c->at, s);
	else
		widen(&c->column[c->at], s);
	c->at = (c->at + 1) % c->n;
}

void
columns_put_u64(struct columns *c, uint64_t v)
{
	char d[TEXT_NUMBER];

	columns_put(c, (struct str){ d, text_put_u64(d, v) });
}

void
columns_head(struct columns *c, struct out *o)
{
	size_t i;

	c->out = o;
	for (i = 0; i < c->n; i++)
		put(c, i, c->column[i].name);
}
