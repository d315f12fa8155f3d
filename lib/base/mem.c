/* SPDX-License-Identifier: MIT */

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mem.h"

enum { LINE = 64, MUCH = 512 * 1024, HUGE_PAGE = 2 * 1024 * 1024 };

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
mem_pages(size_t size)
{
	size_t unit = size < MUCH ? LINE : HUGE_PAGE;
	void *v;

	size = (size + unit - 1) / unit * unit;
	if ((v = aligned_alloc(unit, size)) == NULL)
		err(1, NULL);
	if (unit == HUGE_PAGE)
		madvise(v, size, MADV_HUGEPAGE);
	return v;
}

void *
mem_grow(void *v, size_t n, size_t *cap, size_t size)
{
	size_t bytes;

	if (n < *cap)
		return v;
	*cap = *cap > 0 ? 2 * *cap : 64;
	if (__builtin_mul_overflow(*cap, size, &bytes))
		errx(1, "out of memory");
	if (bytes > MUCH && bytes < HUGE_PAGE) {
		*cap = HUGE_PAGE / size;
		bytes = HUGE_PAGE;
	}
	return mem_enlarge(v, n * size, bytes);
}

void *
mem_enlarge(void *v, size_t used, size_t size)
{
	void *old = v;

	if (size < MUCH)
		return mem_resize(v, size, 1);
	v = mem_pages(size);
	if (used > 0)
		memcpy(v, old, used);
	free(old);
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
