/* SPDX-License-Identifier: MIT */
/* gz - inflate a gzip stream read from a file descriptor */

#ifndef GZ_H
#define GZ_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct gz;

/* Inflate a stream that starts with n bytes at head, which are read already, and goes on in fd. It
 * may have several members. */
struct gz *gz_open(int fd, const uint8_t *head, size_t n);
void gz_free(struct gz *);

/* Read as read(2) does; 0 at the end. Returns -1 with the reason in *why, after all bytes before
 * the damage have been returned. */
ssize_t gz_read(struct gz *, uint8_t *buf, size_t n, const char **why);

#endif
