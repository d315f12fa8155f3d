/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream, its states added up in every table: the times of tasks, processes
 * and names are the same. */

#include <stdlib.h>

#include "base/lines.h"
#include "input.h"
#include "sched/tab.h"

static void
must(bool b)
{
	if (!b)
		abort();
}

/* Add up a table's column of numbers; the file is closed. Wraps, as the tables' own sums must not.
 */
static uint64_t
add_up(int fd, const char *name)
{
	struct lines lines = { .in = &(struct input){ 0 } };
	unsigned i, at = 0;
	uint64_t sum = 0, v;
	struct str s, f;

	lseek(fd, 0, SEEK_SET);
	input_open_fd(lines.in, "table", fd);
	while (lines_next(&lines, &s) == LINES_TEXT) {
		const char *p = s.p, *end = s.p + s.n, *tab;

		for (i = 0; p != NULL; i++, p = tab == NULL ? NULL : tab + 1) {
			tab = memchr(p, '\t', (size_t)(end - p));
			f = (struct str){ p, (size_t)((tab == NULL ? end : tab) - p) };
			if (lines.n == 1 && str_eq(f, str_of(name)))
				at = i;
			else if (lines.n > 1 && i == at && text_u64(f.p, f.p + f.n, &v) != NULL)
				sum += v;
		}
		must(i > 1);
	}
	input_close(lines.in);
	return sum;
}

static uint64_t
fold(const uint8_t *p, size_t n, enum tab_by by, const char *column)
{
	struct tab t = { .by = by, .time = WINDOW_ALL };
	struct input in;
	struct recin rec = { .in = &in };
	struct out out;
	struct rec r;
	int fd;

	fuzz_input(&in, p, n);
	while (rec_next(&rec, &r) && rec_check(&rec, &r))
		tab_add(&t, &r);
	fd = fuzz_file("", 0);
	out_open(&out, fd);
	tab_write(&t, &out);
	out_flush(&out);
	out_free(&out);
	tab_free(&t);
	input_close(&in);
	return add_up(fd, column);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint64_t runs = fold(p, n, TAB_TASK, "runs");

	must(fold(p, n, TAB_PROCESS, "runs") == runs);
	must(fold(p, n, TAB_NAME, "runs") == runs);
	must(fold(p, n, TAB_CPU, "runs") == runs);
	fold(p, n, TAB_WAKER, "wakes");
	fold(p, n, TAB_FUNCTION, "count");
	fold(p, n, TAB_PATH, "count");
	return 0;
}
