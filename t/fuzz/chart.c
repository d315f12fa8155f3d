/* SPDX-License-Identifier: MIT */
/* Any bytes as state records: fold and draw them. The first byte chooses the width. */

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "draw/svgchart.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct chart chart = { .from = INT64_MIN, .to = INT64_MAX };
	struct input in;
	struct recin rec = { .in = &in };
	struct out out;
	struct rec r;
	int fd = memfd_create("fuzz", 0), width = SVGCHART_MINWIDTH;

	if (n == 0 || write(fd, p + 1, n - 1) != (ssize_t)(n - 1)) {
		close(fd);
		return 0;
	}
	width += p[0] % 4;
	chart.from = p[0] & 4 ? -1000 : INT64_MIN;
	chart.to = p[0] & 8 ? 1000000 : INT64_MAX;
	chart.budget = p[0] & 16 ? 8 : 0;
	chart.columns = svgchart_columns(width);
	lseek(fd, 0, SEEK_SET);
	input_open_fd(&in, "fuzz", fd);
	out_open(&out, -1);
	chart_open(&chart);
	while (rec_next(&rec, &r) && chart_add(&chart, &rec, &r))
		;
	chart_end(&chart);
	if (chart.scale.any)
		svgchart_draw(&out, &chart, width, 5);
	chart_free(&chart);
	out_free(&out);
	input_close(&in);
	return 0;
}
