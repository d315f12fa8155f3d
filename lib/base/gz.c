/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "gz.h"
#include "mem.h"

enum {
	GZ_BUFFER = 64 * 1024,
	GZ_FRAMING = 16, /* added to zlib's window bits: gzip, not zlib framing */
	GZ_MAGIC = 2     /* bytes of a member that zlib checks first */
};

struct gz {
	z_stream z;
	int fd;
	bool in_member; /* a member has begun and not ended */
	size_t members; /* the number of complete members */
	char why[96];   /* "" while there is no error */
	size_t cap;     /* of buf */
	uint8_t buf[];  /* compressed bytes */
};

static voidpf
alloc(voidpf unused, uInt n, uInt size)
{
	(void)unused;
	return mem_resize(NULL, n, size);
}

static void
release(voidpf unused, voidpf p)
{
	(void)unused;
	free(p);
}

struct gz *
gz_open(int fd, const uint8_t *head, size_t n)
{
	size_t cap = n > GZ_BUFFER ? n : GZ_BUFFER;
	struct gz *g = mem_alloc(sizeof *g + cap);

	g->fd = fd;
	g->cap = cap;
	memcpy(g->buf, head, n);
	g->z = (z_stream){ .next_in = g->buf, .zalloc = alloc, .zfree = release };
	g->z.avail_in = (uInt)n;
	inflateInit2(&g->z, GZ_FRAMING + MAX_WBITS);
	return g;
}

void
gz_free(struct gz *g)
{
	if (g != NULL)
		inflateEnd(&g->z);
	free(g);
}

static void
fail(struct gz *g, const char *what, const char *detail)
{
	snprintf(g->why, sizeof g->why, "%s%s", what, detail == NULL ? "" : detail);
}

/* Read more compressed bytes; false at the end of the file and on error. */
static bool
more(struct gz *g)
{
	ssize_t n;

	while ((n = read(g->fd, g->buf, g->cap)) < 0 && errno == EINTR)
		;
	g->z.next_in = g->buf;
	g->z.avail_in = n > 0 ? (uInt)n : 0;
	if (n < 0)
		fail(g, strerror(errno), NULL);
	else if (n == 0 && g->in_member)
		fail(g, "the gzip stream is cut short", NULL);
	return n > 0;
}

/* Inflate as much as there is room for, at most to the end of the member; there, prepare for the
 * next one. */
static void
step(struct gz *g)
{
	int status = inflate(&g->z, Z_NO_FLUSH);

	g->in_member = status != Z_STREAM_END;
	if (status == Z_STREAM_END) {
		g->members++;
		inflateReset(&g->z);
	} else if (status != Z_OK && status != Z_BUF_ERROR) {
		if (g->members > 0 && g->z.total_in <= GZ_MAGIC)
			fail(g, "garbage after the gzip stream", NULL);
		else
			fail(g, "the gzip stream is damaged: ", g->z.msg);
	}
}

ssize_t
gz_read(struct gz *g, uint8_t *buf, size_t n, const char **why)
{
	n = n < INT_MAX ? n : INT_MAX;
	g->z.next_out = buf;
	g->z.avail_out = (uInt)n;
	while (g->z.avail_out == n && g->why[0] == '\0')
		if (g->z.avail_in > 0 || more(g))
			step(g);
		else
			break;
	*why = g->why;
	if (g->z.avail_out == n && g->why[0] != '\0')
		return -1;
	return (ssize_t)(n - g->z.avail_out);
}

const char *
gz_unpack(const void *p, size_t n, struct strbuf *out, size_t most)
{
	uLongf got = most;
	int status = uncompress((Bytef *)strbuf_reserve(out, most), &got, p, n);

	if (status == Z_OK)
		out->n += got;
	return status == Z_OK          ? NULL
	       : status == Z_BUF_ERROR ? "more data than expected"
				       : zError(status);
}

struct gzout {
	z_stream z;
	struct out *out;
	uint8_t buf[GZ_BUFFER];
};

struct gzout *
gzout_open(struct out *out)
{
	enum { MEMORY = 8 /* zlib's default */ };
	struct gzout *g = mem_alloc(sizeof *g);

	g->out = out;
	g->z.zalloc = alloc;
	g->z.zfree = release;
	/* it cannot fail: the arguments are valid, and memory runs out in mem.c */
	deflateInit2(&g->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + GZ_FRAMING, MEMORY,
	    Z_DEFAULT_STRATEGY);
	return g;
}

/* Deflate what is in the input, and write what comes out. */
static void
deflate_all(struct gzout *g, int flush)
{
	do {
		g->z.next_out = g->buf;
		g->z.avail_out = sizeof g->buf;
		deflate(&g->z, flush);
		out_bytes(g->out, g->buf, sizeof g->buf - g->z.avail_out);
	} while (g->z.avail_out == 0);
}

void
gzout_write(struct gzout *g, const void *p, size_t n)
{
	const uint8_t *next = p;
	size_t part;

	for (; n > 0; n -= part, next += part) {
		part = n < UINT_MAX ? n : UINT_MAX;
		g->z.next_in = (z_const Bytef *)next;
		g->z.avail_in = (uInt)part;
		deflate_all(g, Z_NO_FLUSH);
	}
}

void
gzout_close(struct gzout *g)
{
	deflate_all(g, Z_FINISH);
	deflateEnd(&g->z);
	free(g);
}
