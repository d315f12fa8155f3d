/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream: what is accepted and written is what was read, so that the checker
 * accepts it again. Folding it is harmless. */

#include "input.h"
#include "rec/folded.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct folded folded = { .period = true };
	struct input in;
	struct recin rec = { .in = &in };
	struct out out;
	struct rec r;
	int fd = fuzz_file("", 0);

	patterns_add(&folded.events, STR("*"));
	fuzz_input(&in, p, n);
	out_open(&out, fd);
	while (rec_next(&rec, &r)) {
		folded_add(&folded, &r);
		if (!rec_check(&rec, &r))
			break;
		rec_put(&out, &r);
		if (out.n < r.line.n + 1 ||
		    memcmp(out.buf + out.n - r.line.n - 1, r.line.p, r.line.n) != 0)
			abort();
	}
	out_flush(&out);
	fuzz_is_stream(fd); /* closes it */
	out = (struct out){ .fd = -1, .buf = out.buf, .cap = out.cap };
	folded_write(&folded, &out, n);
	folded_free(&folded);
	out_free(&out);
	input_close(&in);
	return 0;
}
