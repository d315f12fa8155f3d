/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <zstd.h>

#include "mem.h"
#include "zstd.h"

enum { STEP = 1 << 17 };

struct zstd {
	ZSTD_DStream *stream;
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
	ZSTD_freeDStream(z->stream);
	free(z);
}

void
zstd_reset(struct zstd *z)
{
	ZSTD_DCtx_reset(z->stream, ZSTD_reset_session_only);
}

const char *
zstd_inflate(struct zstd *z, const void *p, size_t n, struct strbuf *out, size_t most)
{
	ZSTD_inBuffer in = { p, n, 0 };
	ZSTD_outBuffer to;
	size_t room, left;

	while (out->n < most) {
		room = most - out->n < STEP ? most - out->n : STEP;
		to = (ZSTD_outBuffer){ strbuf_reserve(out, room), room, 0 };
		left = ZSTD_decompressStream(z->stream, &to, &in); /* 0: a frame is complete */
		out->n += to.pos;
		if (ZSTD_isError(left))
			return ZSTD_getErrorName(left);
		if (in.pos == in.size && (left == 0 || to.pos < to.size))
			return NULL;
	}
	return "more data than expected";
}
