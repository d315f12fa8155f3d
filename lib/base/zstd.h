/* SPDX-License-Identifier: MIT */
/* zstd - inflate zstd streams that come in pieces */

#ifndef ZSTD_MODULE_H
#define ZSTD_MODULE_H

#include <stdbool.h>
#include <stddef.h>

#include "strbuf.h"

struct zstd;

struct zstd *zstd_new(void);
void zstd_free(struct zstd *);

/* Start with a new stream. */
void zstd_reset(struct zstd *);

/* Append to out what the next n bytes of the stream hold, up to most bytes in all of out. Returns
 * NULL, or what is wrong. */
const char *zstd_inflate(struct zstd *, const void *p, size_t n, struct strbuf *out, size_t most);

#endif
