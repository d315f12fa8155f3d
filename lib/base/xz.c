/* SPDX-License-Identifier: MIT */

#include <lzma.h>

#include "xz.h"

enum { MAXMEMORY = 40 << 20, PIECE = 64 << 10 };

static const char *
reason(lzma_ret status)
{
	switch (status) {
	case LZMA_FORMAT_ERROR:
		return "not in the format of xz";
	case LZMA_MEMLIMIT_ERROR:
		return "needs more than 40 MB to inflate";
	case LZMA_BUF_ERROR:
		return "cut short";
	default:
		return "corrupt";
	}
}

/* Inflate the rest of the stream piece by piece: its header need not say how much there is. */
static lzma_ret
inflate(lzma_stream *z, struct strbuf *out, size_t most)
{
	lzma_ret status = LZMA_OK;
	size_t n;

	while (status == LZMA_OK && most > 0) {
		n = most < PIECE ? most : PIECE;
		z->next_out = (uint8_t *)strbuf_reserve(out, n);
		z->avail_out = n;
		status = lzma_code(z, LZMA_FINISH);
		out->n += n - z->avail_out;
		most -= n - z->avail_out;
	}
	return status;
}

const char *
xz_unpack(const void *p, size_t n, struct strbuf *out, size_t most)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_ret status = lzma_stream_decoder(&z, MAXMEMORY, LZMA_CONCATENATED);

	z.next_in = p;
	z.avail_in = n;
	if (status == LZMA_OK)
		status = inflate(&z, out, most);
	lzma_end(&z);
	if (status == LZMA_STREAM_END)
		return NULL;
	return status == LZMA_OK ? "more data than expected" : reason(status);
}
