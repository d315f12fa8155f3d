/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"

void
die(const struct trace *t, const char *what)
{
	fprintf(stderr, "mktrace: line %d: %s\n", t->line, what);
	exit(1);
}

void
put(struct trace *t, uint64_t byte)
{
	if (t->n == MAX)
		die(t, "too much");
	t->byte[t->n] = (uint8_t)byte;
	t->id[t->n++] = t->now;
}

void
put_little(struct trace *t, uint64_t v, int bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		put(t, v);
}

void
put_zeros(struct trace *t, int n, uint8_t end)
{
	while (n-- > 0)
		put(t, 0);
	put(t, end);
}

void
put_leb(struct trace *t, uint64_t v, int max)
{
	int i;

	for (i = 1; v > 0x7f && i < max; i++, v >>= 7)
		put(t, (v & 0x7f) | 0x80);
	put(t, v);
}

void
put_nibble(struct trace *t, unsigned v)
{
	if (t->half)
		t->byte[t->n - 1] |= (uint8_t)(v << 4);
	else
		put(t, v);
	t->half = !t->half;
}

void
put_nibbles(struct trace *t, uint64_t v, int n)
{
	for (; n > 0; n--)
		put_nibble(t, v >> 4 * (n - 1) & 15);
}

uint64_t
number(const struct trace *t, const char *word)
{
	char *end;
	uint64_t v = word == NULL ? 0 : strtoull(word, &end, 0);

	if (word == NULL || *word == '\0' || *end != '\0')
		die(t, "not a number");
	return v;
}

const char *
after(char **word, const char *name)
{
	for (; *word != NULL; word++)
		if (strcmp(*word, name) == 0)
			return word[1] == NULL ? "" : word[1];
	return NULL;
}

bool
has(char **word, const char *name)
{
	return after(word, name) != NULL;
}

uint64_t
number_after(const struct trace *t, char **word, const char *name, uint64_t otherwise)
{
	const char *p = after(word, name);

	return p == NULL ? otherwise : number(t, p);
}
