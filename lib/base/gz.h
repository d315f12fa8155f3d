/* SPDX-License-Identifier: MIT */
/* gz - inflate a gzip stream read from a file descriptor, or zlib data in memory; write a gzip
 * stream */

#ifndef GZ_H
#define GZ_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "out.h"
#include "strbuf.h"

struct gz;

/* Inflate a stream, of one or several members, that starts with the n bytes at head and continues
 * at the position of fd. The bytes at head are copied; fd remains the caller's. */
struct gz *gz_open(int fd, const uint8_t *head, size_t n);
void gz_free(struct gz *); /* NULL is allowed; fd stays open */

/*
 * Inflate up to n bytes (n > 0) into buf. Returns their number, 0 at the end. Returns -1 with the
 * reason in *why, valid until gz_free(), once all bytes before an error have been returned; *why
 * means nothing otherwise.
 */
ssize_t gz_read(struct gz *, uint8_t *buf, size_t n, const char **why);

/* Inflate n bytes in zlib's format and append at most `most` bytes to out. Returns NULL, or what is
 * wrong. */
const char *gz_unpack(const void *, size_t n, struct strbuf *out, size_t most);

/* Write a gzip stream, which says nothing about when and where it was made. gzout_close() ends it.
 */
struct gzout;

struct gzout *gzout_open(struct out *);
void gzout_write(struct gzout *, const void *, size_t n);
void gzout_close(struct gzout *);

#endif
