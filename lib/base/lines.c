/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "lines.h"

/* Move to the byte after the next newline. If that is too far away, the input is not text and ends
 * here. */
static void
skip_line(struct lines *l)
{
	const uint8_t *nl = NULL;
	uint64_t start = l->in->offset;
	size_t have;

	while (nl == NULL && (have = input_fill(l->in, 1)) > 0) {
		nl = memchr(input_at(l->in), '\n', have);
		input_take(l->in, nl == NULL ? have : (size_t)(nl + 1 - input_at(l->in)));
		if (nl == NULL && l->in->offset - start > LINES_TEXT_MAX) {
			fault_set(&l->in->fault, "%s:%llu: line is longer than %d bytes: not text",
			    l->in->name, (unsigned long long)l->n, LINES_TEXT_MAX);
			l->in->eof = true;
			return;
		}
	}
}

enum lines_kind
lines_next(struct lines *l, struct str *line)
{
	const char *nl = NULL;
	size_t have;

	input_take(l->in, l->taken);
	l->taken = 0;
	have = l->in->end - l->in->begin;
	if (have > 0)
		nl = memchr(input_at(l->in), '\n', have < LINES_MAX ? have : LINES_MAX);
	if (nl == NULL && (have = input_fill(l->in, LINES_MAX)) > 0)
		nl = memchr(input_at(l->in), '\n', have < LINES_MAX ? have : LINES_MAX);
	if (have == 0)
		return LINES_END;
	l->n++;
	line->p = (const char *)input_at(l->in);
	if (nl == NULL && have >= LINES_MAX) {
		skip_line(l);
		return LINES_LONG;
	}
	l->taken = nl == NULL ? have : (size_t)(nl + 1 - line->p);
	line->n = nl == NULL ? have : l->taken - 1;
	if (memchr(line->p, '\0', line->n) != NULL)
		return LINES_NUL;
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return nl == NULL ? LINES_CUT : LINES_TEXT;
}
