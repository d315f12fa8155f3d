/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "gz.h"
#include "mem.h"

enum { GZ_BUFFER = 64 * 1024, GZ_HEADER = 16 /* zlib: expect gzip, not zlib, framing */ };

struct gz {
	z_stream z;
	int fd;
	bool started; /* inside a member */
	size_t cap;
	uint8_t buf[];
};

struct gz *
gz_open(int fd, const uint8_t *head, size_t n)
{
	size_t cap = n > GZ_BUFFER ? n : GZ_BUFFER;
	struct gz *g = mem_alloc(sizeof *g + cap);

	g->fd = fd;
	g->cap = cap;
	memcpy(g->buf, head, n);
	g->z.next_in = g->buf;
	g->z.avail_in = (uInt)n;
	inflateInit2(&g->z, GZ_HEADER + MAX_WBITS);
	return g;
}

void
gz_free(struct gz *g)
{
	if (g != NULL)
		inflateEnd(&g->z);
	free(g);
}

/* More compressed bytes: 1, 0 at the end of the file, -1 on error. */
static int
more(struct gz *g)
{
	ssize_t n;

	while ((n = read(g->fd, g->buf, g->cap)) < 0 && errno == EINTR)
		;
	g->z.next_in = g->buf;
	g->z.avail_in = n > 0 ? (uInt)n : 0;
	return n > 0 ? 1 : (int)n;
}

/* One call of inflate: false on damage. A member's end makes ready for the next one. */
static bool
step(struct gz *g)
{
	int status = inflate(&g->z, Z_NO_FLUSH);

	g->started = true;
	if (status == Z_STREAM_END) {
		g->started = false;
		return inflateReset(&g->z) == Z_OK;
	}
	return status == Z_OK || status == Z_BUF_ERROR;
}

ssize_t
gz_read(struct gz *g, uint8_t *buf, size_t n)
{
	int got;

	n = n < INT_MAX ? n : INT_MAX;
	g->z.next_out = buf;
	g->z.avail_out = (uInt)n;
	while (g->z.avail_out == n) {
		if (g->z.avail_in == 0 && (got = more(g)) <= 0) {
			if (got == 0 && g->started)
				errno = EBADMSG;
			return got == 0 && g->started ? -1 : got;
		}
		if (!step(g)) {
			errno = EBADMSG;
			return -1;
		}
	}
	return (ssize_t)(n - g->z.avail_out);
}
