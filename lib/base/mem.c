/* SPDX-License-Identifier: MIT */

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

void *
mem_alloc(size_t size)
{
	void *v;

	if ((v = calloc(1, size)) == NULL)
		err(1, NULL);
	return v;
}

void *
mem_resize(void *v, size_t n, size_t size)
{
	if ((v = reallocarray(v, n, size)) == NULL)
		err(1, NULL);
	return v;
}

void *
mem_grow(void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	*cap = *cap > 0 ? 2 * *cap : 64;
	return mem_resize(v, *cap, size);
}

char *
mem_copy(const void *p, size_t n)
{
	char *d = mem_alloc(n + 1);

	if (n > 0)
		memcpy(d, p, n);
	return d;
}
