/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <zstd.h>

#include "mem.h"
#include "zstd.h"

enum { PIECE = 1 << 17 };

struct zstd {
	ZSTD_DStream *stream;
	char piece[PIECE];
};

struct zstd *
zstd_new(void)
{
	struct zstd *z = mem_alloc(sizeof *z);

	z->stream = ZSTD_createDStream();
	return z;
}

void
zstd_free(struct zstd *z)
{
	if (z != NULL)
		ZSTD_freeDStream(z->stream);
	free(z);
}

void
zstd_reset(struct zstd *z)
{
	ZSTD_DCtx_reset(z->stream, ZSTD_reset_session_only);
}

const char *
zstd_pass(struct zstd *z, const void *p, size_t n, bool (*put)(void *arg, const void *, size_t),
    void *arg)
{
	ZSTD_inBuffer in = { p, n, 0 };
	ZSTD_outBuffer out = { z->piece, PIECE, 0 };
	size_t status;

	/* a full piece may not be the last one */
	while (in.pos < in.size || out.pos == out.size) {
		out.pos = 0;
		status = ZSTD_decompressStream(z->stream, &out, &in);
		if (out.pos > 0 && !put(arg, z->piece, out.pos))
			return "";
		if (ZSTD_isError(status))
			return ZSTD_getErrorName(status);
	}
	return NULL;
}

/* Where zstd_unpack() puts what it inflates. */
struct target {
	struct strbuf *out;
	size_t most;
};

static bool
append(void *arg, const void *p, size_t n)
{
	struct target *t = arg;
	size_t room = t->most - t->out->n;

	strbuf_add_bytes(t->out, p, n < room ? n : room);
	return n <= room;
}

const char *
zstd_unpack(struct zstd *z, const void *p, size_t n, struct strbuf *out, size_t most)
{
	struct target t = { out, most };
	const char *why = zstd_pass(z, p, n, append, &t);

	return why != NULL && *why == '\0' ? "more data than expected" : why;
}
