/* SPDX-License-Identifier: MIT */
/*
 * input - a window on a file or pipe that slides forward; gzip is recognised and inflated
 *
 * The bytes at input_at() are the next ones, input_fill() makes sure how many there are. They stay
 * where they are until the next input_fill(), input_seek() or input_spool().
 */

#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "fault.h"

enum { INPUT_SLACK = 64 };

struct gz;

struct input {
	const char *name; /* as messages give it */
	struct fault fault;
	int fd;
	struct gz *gz; /* NULL where the file is not compressed */
	bool eof;      /* nothing comes after buf[end] */
	uint8_t *buf;  /* INPUT_SLACK bytes more than cap are there, for those who look ahead */
	size_t cap;
	size_t begin, end; /* the window is buf[begin .. end) */
	uint64_t offset;   /* of buf[begin] in the (inflated) file */
	uint64_t size;     /* of the file, 0 where that is not known */
	bool progress;     /* say on stderr how far we are */
	uint64_t said;     /* the offset where that was said last */
};

/* "-" or NULL is standard input. False with the fault set when it cannot be opened or read. */
bool input_open(struct input *, const char *name);
/* The same for a file that is open; input_close() closes it. */
bool input_open_fd(struct input *, const char *name, int fd);

void input_close(struct input *);

/* Have at least n bytes in the window, fewer only at the end or on error; how many there are. */
size_t input_fill(struct input *, size_t n);

static inline const uint8_t *
input_at(const struct input *in)
{
	return in->buf + in->begin;
}

/* Go n bytes on, which must be in the window. */
static inline void
input_take(struct input *in, size_t n)
{
	in->begin += n;
	in->offset += n;
}

/* Go n bytes on, in the window or not; false when the file ends before. */
bool input_skip(struct input *, uint64_t n);

/*
 * Make a pipe or a gzip'd file seekable, by copying what is left of it to an unlinked temporary
 * file. Offset 0 is then the window's first byte. A seekable file stays as it is. Where the input
 * is damaged its fault is set, and what came before the damage is the file.
 */
bool input_spool(struct input *);

/* Go to an offset of a seekable file. */
bool input_seek(struct input *, uint64_t offset);

/* Read n bytes, or n pieces of memory full, at an offset of a seekable file, the window staying
 * where it is; false (no fault) when it ends before. */
bool input_read_at(struct input *, uint64_t offset, void *, size_t n);
bool input_readv_at(struct input *, uint64_t offset, const struct iovec *, size_t n);

#endif
