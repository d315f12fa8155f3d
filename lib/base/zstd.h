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

/* Inflate the next n bytes of the stream and call put with each piece of the result. Returns NULL,
 * or what is wrong; "" if put returned false. */
const char *zstd_pass(
    struct zstd *, const void *, size_t n, bool (*put)(void *arg, const void *, size_t), void *arg);

/* The same, but append to out, up to most bytes in all of out. */
const char *zstd_unpack(struct zstd *, const void *p, size_t n, struct strbuf *out, size_t most);

#endif
