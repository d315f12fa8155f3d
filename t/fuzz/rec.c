/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream: what is accepted and written is what was read, so that the checker
 * accepts it again. Folding it is harmless, in both ways. */

#include "input.h"
#include "rec/folded.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct folded folded = { .time = WINDOW_ALL, .period = true },
		      offwake = { .time = WINDOW_ALL, .offwake = true };
	struct input in;
	struct recin rec = { .in = &in };
	struct out out;
	struct rec r;
	int fd = fuzz_file("", 0);

	patterns_add(&folded.counted.events, STR("*"));
	patterns_add(&offwake.counted.events, STR("*"));
	fuzz_input(&in, p, n);
	out_open(&out, fd);
	while (rec_next(&rec, &r)) {
		folded_add(&folded, &r);
		folded_add(&offwake, &r);
		if (!rec_check(&rec, &r))
			break;
		rec_put(&out, &r);
		if (out.n < r.line.n + 1 ||
		    memcmp(out.buf + out.n - r.line.n - 1, r.line.p, r.line.n) != 0)
			abort();
	}
	out_flush(&out);
	fuzz_is_stream(fd); /* closes it */
	out.fd = -1;
	folded_end(&offwake);
	folded_write(&folded, &out, n);
	folded_write(&offwake, &out, n);
	folded_free(&folded);
	folded_free(&offwake);
	out_free(&out);
	input_close(&in);
	return 0;
}
