/* SPDX-License-Identifier: MIT */
/*
 * blocks - a file and a pipe give the same bytes at any offset that is still needed, whether these
 * are in the cache, span blocks or are in the temporary file
 */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "perf/blocks.h"
#include "tap.h"

enum { SIZE = 40 * 1000 * 1000, STEP = 999, BACK = 30 * 1000 * 1000 };

static uint8_t
byte_at(uint64_t offset)
{
	return (uint8_t)(offset ^ offset >> 8 ^ offset >> 16 ^ offset >> 23);
}

static bool
is_there(struct blocks *b, uint64_t offset, size_t n)
{
	const uint8_t *p = blocks_at(b, offset, n);
	size_t i;

	for (i = 0; p != NULL && i < n && p[i] == byte_at(offset + i); i++)
		;
	return p != NULL && i == n;
}

/* Read in small steps to the end and look back at each; drop what is no longer looked at. */
static bool
walk(struct blocks *b)
{
	uint64_t at, low = 0;
	bool good = true;

	for (at = 0; good && at + STEP <= SIZE; at += STEP) {
		if (at > low + BACK)
			blocks_drop(b, low = at - BACK / 3);
		good = is_there(b, at, STEP) && is_there(b, low + (at - low) / 3, 17) &&
		       is_there(b, low, 1);
	}
	return good && !blocks_ended(b, SIZE - 1) && blocks_ended(b, SIZE) &&
	       blocks_at(b, SIZE - 1, 2) == NULL && blocks_at(b, 1, SIZE_MAX) == NULL;
}

/* Read the end, then everything from the start, tuned for that number of places. */
static bool
stride(struct blocks *b, size_t places)
{
	uint64_t at;
	bool good = is_there(b, SIZE - 3, 3);

	blocks_places(b, places);
	for (at = 0; good && at + STEP <= SIZE; at += STEP)
		good = is_there(b, at, STEP);
	return good;
}

static int
data_file(void)
{
	uint8_t *p = mem_alloc(SIZE);
	int fd = memfd_create("data", 0);
	uint64_t i;

	for (i = 0; i < SIZE; i++)
		p[i] = byte_at(i);
	if (write(fd, p, SIZE) != SIZE || lseek(fd, 0, SEEK_SET) < 0)
		puts("Bail out! no memory file");
	free(p);
	return fd;
}

/* A pipe with the bytes of the file. */
static int
data_pipe(void)
{
	int fd = data_file(), end[2];

	if (pipe(end) != 0)
		puts("Bail out! no pipe");
	fflush(stdout);
	if (fork() == 0) {
		dup2(fd, STDIN_FILENO);
		dup2(end[1], STDOUT_FILENO);
		close(end[0]);
		execlp("cat", "cat", (char *)NULL);
		_exit(1);
	}
	close(fd);
	close(end[1]);
	return end[0];
}

int
main(void)
{
	struct tap t = { 0 };
	struct blocks b;
	struct input in;

	input_open_fd(&in, "file", data_file());
	blocks_open(&b, &in, 512);
	tap_ok(&t, b.seekable && walk(&b), "a file's bytes are there, at any offset");
	tap_ok(&t, b.temp < 0 && is_there(&b, 0, STEP), "a file is neither copied nor dropped");
	blocks_close(&b);
	blocks_open(&b, &in, 512);
	tap_ok(&t,
	    stride(&b, 1) && b.ahead > 1 && stride(&b, 200) && stride(&b, 1000) && b.ahead == 1,
	    "also if one or several blocks are read at once");
	blocks_close(&b);
	input_close(&in);

	input_open_fd(&in, "pipe", data_pipe());
	blocks_open(&b, &in, 512);
	tap_ok(&t, !b.seekable && walk(&b), "a pipe's bytes are there while they are needed");
	tap_ok(&t, b.temp >= 0 && b.punched > 0 && blocks_at(&b, 0, 1) == NULL,
	    "bytes beyond the cache are in a file, dropped ones are gone");
	blocks_close(&b);
	input_close(&in);

	input_open_fd(&in, "pipe", data_pipe());
	blocks_open(&b, &in, 512);
	tap_ok(&t, is_there(&b, 0, 100), "a pipe starts at its first byte");
	blocks_drop(&b, SIZE - 50000);
	tap_ok(
	    &t, is_there(&b, SIZE - 50000, 50000) && b.temp < 0, "bytes of a pipe can be skipped");
	blocks_drop(&b, 2 * (uint64_t)SIZE);
	tap_ok(&t, blocks_ended(&b, 2 * (uint64_t)SIZE), "dropping more than the pipe has ends it");
	blocks_close(&b);
	input_close(&in);
	while (wait(NULL) > 0)
		;
	return tap_end(&t);
}
