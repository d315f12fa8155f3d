/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "mem.h"
#include "out.h"

enum { OUT_BUFFER = 256 * 1024 };

void
out_open(struct out *o, int fd)
{
	*o = (struct out){ .fd = fd, .cap = OUT_BUFFER };
	o->buf = mem_resize(NULL, o->cap, 1);
}

void
out_flush(struct out *o)
{
	size_t done = 0;
	ssize_t n;

	while (o->fd >= 0 && done < o->n && o->error == 0) {
		n = write(o->fd, o->buf + done, o->n - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			o->error = errno;
	}
	o->n = 0;
}

void
out_free(struct out *o)
{
	if (!o->lent)
		free(o->buf);
	free(o->cache);
	o->buf = NULL;
	o->cache = NULL;
}

void
out_make_room(struct out *o, size_t n)
{
	out_flush(o);
	if (o->cap < n) {
		o->cap = n;
		o->buf = mem_resize(o->lent ? NULL : o->buf, o->cap, 1);
		o->lent = false;
	}
}

void
out_bytes(struct out *o, const void *p, size_t n)
{
	char *d = out_room(o, n);

	if (n > 0)
		memcpy(d, p, n);
	o->n += n;
}

void
out_u64(struct out *o, uint64_t v)
{
	o->n += text_put_u64(out_room(o, TEXT_NUMBER), v);
}

void
out_s64(struct out *o, int64_t v)
{
	o->n += text_put_s64(out_room(o, TEXT_NUMBER), v);
}

void
out_hex(struct out *o, uint64_t v)
{
	o->n += text_put_hex(out_room(o, TEXT_NUMBER), v);
}
