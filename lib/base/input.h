/* SPDX-License-Identifier: MIT */
/*
 * input - a window that slides forward over a file or pipe; gzip is inflated
 *
 * input_at() points to the first byte of the window, and input_fill() returns the number of bytes
 * in it. They stay valid until the next input_fill(), input_skip(), input_seek(), input_spool() or
 * input_compression(). A read error sets the fault when a fill gets to it; the bytes before it are
 * in the window.
 *
 * A seekable file is a regular file, not compressed, that was opened at its start, or the temporary
 * file of input_spool().
 */

#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "fault.h"
#include "progress.h"

enum { INPUT_SLACK = 64 };

#define INPUT_SPOOL_MAX ((uint64_t)16 << 30)

struct gz;

struct input {
	const char *name; /* for messages; must outlive the input */
	struct fault fault;
	int fd;
	struct gz *gz; /* NULL if the file is not compressed, or was copied by input_spool() */
	bool gzip;     /* all offsets are those of the decompressed file */
	bool eof;      /* nothing follows the window, or it cannot be read */
	uint8_t *buf;  /* cap bytes, and INPUT_SLACK more, which may be read but mean nothing */
	size_t cap;
	size_t begin, end;  /* the window is buf[begin .. end) */
	uint64_t offset;    /* of buf[begin] in the (inflated) file */
	uint64_t size;      /* of a seekable file; otherwise 0 */
	uint64_t reached;   /* the highest offset up to which any function has read */
	uint64_t spool_max; /* the most bytes that input_spool() copies; at first INPUT_SPOOL_MAX */
	struct progress progress;
};

/* Open a file; NULL and "-" are standard input. False with the fault set if it cannot be opened or
 * read, or is a device; input_close() is needed then, too. */
bool input_open(struct input *, const char *name);
/* The same for an open descriptor, which input_close() closes unless it is standard input. */
bool input_open_fd(struct input *, const char *name, int fd);

/* Free the window and close the file. The name, the offsets and the fault remain. */
void input_close(struct input *);

/* Read until the window has at least n bytes; it has fewer only at the end or on error. Returns the
 * number of bytes in the window, which may be more than n. */
size_t input_fill(struct input *, size_t n);

/* The text after an offset in a message: " (decompressed)", or "" if the offset is one in the file
 * itself. */
static inline const char *
input_how(const struct input *in)
{
	return in->gzip ? " (decompressed)" : "";
}

static inline const uint8_t *
input_at(const struct input *in)
{
	return in->buf + in->begin;
}

/* Drop the first n bytes of the window, which must have them. */
static inline void
input_take(struct input *in, size_t n)
{
	in->begin += n;
	in->offset += n;
}

/* Skip n bytes, in the window and after it; false if the file ends first or cannot be read. */
bool input_skip(struct input *, uint64_t n);

/* If the window starts with the magic bytes of xz, zstd or bzip2, which are not inflated here,
 * return the type and the command that inflates it, "an xz file: xz -dc file"; otherwise NULL. */
const char *input_compression(struct input *);

/*
 * Make a pipe or a gzip file seekable: copy the window and all that follows to a temporary file,
 * which starts at offset 0. A seekable file stays as it is. If the input is damaged or has more
 * than spool_max bytes, the fault is set, the file has the bytes before that, and the result is
 * true. False with the fault set if the file cannot be made.
 */
bool input_spool(struct input *);

/* Set the fault: spool_max bytes are not enough. Always returns false. */
bool input_spool_full(struct input *);

/* Move the window to an offset of a seekable file. False with the fault set if the
 * system refuses. */
bool input_seek(struct input *, uint64_t offset);

/* Read n bytes, or fill n pieces of memory, at an offset of a seekable file; the window does not
 * move. False (without a fault) if the file ends first or cannot be read. */
bool input_read_at(struct input *, uint64_t offset, void *, size_t n);
bool input_readv_at(struct input *, uint64_t offset, const struct iovec *, size_t n);

/* Set a fault, FILE@OFFSET: WHY, with the place that is read next. Returns false. */
bool input_fault(const struct input *, struct fault *, const char *why);

#endif
