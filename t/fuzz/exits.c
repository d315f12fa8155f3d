/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream, its exits counted in all ways: valid records make valid records, no
 * interval is counted twice or lost, and the values of a row are in order. */

#include <stdlib.h>

#include "input.h"
#include "kvm/exits.h"

static void
must(bool b)
{
	if (!b)
		abort();
}

/* Check the rows that were written, and count their intervals. Closes the file. */
static void
check(int fd, uint64_t *counted, uint64_t *open)
{
	struct input in;
	struct recin rec = { .in = &in };
	struct rec r;

	lseek(fd, 0, SEEK_SET);
	input_open_fd(&in, "rows", dup(fd));
	while (rec_next(&rec, &r)) {
		must(r.kind == REC_EXITS && r.exits.count + r.exits.open > 0);
		*counted += r.exits.count;
		*open += r.exits.open;
		if (r.exits.count == 0)
			continue;
		must(r.exits.min <= r.exits.p99 && r.exits.p99 <= r.exits.max);
		must(r.exits.max <= r.exits.time && r.exits.mean <= r.exits.max);
	}
	input_close(&in);
	fuzz_is_stream(fd);
}

static void
fold(const uint8_t *p, size_t n, enum exits_event event, enum exits_per per)
{
	struct exits e = {
		.event = event, .per = per, .by = (enum exits_by)(n % EXITS_BYS), .vcpu = -1
	};
	struct input in;
	struct recin rec = { .in = &in };
	uint64_t counted = 0, open = 0;
	struct out out;
	struct rec r;

	fuzz_input(&in, p, n);
	while (rec_next(&rec, &r) && rec_check(&rec, &r) && exits_add(&e, &r))
		;
	exits_end(&e);
	out_open(&out, fuzz_file("", 0));
	exits_write(&e, &out);
	out_flush(&out);
	check(out.fd, &counted, &open);
	out_free(&out);
	must(counted == e.counts.counted);
	must(open >= e.counts.no_entry + e.counts.torn + e.counts.at_end);
	out_open(&out, fuzz_file("", 0));
	exits_table(&e, &out);
	out_flush(&out);
	close(out.fd);
	out_free(&out);
	exits_free(&e);
	input_close(&in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	int event;

	for (event = 0; event < EXITS_EVENTS; event++)
		fold(p, n, (enum exits_event)event, (enum exits_per)(n % EXITS_PERS));
	return 0;
}
