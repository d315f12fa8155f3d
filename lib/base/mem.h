/* SPDX-License-Identifier: MIT */
/* mem - allocation that does not fail: out of memory ends the program */

#ifndef MEM_H
#define MEM_H

#include <stddef.h>

void *mem_alloc(size_t size); /* zeroed */
void *mem_resize(void *v, size_t n, size_t size);

/* Much memory, not zeroed, from a cache line on, on huge pages where there are such: to touch
 * thousands of small ones for the first time may take longer than what they are used for. free()
 * gives it back. */
void *mem_pages(size_t size);

/* Move what is used of v to more memory, as mem_pages() where it is much. */
void *mem_enlarge(void *v, size_t used, size_t size);

/* Make room for one more element: returns v, moved if need be; *cap counts elements. What is not
 * small any more gets a huge page at once. */
void *mem_grow(void *v, size_t n, size_t *cap, size_t size);

/* A copy of n bytes with a NUL behind them. */
char *mem_copy(const void *p, size_t n);

#endif
