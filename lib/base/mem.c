/* SPDX-License-Identifier: MIT */

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mem.h"

enum { HUGE_PAGE = 2 * 1024 * 1024 };

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
	void *v;

	if (size < HUGE_PAGE)
		return mem_resize(NULL, size, 1);
	size = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	if ((v = aligned_alloc(HUGE_PAGE, size)) == NULL)
		err(1, NULL);
	madvise(v, size, MADV_HUGEPAGE);
	return v;
}

void *
mem_grow(void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	*cap = *cap > 0 ? 2 * *cap : 64;
	return mem_enlarge(v, n * size, *cap * size);
}

void *
mem_enlarge(void *v, size_t used, size_t size)
{
	void *old = v;

	if (size < HUGE_PAGE)
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
