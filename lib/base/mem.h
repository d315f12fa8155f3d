/* SPDX-License-Identifier: MIT */
/* mem - allocation that cannot fail: out of memory ends the program */

#ifndef MEM_H
#define MEM_H

#include <stddef.h>

/* Allocate zeroed memory. All that this header allocates is freed with free(3). */
void *mem_alloc(size_t size);

/* Like reallocarray(3). */
void *mem_resize(void *v, size_t n, size_t size);

/* Make room for element n (counted from 0) of an array of *cap elements; returns v, which may have
 * moved. */
void *mem_grow(void *v, size_t n, size_t *cap, size_t size);

/* The same; elements that are new are zeroed. */
void *mem_grow_zeroed(void *v, size_t n, size_t *cap, size_t size);

/* Copy n bytes, with a NUL after them. */
char *mem_copy(const void *p, size_t n);

#endif
