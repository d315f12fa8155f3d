/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream: pick records, and write what they need; what is written is a stream
 * again. */

#include "symbols/needs.h"
#include "input.h"
#include "rec/pick.h"

static void
part(struct pick *p, struct needs *n, struct recin *in, struct out *out)
{
	struct rec r;

	while (rec_next(in, &r) && rec_check(in, &r)) {
		pick_note(p, &r);
		if (needs_is_definition(&r)) {
			if (needs_define(n, &r) && pick_touches(p, &r))
				rec_copy(out, &r);
		} else if (pick_matches(p, &r, needs_frames(n, &r))) {
			needs_write(n, out, &r);
			rec_copy(out, &r);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char tasks[] = "7,8,a*", events[] = "switch,wakeup,s*,idle";
	struct pick pick = { .from = 0,
		.to = 1000,
		.machine = n % 2 == 0 ? "h*" : NULL,
		.function = n % 3 == 0 ? "f*" : NULL };
	struct input in;
	struct recin rec = { .in = &in };
	struct needs needs;
	struct out out;

	fuzz_input(&in, p, n);
	out_open(&out, fuzz_file("", 0));
	pick_tasks(&pick, tasks);
	if (n % 5 == 0)
		pick_events(&pick, events);
	needs_open(&needs);
	part(&pick, &needs, &rec, &out);
	out_flush(&out);
	fuzz_is_stream(out.fd);
	needs_free(&needs);
	pick_free(&pick);
	out_free(&out);
	input_close(&in);
	return 0;
}
