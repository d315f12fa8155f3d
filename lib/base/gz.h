/* SPDX-License-Identifier: MIT */
/* gz - inflate a gzip stream read from a file descriptor */

#ifndef GZ_H
#define GZ_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct gz;

/* Inflate what n bytes at head, already read, and then fd hold. Several members in a row are one
 * stream. */
struct gz *gz_open(int fd, const uint8_t *head, size_t n);
void gz_free(struct gz *);

/* Like read(2): 0 at the end; -1 with errno set, EBADMSG for a damaged or cut stream. */
ssize_t gz_read(struct gz *, uint8_t *buf, size_t n);

#endif
