/* SPDX-License-Identifier: MIT */
/* Any bytes as a perf.data with CoreSight trace. */

#include <sys/mman.h>
#include <unistd.h>

#include "coresight/etm.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct out out;
	struct etm e = { .rec = { .out = &out, .machine = STR("host"), .raw = true },
		.file = "fuzz",
		.stats = true };
	struct input in;
	int fd = memfd_create("fuzz", 0);

	if (write(fd, p, n) != (ssize_t)n)
		return 0;
	lseek(fd, 0, SEEK_SET);
	out_open(&out, -1);
	if (input_open_fd(&in, "fuzz", fd))
		etm_perf(&e, &in);
	etm_end(&e);
	input_close(&in);
	out_free(&out);
	return 0;
}
