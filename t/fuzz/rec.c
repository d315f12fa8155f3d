/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream: read, check and write it. */

#include <sys/mman.h>
#include <unistd.h>

#include "rec/rec.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct input in;
	struct recin rec = { .in = &in };
	struct out out;
	struct rec r;
	int fd = memfd_create("fuzz", 0);

	if (write(fd, p, n) != (ssize_t)n)
		return 0;
	lseek(fd, 0, SEEK_SET);
	input_open_fd(&in, "fuzz", fd);
	out_open(&out, -1);
	while (rec_next(&rec, &r) && rec_check(&rec, &r))
		rec_put(&out, &r);
	out_free(&out);
	input_close(&in);
	return 0;
}
