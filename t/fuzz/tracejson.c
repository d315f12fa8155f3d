/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream: what its states become is JSON. */

#include <string.h>

#include "base/json.h"
#include "export/tracejson.h"
#include "input.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct out out = { .fd = -1 };
	struct tracejson j = { .out = &out, .time = WINDOW_ALL };
	struct json_pair pairs[3];
	struct json *json = json_open();
	struct input in;
	struct recin rec = { .in = &in };
	struct rec r;
	char *text;
	int fd = fuzz_file("", 0);
	size_t size;

	fuzz_input(&in, p, n);
	out_open(&out, fd);
	tracejson_begin(&j);
	while (rec_next(&rec, &r) && rec_check(&rec, &r))
		tracejson_add(&j, &r);
	tracejson_end(&j);
	out_flush(&out);
	size = (size_t)lseek(fd, 0, SEEK_END);
	text = malloc(size);
	if (text == NULL || pread(fd, text, size, 0) != (ssize_t)size ||
	    json_members(json, (struct str){ text, size }, pairs, 3) != 3)
		abort();
	free(text);
	close(fd);
	tracejson_free(&j);
	out_free(&out);
	json_close(json);
	input_close(&in);
	return 0;
}
