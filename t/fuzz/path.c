/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream, and the path of each of its tasks: it is a stream, its pieces tile
 * the task's life. */

#include "sched/path.h"
#include "input.h"

enum { TASKS = 8 };

/* Check that the pieces of a written path follow one another; closes the file. */
static void
check(int fd)
{
	struct input in;
	struct recin rec = { .in = &in };
	int64_t end = INT64_MIN;
	struct rec r;

	lseek(fd, 0, SEEK_SET);
	input_open_fd(&in, "path", dup(fd));
	while (rec_next(&rec, &r)) {
		if (r.kind != REC_PATH)
			continue;
		if (r.t >= r.path.end || (end != INT64_MIN && r.t != end))
			abort();
		end = r.path.end;
	}
	input_close(&in);
	fuzz_is_stream(fd);
}

/* Returns whether there is a task of that number. */
static bool
walk(const uint8_t *p, size_t n, uint32_t task)
{
	struct path path = { .time = WINDOW_ALL };
	struct input in;
	struct recin rec = { .in = &in };
	struct out out;
	struct rec r;
	bool is_one;

	fuzz_input(&in, p, n);
	while (rec_next(&rec, &r) && rec_check(&rec, &r))
		path_add(&path, &r);
	path_end(&path);
	is_one = path_has(&path, task);
	if (is_one) {
		path_walk(&path, task);
		out_open(&out, fuzz_file("", 0));
		path_write(&path, &out);
		out_flush(&out);
		check(out.fd);
		out_free(&out);
	}
	path_free(&path);
	input_close(&in);
	return is_one;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint32_t task = 0;

	while (task < TASKS && walk(p, n, task))
		task++;
	return 0;
}
