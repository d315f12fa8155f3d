/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <stdlib.h>

#include "columns.h"
#include "text.h"

enum { SHOWN = 512 /* bytes of a text */ };

/* Add a cell to a column. */
static void
put(struct columns *c, struct column *column, struct str s)
{
	size_t most = column->text && s.n > COLUMNS_TEXT ? COLUMNS_TEXT : s.n;

	strbuf_add_bytes(&c->cells, &s.n, sizeof s.n);
	strbuf_add(&c->cells, s);
	column->width = most > column->width ? most : column->width;
}

void
columns_add(struct columns *c, struct str name, bool text)
{
	assert(c->n < COLUMNS_MOST && c->put == 0);
	c->column[c->n].text = text;
	put(c, &c->column[c->n++], name);
}

void
columns_put(struct columns *c, struct str s)
{
	struct column *column = &c->column[c->put++ % c->n];
	char d[SHOWN];

	put(c, column, column->text ? str_of(text_quote(d, sizeof d, s)) : s);
}

static void
pad(struct out *o, size_t n, size_t width)
{
	for (; n < width; n++)
		out_char(o, ' ');
}

void
columns_write(const struct columns *c, struct out *o)
{
	const char *p = c->cells.p, *end = p + c->cells.n;
	const struct column *column;
	size_t i, n;

	for (i = 0; p < end; i++, p += n) {
		column = &c->column[i % c->n];
		memcpy(&n, p, sizeof n);
		p += sizeof n;
		out_bytes(o, "  ", i % c->n == 0 ? 0 : 2);
		pad(o, n, column->text ? 0 : column->width);
		out_bytes(o, p, n);
		if ((i + 1) % c->n == 0)
			out_char(o, '\n');
		else if (column->text)
			pad(o, n, column->width);
	}
}

void
columns_free(struct columns *c)
{
	strbuf_free(&c->cells);
}
