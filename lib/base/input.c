/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gz.h"
#include "input.h"
#include "mem.h"
#include "temp.h"

enum { WINDOW = 256 * 1024, PROGRESS_STEP = 64 * 1024 * 1024 };

/* Of a file, the bytes behind the window: its own offset may be shared with other processes. */
static ssize_t
read_some(struct input *in, uint8_t *buf, size_t n)
{
	off_t at = (off_t)(in->offset + (in->end - in->begin));
	ssize_t got;

	if (in->gz != NULL)
		return gz_read(in->gz, buf, n);
	do
		got = in->size > 0 ? pread(in->fd, buf, n, at) : read(in->fd, buf, n);
	while (got < 0 && errno == EINTR);
	return got;
}

static void
say_progress(struct input *in)
{
	if (!in->progress || in->size == 0 || in->offset - in->said < PROGRESS_STEP)
		return;
	in->said = in->offset;
	fprintf(stderr, "\r%s: %u%% ", in->name, (unsigned)(in->offset * 100 / in->size));
}

/* Move the window to the front of the buffer and make the buffer hold n bytes. */
static void
make_room(struct input *in, size_t n)
{
	if (in->begin > 0 && in->end > in->begin)
		memmove(in->buf, in->buf + in->begin, in->end - in->begin);
	in->end -= in->begin;
	in->begin = 0;
	if (n > in->cap) {
		in->cap = n > 2 * in->cap ? n : 2 * in->cap;
		in->buf = mem_resize(in->buf, in->cap + INPUT_SLACK, 1);
	}
}

size_t
input_fill(struct input *in, size_t n)
{
	ssize_t got;

	if (in->end - in->begin >= n || in->eof)
		return in->end - in->begin;
	make_room(in, n);
	while (in->end < n && !in->eof) {
		got = read_some(in, in->buf + in->end, in->cap - in->end);
		if (got > 0)
			in->end += (size_t)got;
		else
			in->eof = true;
		if (got < 0 && errno == EBADMSG)
			fault_set(
			    &in->fault, "%s: the gzip stream is damaged or cut short", in->name);
		else if (got < 0)
			fault_set(&in->fault, "%s: %s", in->name, strerror(errno));
	}
	say_progress(in);
	return in->end;
}

/* The head of a compressed file is in the window: go on behind a decompressor. */
static void
inflate_from_here(struct input *in)
{
	if (in->size > 0)
		lseek(in->fd, (off_t)in->end, SEEK_SET);
	in->gz = gz_open(in->fd, input_at(in), in->end);
	in->begin = in->end = 0;
	in->eof = false;
	in->size = 0;
}

bool
input_open_fd(struct input *in, const char *name, int fd)
{
	struct stat st;

	*in = (struct input){ .name = name, .fd = fd, .cap = WINDOW };
	in->buf = mem_resize(NULL, in->cap + INPUT_SLACK, 1);
	if (fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode) && lseek(in->fd, 0, SEEK_CUR) == 0)
		in->size = (uint64_t)st.st_size;
	if (input_fill(in, 3) >= 3 && memcmp(input_at(in), "\x1f\x8b\x08", 3) == 0)
		inflate_from_here(in);
	return !fault_is(&in->fault);
}

bool
input_open(struct input *in, const char *name)
{
	int fd;

	if (name == NULL || strcmp(name, "-") == 0)
		return input_open_fd(in, "<stdin>", STDIN_FILENO);
	if ((fd = open(name, O_RDONLY | O_CLOEXEC)) >= 0)
		return input_open_fd(in, name, fd);
	*in = (struct input){ .name = name, .fd = -1 };
	return fault_set(&in->fault, "%s: %s", name, strerror(errno));
}

void
input_close(struct input *in)
{
	if (in->said > 0)
		fputs("\r\033[K", stderr);
	gz_free(in->gz);
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	free(in->buf);
	in->buf = NULL;
	in->gz = NULL;
}

bool
input_skip(struct input *in, uint64_t n)
{
	size_t have;

	while (n > 0 && (have = input_fill(in, 1)) > 0) {
		have = have < n ? have : (size_t)n;
		input_take(in, have);
		n -= have;
	}
	return n == 0;
}

static bool
copy_rest(struct input *in, int fd)
{
	size_t n;

	while ((n = input_fill(in, 1)) > 0) {
		if (write(fd, input_at(in), n) != (ssize_t)n)
			return false;
		input_take(in, n);
	}
	return true;
}

bool
input_spool(struct input *in)
{
	uint64_t begin = in->offset;
	int fd;

	if (in->gz == NULL && in->size > 0)
		return true;
	if ((fd = temp_open(&in->fault)) < 0)
		return false;
	if (!copy_rest(in, fd)) {
		fault_set(&in->fault, "%s: cannot copy to a temporary file: %s", in->name,
		    strerror(errno));
		close(fd);
		return false;
	}
	gz_free(in->gz);
	in->gz = NULL;
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	in->fd = fd;
	in->size = in->offset - begin;
	return input_seek(in, 0);
}

bool
input_seek(struct input *in, uint64_t offset)
{
	if (lseek(in->fd, (off_t)offset, SEEK_SET) < 0)
		return fault_set(&in->fault, "%s@0x%llx: %s", in->name, (unsigned long long)offset,
		    strerror(errno));
	in->begin = in->end = 0;
	in->offset = offset;
	in->eof = false;
	return true;
}

bool
input_read_at(struct input *in, uint64_t offset, void *buf, size_t n)
{
	size_t done = 0;
	ssize_t got;

	while (done < n) {
		got = pread(in->fd, (char *)buf + done, n - done, (off_t)(offset + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

bool
input_readv_at(struct input *in, uint64_t offset, const struct iovec *iov, size_t n)
{
	size_t i, all = 0;

	for (i = 0; i < n; i++)
		all += iov[i].iov_len;
	if (preadv(in->fd, iov, (int)n, (off_t)offset) == (ssize_t)all)
		return true;
	for (i = 0; i < n; i++) {
		if (!input_read_at(in, offset, iov[i].iov_base, iov[i].iov_len))
			return false;
		offset += iov[i].iov_len;
	}
	return true;
}
