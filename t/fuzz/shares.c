/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream, its energy shared out over tasks, processes and names: the sums of
 * time are the same. */

#include <stdlib.h>

#include "base/lines.h"
#include "energy/shares.h"
#include "input.h"

static void
must(bool b)
{
	if (!b)
		abort();
}

/* Add up the third column from the right of a table, which is closed. */
static uint64_t
add_up(int fd)
{
	struct lines lines = { .in = &(struct input){ 0 } };
	uint64_t sum = 0, v;
	struct str s;
	unsigned tabs;
	size_t i;

	lseek(fd, 0, SEEK_SET);
	input_open_fd(lines.in, "table", fd);
	while (lines_next(&lines, &s) == LINES_TEXT) {
		for (i = s.n, tabs = 0; i > 0 && tabs < 3; i--)
			tabs += s.p[i - 1] == '\t';
		must(tabs == 3);
		if (lines.n > 1) {
			must(text_u64(s.p + i + 1, s.p + s.n, &v) != NULL);
			sum += v;
		}
	}
	input_close(lines.in);
	return sum;
}

static uint64_t
fold(const uint8_t *p, size_t n, enum shares_by by)
{
	struct shares s = { .by = by };
	struct input in;
	struct recin rec = { .in = &in };
	struct out out;
	struct rec r;
	int fd;

	fuzz_input(&in, p, n);
	while (rec_next(&rec, &r) && rec_check(&rec, &r))
		shares_add(&s, &r);
	fd = fuzz_file("", 0);
	out_open(&out, fd);
	shares_write(&s, &out);
	out_flush(&out);
	out_free(&out);
	shares_free(&s);
	input_close(&in);
	return add_up(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint64_t ns = fold(p, n, SHARES_TASK);

	must(fold(p, n, SHARES_PROCESS) == ns);
	must(fold(p, n, SHARES_NAME) == ns);
	return 0;
}
