/* SPDX-License-Identifier: MIT */

#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* The filter adds which file it was reading; see filter_open(). */
static _Noreturn void
fail(size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		bytes = SIZE_MAX;
	errx(1, "%s: %zu bytes", strerror(ENOMEM), bytes);
}

void *
mem_alloc(size_t size)
{
	void *v;

	if ((v = calloc(1, size)) == NULL)
		fail(1, size);
	return v;
}

void *
mem_resize(void *v, size_t n, size_t size)
{
	if ((v = reallocarray(v, n, size)) == NULL)
		fail(n, size);
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

void *
mem_grow_zeroed(void *v, size_t n, size_t *cap, size_t size)
{
	size_t old = *cap;

	while (*cap <= n)
		v = mem_grow(v, *cap, cap, size);
	memset((char *)v + old * size, 0, (*cap - old) * size);
	return v;
}

char *
mem_copy(const void *p, size_t n)
{
	char *d = mem_alloc(n + 1);

	if (n > 0)
		memcpy(d, p, n);
	return d;
}
