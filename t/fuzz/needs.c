/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream: pick records, and write what they need; what is written is a stream
 * again. */

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rec/pick.h"
#include "symbols/needs.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

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

/* Whatever was written must be a stream. */
static void
check(struct out *out)
{
	struct input in;
	struct recin rec = { .in = &in };
	struct rec r;

	out_flush(out);
	lseek(out->fd, 0, SEEK_SET);
	input_open_fd(&in, "written", out->fd);
	while (rec_next(&rec, &r) && rec_check(&rec, &r))
		;
	if (fault_is(&rec.fault))
		abort();
	input_close(&in);
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
	int fd = memfd_create("fuzz", 0);

	if (write(fd, p, n) != (ssize_t)n)
		return 0;
	lseek(fd, 0, SEEK_SET);
	input_open_fd(&in, "fuzz", fd);
	out_open(&out, memfd_create("out", 0));
	pick_tasks(&pick, tasks);
	if (n % 5 == 0)
		pick_events(&pick, events);
	needs_open(&needs);
	part(&pick, &needs, &rec, &out);
	check(&out);
	needs_free(&needs);
	pick_free(&pick);
	out_free(&out);
	input_close(&in);
	return 0;
}
