/* SPDX-License-Identifier: MIT */
/*
 * input - a window that slides forward over a file or pipe; gzip is inflated
 *
 * input_at() is the next byte, and input_fill() returns the number of bytes there. They stay valid
 * until the next input_fill(), input_seek() or input_spool(). An error sets the fault after all
 * bytes before it have been read.
 */

#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "fault.h"

enum { INPUT_SLACK = 64 };

#define INPUT_SPOOL_MAX ((uint64_t)16 << 30)

struct gz;

struct input {
	const char *name; /* as in messages */
	struct fault fault;
	int fd;
	struct gz *gz; /* NULL if the file is not compressed */
	bool eof;      /* nothing follows buf[end] */
	uint8_t *buf;  /* cap bytes, and INPUT_SLACK more for those who look ahead */
	size_t cap;
	size_t begin, end;  /* the window is buf[begin .. end) */
	uint64_t offset;    /* of buf[begin] in the (inflated) file */
	uint64_t size;      /* of a regular file that is not compressed; otherwise 0 */
	uint64_t reached;   /* the end of what has been read, by any function */
	uint64_t spool_max; /* bytes that input_spool() copies at most */
	bool progress;      /* print on stderr how much has been read */
	uint64_t printed;   /* the offset when that was printed last */
};

/* Open a file; NULL and "-" are standard input. False with the fault set if it cannot be opened or
 * read. */
bool input_open(struct input *, const char *name);
/* The same for an open descriptor, which input_close() closes. */
bool input_open_fd(struct input *, const char *name, int fd);

void input_close(struct input *);

/* Have at least n bytes in the window, fewer only at the end or on error. Returns their number. */
size_t input_fill(struct input *, size_t n);

static inline const uint8_t *
input_at(const struct input *in)
{
	return in->buf + in->begin;
}

/* Move the window n bytes on, which must be in it. */
static inline void
input_take(struct input *in, size_t n)
{
	in->begin += n;
	in->offset += n;
}

/* Move the window n bytes on; false if the file ends before. */
bool input_skip(struct input *, uint64_t n);

/* If the file is compressed in a way that is not inflated here: its type and the command to inflate
 * it, "an xz file: xz -dc file"; otherwise NULL. */
const char *input_compression(struct input *);

/*
 * Make a pipe or a gzip file seekable: copy what is left of it to a temporary file, in which the
 * window's first byte has offset 0. A seekable file stays as it is. If the input is damaged or has
 * more than spool_max bytes the fault is set, and the file has the bytes before. False if no file
 * can be made.
 */
bool input_spool(struct input *);

/* Record that spool_max bytes are not enough. Returns false. */
bool input_spool_full(struct input *);

/* Move the window to an offset of a seekable file. */
bool input_seek(struct input *, uint64_t offset);

/* Read n bytes, or fill n pieces of memory, at an offset of a seekable file; the window does not
 * move. False (without a fault) if the file ends before. */
bool input_read_at(struct input *, uint64_t offset, void *, size_t n);
bool input_readv_at(struct input *, uint64_t offset, const struct iovec *, size_t n);

#endif
