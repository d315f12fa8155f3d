/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream, all of it in one profile: what is written inflates again. */

#include <string.h>

#include "base/gz.h"
#include "export/pprof.h"
#include "input.h"

/* Inflate a file, which is closed. */
static void
inflate_all(int fd)
{
	uint8_t buf[4096];
	const char *why;
	struct gz *gz;
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	gz = gz_open(fd, (const uint8_t *)"", 0);
	while ((n = gz_read(gz, buf, sizeof buf, &why)) > 0)
		;
	if (n < 0)
		abort();
	gz_free(gz);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct pprof profile = { 0 };
	struct out out;
	struct input in;
	struct recin rec = { .in = &in };
	struct rec r;
	int fd = fuzz_file("", 0);

	patterns_add(&profile.counted.events, STR("*"));
	pprof_open(&profile);
	fuzz_input(&in, p, n);
	out_open(&out, fd);
	while (rec_next(&rec, &r)) {
		pprof_add(&profile, &r);
		if (!rec_check(&rec, &r))
			break;
	}
	pprof_write(&profile, &out, n);
	out_flush(&out);
	inflate_all(fd);
	pprof_free(&profile);
	out_free(&out);
	input_close(&in);
	return 0;
}
