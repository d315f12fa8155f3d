/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream: pick records, and write what they need; what is written is a stream
 * again. */

#include "symbols/deps.h"
#include "input.h"
#include "rec/select.h"

static void
part(struct select *p, struct deps *n, struct recin *in, struct out *out)
{
	struct rec r;

	while (rec_next(in, &r) && rec_check(in, &r)) {
		select_note(p, &r);
		if (rec_is_definition(&r)) {
			if (deps_define(n, &r) && select_touches(p, &r))
				rec_copy(out, &r);
		} else if (select_matches(p, &r, deps_frames(n, &r))) {
			deps_write(n, out, &r);
			rec_copy(out, &r);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char tasks[] = "7,8,a*";
	struct select pick = { .time = WINDOW_ALL };
	struct input in;
	struct recin rec = { .in = &in };
	struct deps *deps = deps_new();
	struct out out;

	fuzz_input(&in, p, n);
	out_open(&out, fuzz_file("", 0));
	window_parse(&pick.time, "0,1000");
	tasklist_add(&pick.tasks, tasks);
	if (n % 2 == 0)
		patterns_add(&pick.machine, STR("h*"));
	if (n % 3 == 0)
		patterns_add(&pick.function, STR("f*"));
	if (n % 5 == 0)
		patterns_add_list(&pick.event, "switch,wakeup,s*,idle");
	part(&pick, deps, &rec, &out);
	out_flush(&out);
	fuzz_is_stream(out.fd);
	deps_free(deps);
	select_free(&pick);
	out_free(&out);
	input_close(&in);
	return 0;
}
