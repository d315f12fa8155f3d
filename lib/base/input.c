/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "gz.h"
#include "input.h"
#include "mem.h"
#include "temp.h"
#include "text.h"

enum { WINDOW = 256 * 1024 };

/* Read the bytes after the window. A file is read by offset, as its own position may be shared with
 * other processes. */
static ssize_t
read_some(struct input *in, uint8_t *buf, size_t n, const char **why)
{
	off_t at = (off_t)(in->offset + (in->end - in->begin));
	ssize_t got;

	if (in->gz != NULL)
		return gz_read(in->gz, buf, n, why);
	do
		got = in->size > 0 ? pread(in->fd, buf, n, at) : read(in->fd, buf, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		*why = strerror(errno);
	return got;
}

/* The file was read up to an offset. */
static void
reach(struct input *in, uint64_t offset)
{
	in->reached = offset > in->reached ? offset : in->reached;
	progress_reach(&in->progress, in->name, offset, in->size);
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

static void
fail(struct input *in, const char *why)
{
	if (in->gz == NULL)
		fault_set(&in->fault, "%s: %s", in->name, why);
	else
		fault_set(&in->fault, "%s@0x%llx%s: %s", in->name,
		    (unsigned long long)(in->offset + in->end - in->begin), input_how(in), why);
}

size_t
input_fill(struct input *in, size_t n)
{
	const char *why = NULL;
	ssize_t got;

	if (in->end - in->begin >= n || in->eof)
		return in->end - in->begin;
	make_room(in, n);
	while (in->end < n && !in->eof) {
		got = read_some(in, in->buf + in->end, in->cap - in->end, &why);
		if (got > 0)
			in->end += (size_t)got;
		else
			in->eof = true;
		if (got < 0)
			fail(in, why);
	}
	reach(in, in->offset + in->end);
	return in->end;
}

/* The window has the head of a compressed file: read on through zlib. */
static void
inflate_from_here(struct input *in)
{
	if (in->size > 0)
		lseek(in->fd, (off_t)in->end, SEEK_SET);
	in->gz = gz_open(in->fd, input_at(in), in->end);
	in->gzip = true;
	in->begin = in->end = 0;
	in->eof = false;
	in->size = 0;
}

/* Does it never end, or do something when it is read? A terminal and /dev/null are not meant. */
static bool
is_device(int fd, const struct stat *st)
{
	return S_ISBLK(st->st_mode) ||
	       (S_ISCHR(st->st_mode) && st->st_rdev != makedev(1, 3) && !isatty(fd));
}

bool
input_open_fd(struct input *in, const char *name, int fd)
{
	struct stat st = { 0 };

	*in = (struct input){ .name = name, .fd = fd, .cap = WINDOW, .spool_max = INPUT_SPOOL_MAX };
	in->buf = mem_resize(NULL, in->cap + INPUT_SLACK, 1);
	in->eof = fstat(in->fd, &st) == 0 && is_device(fd, &st);
	if (in->eof)
		return fault_set(&in->fault, "%s: a device: only files and pipes are read", name);
	if (S_ISREG(st.st_mode) && lseek(in->fd, 0, SEEK_CUR) == 0)
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
	if (in->progress.shown)
		fputs(PROGRESS_CLEAR, stderr);
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

const char *
input_compression(struct input *in)
{
	static const struct {
		struct str magic;
		const char *how;
	} formats[] = {
		{ STR_INIT("\xfd\x37zXZ\0"), "an xz file: xz -dc file" },
		{ STR_INIT("\x28\xb5\x2f\xfd"), "a zstd file: zstd -dc file" },
		{ STR_INIT("BZh"), "a bzip2 file: bzip2 -dc file" },
	};
	size_t i;

	for (i = 0; i < sizeof formats / sizeof *formats; i++)
		if (input_fill(in, formats[i].magic.n) >= formats[i].magic.n &&
		    memcmp(input_at(in), formats[i].magic.p, formats[i].magic.n) == 0)
			return formats[i].how;
	return NULL;
}

bool
input_spool_full(struct input *in)
{
	return fault_set(&in->fault,
	    "%s: more than %llu MB, the most that is copied from a pipe or a gzip file "
	    "(--spool-max)",
	    in->name, (unsigned long long)in->spool_max >> 20);
}

/* Copy the rest of the input to a file; false if that cannot be written. */
static bool
copy_rest(struct input *in, int fd, uint64_t *copied)
{
	bool full = false;
	size_t n;

	for (*copied = 0; !full && (n = input_fill(in, 1)) > 0; *copied += n) {
		full = n > in->spool_max - *copied;
		if (full) {
			n = (size_t)(in->spool_max - *copied);
			input_spool_full(in);
		}
		if (!temp_write(fd, *copied, input_at(in), n))
			return false;
		input_take(in, n);
	}
	return true;
}

bool
input_spool(struct input *in)
{
	uint64_t copied;
	int fd;

	if (in->gz == NULL && in->size > 0)
		return true;
	if ((fd = temp_open(&in->fault)) < 0)
		return false;
	if (!copy_rest(in, fd, &copied)) {
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
	in->size = copied;
	in->begin = in->end = 0;
	return input_seek(in, 0);
}

bool
input_seek(struct input *in, uint64_t offset)
{
	progress_return(&in->progress, offset);
	if (offset >= in->offset - in->begin && offset <= in->offset + (in->end - in->begin)) {
		in->begin = (size_t)(offset - (in->offset - in->begin));
		in->offset = offset;
		in->eof = false;
		return true;
	}
	if (lseek(in->fd, (off_t)offset, SEEK_SET) < 0)
		return fault_set(&in->fault, "%s@0x%llx%s: %s", in->name,
		    (unsigned long long)offset, input_how(in), strerror(errno));
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

	reach(in, offset + n);
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
	reach(in, offset + all);
	if (preadv(in->fd, iov, (int)n, (off_t)offset) == (ssize_t)all)
		return true;
	for (i = 0; i < n; i++) {
		if (!input_read_at(in, offset, iov[i].iov_base, iov[i].iov_len))
			return false;
		offset += iov[i].iov_len;
	}
	return true;
}

bool
input_fault(const struct input *in, struct fault *fault, const char *why)
{
	return fault_set(
	    fault, "%s@0x%llx%s: %s", in->name, (unsigned long long)in->offset, input_how(in), why);
}
