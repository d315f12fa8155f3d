/* SPDX-License-Identifier: MIT */
/* Any bytes as state records: fold and draw them. The first byte chooses the width. */

#include "draw/svgchart.h"
#include "input.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct chart chart = { .from = INT64_MIN, .to = INT64_MAX };
	struct input in;
	struct recin rec = { .in = &in };
	struct out out;
	struct rec r;
	int width = SVGCHART_MINWIDTH;

	if (n == 0)
		return 0;
	width += p[0] % 4;
	chart.from = p[0] & 4 ? -1000 : INT64_MIN;
	chart.to = p[0] & 8 ? 1000000 : INT64_MAX;
	chart.bins.budget = p[0] & 16 ? 8 : 0;
	chart.bins.batch = p[0] & 32 ? 4 : 0;
	chart.columns = svgchart_columns(width);
	fuzz_input(&in, p + 1, n - 1);
	out_open(&out, -1);
	chart_open(&chart);
	while (rec_line(&rec, &r) && chart_add(&chart, &rec, &r))
		;
	chart_end(&chart);
	if (chart.bins.any)
		svgchart_draw(&out, &chart, width, 5);
	chart_free(&chart);
	out_free(&out);
	input_close(&in);
	return 0;
}
