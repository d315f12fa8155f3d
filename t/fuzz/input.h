/* SPDX-License-Identifier: MIT */
/* input - give the bytes of a fuzz target to a reader, and check the records that come out */

#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rec/rec.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Make a file in memory that holds the bytes, positioned at its start. */
static inline int
fuzz_file(const void *p, size_t n)
{
	int fd = memfd_create("fuzz", 0);

	if (fd < 0 || (n > 0 && write(fd, p, n) != (ssize_t)n) || lseek(fd, 0, SEEK_SET) < 0)
		abort();
	return fd;
}

/* Write the bytes to a file of that name in a folder. */
static inline void
fuzz_file_in(const char *folder, const char *name, const uint8_t *p, size_t n)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if ((f = fopen(path, "w")) == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		abort();
}

static inline void
fuzz_input(struct input *in, const void *p, size_t n)
{
	input_open_fd(in, "fuzz", fuzz_file(p, n));
}

/* Take a message of a reader, which says something. */
static inline void
fuzz_note(void *arg, const char *kind, const char *text)
{
	(void)arg;
	if (*kind == '\0' || *text == '\0')
		abort();
}

/* Abort if a file is not a valid record stream; closes it. */
static inline void
fuzz_is_stream(int fd)
{
	struct input in;
	struct recin rec = { .in = &in };
	struct rec r;

	lseek(fd, 0, SEEK_SET);
	input_open_fd(&in, "written", fd);
	while (rec_next(&rec, &r) && rec_check(&rec, &r))
		;
	if (fault_is(&rec.fault)) {
		fprintf(stderr, "%s\n", rec.fault.text);
		abort();
	}
	input_close(&in);
}

#endif
